import { expect, test } from 'vitest';
import { parseFlags } from '../../../infra/local/flags.ts';
import { Refused } from '../../../shared/text/refused.ts';

test('without flags an endless simulator runs', async () => {
  expect(await parseFlags([])).toMatchObject({ simulator: true, files: undefined, replay: undefined });
});

test('flags are read', async () => {
  const flags = await parseFlags(['--no-simulator', '--rate', '0.5', '--seed', '7', '--files', '20']);
  expect(flags).toMatchObject({ simulator: false, rate: 0.5, seed: 7, files: 20 });
});

test('a flag that is on by default is turned off by --no-NAME, and nothing else is', async () => {
  expect(await parseFlags(['--no-schedules'])).toMatchObject({ simulator: true, schedules: false });
  await expect(parseFlags(['--no-rate'])).rejects.toThrow('--rate: received false');
});

test.each([
  [['--rate', 'fast'], '--rate'],
  [['--rate', '-1'], '--rate: received -1'],
  [['--files', '0'], '--files: received 0'],
  [['--files', '1.5'], '--files: received 1.5'],
  [['--seed'], '--seed: received nothing'],
  [['--replay'], '--replay: received nothing'],
  [['--replay', '/no/such/file.ndjson'], 'allowed: a file that exists'],
  [['--repaly', 'x'], 'repaly'],
  [['stray'], 'stray'],
])('%j is refused', async (args, message) => {
  const refused = parseFlags(args);
  await expect(refused).rejects.toBeInstanceOf(Refused);
  await expect(refused).rejects.toThrow(message);
});
