import { expect, test, vi } from 'vitest';
import { Refused } from '../../shared/text/refused.ts';
import { parseFlags } from './flags.ts';

const SECTIONS = [
  { name: 'join', about: 'comparing' },
  { name: 'reads', about: 'asking' },
];

test('without flags everything but the large runs, and nothing is written', async () => {
  expect(await parseFlags([], SECTIONS)).toEqual({
    large: false,
    only: [],
    json: undefined,
    writeResults: false,
  });
});

test('sections are named one by one', async () => {
  const flags = await parseFlags(
    ['--only', 'reads', '--large', '--only', 'join', '--json', 'x.json'],
    SECTIONS,
  );
  expect(flags).toMatchObject({ only: ['reads', 'join'], large: true, json: 'x.json' });
});

test('the help text lists the sections', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await parseFlags(['--help'], SECTIONS)).toBeUndefined();
  expect(write.mock.calls.join()).toContain('join         comparing');
  write.mockRestore();
});

test.each([
  [['--only', 'raeds'], '--only: received raeds, allowed are join, reads'],
  [['--only'], 'only'],
  [['--json'], 'json'],
  [['--json', ''], '--json: received nothing'],
  [['--json', 'no-such-folder/x.json'], '--json: its folder does not exist'],
  [['--json', 'a', '--json', 'b'], '--json: received more than one'],
  [['--write-results', '--only', 'join'], '--only does not go with it'],
  [['--lareg'], 'lareg'],
  [['stray'], 'stray'],
])('%j is refused as a usage error', async (args, message) => {
  const refused = parseFlags(args, SECTIONS);
  await expect(refused).rejects.toBeInstanceOf(Refused);
  await expect(refused).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
});
