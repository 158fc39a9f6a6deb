import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { clockOffset } from './offset.ts';

const run = promisify(execFile);
const TOLERANCE_MILLIS = 20_000;

/** Without a moved clock, as in `npm test`, all of this holds too. */
test('a test has the clock that its run asks for, whichever way it asks for the time', async () => {
  const { stdout } = await run('date', ['+%s']);
  const wanted = Number(stdout) * 1_000 + clockOffset();
  for (const time of [Date.now(), Date.parse(new Date().toISOString()), Date.parse(Date())]) {
    expect(Math.abs(time - wanted)).toBeLessThan(TOLERANCE_MILLIS);
  }
});

test('a time that is given stays as it is', () => {
  expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
  expect(new Date(2_000, 1, 29, 12).getMonth()).toBe(1);
  expect(new Date()).toBeInstanceOf(Date);
});

test.each([
  ['with the environment of the test', process.execPath, ['-p', 'Date.now()'], process.env],
  ['with an environment of its own', process.execPath, ['-p', 'Date.now()'], {}],
  ['by a shell', 'sh', ['-c', '"$NODE" -p "Date.now()"'], { NODE: process.execPath }],
])('a process that is started %s has the clock of the test', async (_, file, args, env) => {
  const { stdout } = await run(file, args, { env });
  expect(Math.abs(Number(stdout) - Date.now())).toBeLessThan(TOLERANCE_MILLIS);
});

test('a test is in the zone that its run asks for', () => {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  expect(timeZone).toBe(process.env.TZ || timeZone);
});
