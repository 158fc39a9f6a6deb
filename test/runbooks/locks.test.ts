import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { interruption, runRunbook } from '../support/runbook.ts';
import { seedRunbookData } from '../support/runbook-data.ts';

let aws: LocalAws;
const locks = (...args: string[]) => locksWith({}, ...args);
const locksWith = (given: Parameters<typeof runRunbook>[3], ...args: string[]) =>
  runRunbook('locks', ['--from', '2026-11-20', '--to', '2026-11-23', ...args], aws.environment, given);

beforeEach(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
  const now = Math.floor(Date.now() / 1_000);
  await putLock('LOCK#2026-11-23', 'LOCK', now - 600);
  await putLock('2026-11-22', 'LOCK#2026-11-22', now - 1);
  await putLock('LOCK#2026-11-21', 'LOCK', now + 600);
  await putLock('LOCK#2026-11-20', 'LOCK', undefined);
});

test('only expired locks are cleared, with the reason kept; every other record stays as it was', async () => {
  const before = await scan();
  const listed = await locks('--clear-expired', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { date: '2026-11-22', state: 'expired', result: 'would be cleared' },
    { date: '2026-11-23', state: 'expired', result: 'would be cleared' },
  ]);
  expect(listed.stderr).toContain('--clear-expired --json --apply --reason WHY');
  expect(await scan()).toEqual(before);

  const cleared = await locks('--clear-expired', '--apply', '--reason', 'builder died', '--yes', '--json');
  expect(cleared.code).toBe(0);
  expect(JSON.parse(cleared.stdout)).toMatchObject([{ result: 'cleared' }, { result: 'cleared' }]);
  const gone = new Set(['LOCK#2026-11-23/LOCK', '2026-11-22/LOCK#2026-11-22']);
  expect(await scan()).toEqual(
    before.filter(({ date_prefix, file_key }) => !gone.has(`${date_prefix}/${file_key}`)),
  );
  expect(await changes()).toMatchObject([
    { origin: 'locks', reason: 'builder died', files: 2, counts: { applied: 2, skipped: 0 } },
  ]);
  const undoable = await runRunbook('undo', [], aws.environment);
  expect(undoable.stderr).toContain('No changes that wrote files.');
});

test('a change that clears locks has the counts of what was cleared, even when it was interrupted', async () => {
  const expired = Math.floor(Date.now() / 1_000) - 1;
  await putLock('2026-11-21', 'LOCK#2026-11-21', expired);
  await putLock('2026-11-20', 'LOCK#2026-11-20', expired);
  const before = await scan();
  const args = ['--clear-expired', '--apply', '--reason', 'builder died', '--yes', '--output', 'ndjson'];
  const { interrupt, press } = interruption();
  const { code } = await locksWith({ interrupt, onOutput: press }, ...args);
  expect(code).toBe(130);
  const cleared = before.length - (await scan()).length;
  expect(cleared).toBeLessThan(4);
  expect(await changes()).toMatchObject([{ counts: { applied: cleared, skipped: 0, failed: 0 } }]);

  // Nobody reads on, but the rest was confirmed as well.
  expect((await locksWith({ readerLeaves: true }, ...args)).code).toBe(0);
  expect(await changes()).toMatchObject([{}, { counts: { applied: 4 - cleared } }]);
  const held = before.filter(({ ttl }) => ttl === undefined || Number(ttl) > expired + 300);
  const files = before.filter(({ locked_by }) => locked_by === undefined);
  expect(await scan()).toEqual(before.filter((record) => [...files, ...held].includes(record)));
});

test('all locks are listed with their state', async () => {
  const { stdout } = await locks();
  const states = stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/ {2,}/).slice(0, 2));
  expect(states).toEqual([
    ['never expires', '2026-11-20'],
    ['held', '2026-11-21'],
    ['expired', '2026-11-22'],
    ['expired', '2026-11-23'],
  ]);
});

test.each([
  ['no reason', ['--yes'], {}, 2, '--reason'],
  ['nobody to ask', ['--reason', 'x'], {}, 3, '--yes'],
  ['production', ['--reason', 'x', '--yes'], { ENVIRONMENT: 'prod' }, 3, '--confirm'],
])('with %s nothing is cleared', async (_case, args, variables, expected, flag) => {
  const before = await scan();
  const environment = { ...aws.environment, ...variables };
  const { code, stdout, stderr } = await runRunbook(
    'locks',
    ['--clear-expired', '--apply', ...args],
    environment,
  );
  expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  expect(stderr).toContain(flag);
  expect(await scan()).toEqual(before);
});

async function putLock(date_prefix: string, file_key: string, ttl: number | undefined) {
  const Item = { date_prefix, file_key, locked_by: 'execution-1', created_at: '2026-11-23T05:00:00Z', ttl };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
}

async function scan() {
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.trackingTable }));
  return Items;
}

async function changes() {
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.projectionTable }));
  return Items.filter(({ pk }) => pk === 'CHANGES');
}
