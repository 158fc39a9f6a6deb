import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';
import { seedRunbookData } from '../support/runbook-data.ts';

let aws: LocalAws;
const locks = (...args: string[]) =>
  runRunbook('locks', ['--from', '2026-11-20', '--to', '2026-11-23', ...args], aws.environment);

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
