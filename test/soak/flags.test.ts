import { expect, test } from 'vitest';
import { Refused } from '../../shared/text/refused.ts';
import { parseSoakFlags } from './flags.ts';

test('without flags ten thousand schedules are run, the same ones each time', async () => {
  expect(await parseSoakFlags([])).toEqual({
    runs: 10_000,
    seed: 1,
    minutes: Number.POSITIVE_INFINITY,
    path: undefined,
  });
});

test('flags are read, negative seeds among them', async () => {
  const flags = await parseSoakFlags([
    '--runs',
    '50',
    '--seed',
    '-7',
    '--minutes',
    '0.5',
    '--path',
    '18:0:2',
  ]);
  expect(flags).toEqual({ runs: 50, seed: -7, minutes: 0.5, path: '18:0:2' });
});

test.each([
  [['--runs', 'many'], '--runs: received "many"'],
  [['--runs', '0'], '--runs: received 0'],
  [['--seed', '1.5'], '--seed: received 1.5'],
  [['--minutes', '-1'], '--minutes: received -1'],
  [['--seed', '1', '--path', '1:x'], '--path: received "1:x", allowed: the path that a failure printed'],
  [['--path', '18:0:2'], 'only together with the --seed'],
  [['--seed'], '--seed: received nothing'],
  [['--rnus', '5'], 'rnus'],
  [['stray'], 'stray'],
])('%j is refused as a usage error', async (args, message) => {
  const refused = parseSoakFlags(args);
  await expect(refused).rejects.toBeInstanceOf(Refused);
  await expect(refused).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
});
