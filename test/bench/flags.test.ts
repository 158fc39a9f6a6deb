import { expect, test, vi } from 'vitest';
import { Refused } from '../../shared/text/refused.ts';
import { parseFlags } from './flags.ts';

const SECTIONS = [
  { name: 'join', about: 'comparing' },
  { name: 'reads', about: 'asking' },
];

test('without flags everything except the large inputs is measured, and nothing is written', async () => {
  expect(await parseFlags([], SECTIONS)).toEqual({
    large: false,
    only: [],
    json: undefined,
    writeResults: false,
    writeUnits: false,
  });
});

test('sections can be selected one by one', async () => {
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
  [['--only', 'raeds'], '--only: received "raeds", allowed: join, reads'],
  [['--only'], '--only: received nothing, allowed: join, reads'],
  [['--json'], '--json: received nothing'],
  [['--json', ''], '--json: received nothing'],
  [['--json', 'no-such-folder/x.json'], 'allowed: a file in a folder that exists'],
  [['--json', 'a', '--json', 'b'], '--json: received "a" and "b"'],
  [['--lareg'], 'lareg'],
  [['stray'], 'stray'],
])('%j is refused as a usage error', async (args, message) => {
  const refused = parseFlags(args, SECTIONS);
  await expect(refused).rejects.toBeInstanceOf(Refused);
  await expect(refused).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
});
