import type { RecordKey } from '../pipeline/tracking-table.ts';
import { fileArgs } from '../text/shell-text.ts';
import type { FlagShape } from './command.ts';
import { describeFlags, flagName } from './flag-schema.ts';

/** The words of a command line, to be run again without the flags that let it write, or save a plan. */
export function withoutWriting(argv: readonly string[]): string[] {
  return argv.filter((word, i) => {
    const isValue = (flag: string) => argv[i - 1] === flag;
    if (isValue('--reason') || isValue('--confirm') || isValue('--plan-out')) return false;
    return !/^--(?:apply|yes|reason|confirm|plan-out)(?:=|$)/.test(word);
  });
}

/** The words with more flags; one that was given before is replaced. After a bare `--` there are no flags. */
export function withFlags(argv: readonly string[], more: readonly string[]): string[] {
  const bare = argv.indexOf('--');
  const end = bare < 0 ? argv.length : bare;
  const given = new Set(more.filter((word) => word.startsWith('--')));
  const takesValue = (flag: string) => more[more.indexOf(flag) + 1]?.startsWith('--') === false;
  const kept = argv.slice(0, end).filter((word, i) => {
    const before = argv[i - 1];
    if (before !== undefined && given.has(before) && takesValue(before)) return false;
    return !given.has(word.split('=')[0] ?? word);
  });
  return [...kept, ...more, ...argv.slice(end)];
}

/** The flags that name a file, in every spelling. */
const FILE_FLAGS = new Set(['--file', '--file-key', '--date', '--date-prefix']);

/**
 * The words with the whole name of a file in place of a part of it, however that was given.
 *
 * @param shape the flags of the command: the word after a switch may be the part, the one after another flag is its value
 */
export function withFile(
  argv: readonly string[],
  part: string,
  { date_prefix, file_key }: RecordKey,
  shape: FlagShape,
): string[] {
  const described = Object.entries(describeFlags(shape));
  const switches = described.flatMap(([name, { type }]) =>
    type === 'boolean' ? [`--${flagName(name)}`] : [],
  );
  const others = argv.filter(
    (word, i) => !FILE_FLAGS.has(word.split('=')[0] ?? word) && !FILE_FLAGS.has(argv[i - 1] ?? ''),
  );
  const isValue = (i: number) =>
    /^--[^=]+$/.test(others[i - 1] ?? '') && !switches.includes(others[i - 1] ?? '');
  const at = others.findIndex((word, i) => word === part && !isValue(i));
  return [...fileArgs(date_prefix, file_key), ...others.filter((_, i) => i !== at)];
}
