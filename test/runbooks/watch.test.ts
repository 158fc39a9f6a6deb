import { once } from 'node:events';
import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ending, runRunbook, startRunbook } from '../support/runbook.ts';
import { SPACED, seedRunbookData } from '../support/runbook-data.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
});

test('two snapshots are a JSON array of two; the second has rates', async () => {
  const args = ['--count', '2', '--interval', '0.1s', '--json'];
  const { code, stdout } = await runRunbook('watch', args, aws.environment);
  expect(code).toBe(0);
  const [first, second, ...more] = JSON.parse(stdout);
  expect(more).toEqual([]);
  expect(first.rates_per_minute).toBeUndefined();
  expect(second).toMatchObject({
    stats: { total: 3 },
    rates_per_minute: { completed: 0 },
    oldest_in_flight: [{ status: 'pending' }, { status: 'manifested', file_key: SPACED, is_certain: true }],
    monitoring: { unavailable: 'local has no CloudWatch' },
  });
});

test('without a terminal it adds a line for each snapshot; after Ctrl-C it exits with 130', async () => {
  const child = startRunbook('watch', ['--interval', '1h'], aws.environment);
  const ended = ending(child);
  await once(child.stdout, 'data');
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(130);
  expect(stdout).toMatch(/^\S+Z pending=0 manifested=1 .*total=3 .*oldest_pending=unknown .*\n$/);
  expect(stderr).toContain('Stopping after work in progress… press Ctrl-C again to quit now.');
});

test('an interval that would read without a pause, or that no timer can wait for, is refused', async () => {
  for (const interval of ['0s', '60d']) {
    const { code, stderr } = await runRunbook('watch', ['--interval', interval], aws.environment);
    expect([code, stderr]).toEqual([2, expect.stringContaining('allowed: from 0.1s to 1d')]);
  }
});
