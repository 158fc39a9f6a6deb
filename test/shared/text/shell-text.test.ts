import { expect, test } from 'vitest';
import { commandText, fileArgs, flagArgs } from '../../../shared/text/shell-text.ts';

test('a name that begins with - is not taken for a flag in a printed command', () => {
  const line = commandText('update-state', [...fileArgs('2026-11-23', '-x y.ndjson'), '--force']);
  expect(line).toBe("npx tsx runbooks/update-state.ts '2026-11-23/-x y.ndjson' --date 2026-11-23 --force");
  expect(fileArgs('2026-11-23', 'x.ndjson')).toEqual(['x.ndjson', '--date', '2026-11-23']);
  expect(flagArgs('--object', '-x.ndjson')).toEqual(['--object=-x.ndjson']);
});

test('a word that begins with = is quoted, since zsh would look for a command of that name', () => {
  expect(commandText('files', ['=x.ndjson', '--date=today'])).toBe(
    "npx tsx runbooks/files.ts '=x.ndjson' --date=today",
  );
});
