import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import {
  clearExpiredLock,
  isExpired,
  type Lock,
  lockFacts,
  readLocks,
} from '../../../shared/pipeline/locks.ts';
import { readRecord } from '../../../shared/pipeline/tracking-table.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');

let aws: LocalAws;
const table = () => ({ docs: aws.documents, name: aws.trackingTable });

beforeAll(async () => {
  aws = await localAws();
});

test('a lock that a builder takes again between reading and clearing stays', async () => {
  const stale = await putAndRead('2026-11-01', NOW / 1_000 - 60);
  expect(isExpired(stale, NOW)).toBe(true);
  const { record: taken } = await putAndRead('2026-11-01', NOW / 1_000 + 300);
  expect(await clearExpiredLock(table(), stale, NOW)).toBe(false);
  expect(await readRecord(table(), stale.record)).toEqual(taken);
});

test('a lock that has not expired is not cleared, even if the caller believes that it has', async () => {
  const held = await putAndRead('2026-11-02', NOW / 1_000 + 1);
  expect(await clearExpiredLock(table(), held, NOW)).toBe(false);
  expect(await readRecord(table(), held.record)).toEqual(held.record);
});

test('a lock without an expiry never expires', async () => {
  const lock = await putAndRead('2026-11-03', undefined);
  expect(isExpired(lock, Number.MAX_SAFE_INTEGER)).toBe(false);
  await expect(clearExpiredLock(table(), lock, NOW)).resolves.toBe(false);
});

test('an expired lock is cleared once', async () => {
  const lock = await putAndRead('2026-11-04', NOW / 1_000 - 1);
  expect(await clearExpiredLock(table(), lock, NOW)).toBe(true);
  expect(await clearExpiredLock(table(), lock, NOW)).toBe(false);
});

test('in the second of its expiry a lock is not expired yet, and in the next it is cleared', async () => {
  const lock = await putAndRead('2026-11-05', NOW / 1_000);
  expect(lockFacts(lock, NOW + 999).state).toBe('held');
  expect(await clearExpiredLock(table(), lock, NOW + 999)).toBe(false);
  expect(lockFacts(lock, NOW + 1_000).state).toBe('expired');
  expect(await clearExpiredLock(table(), lock, NOW + 1_000)).toBe(true);
});

test.each([
  ['later than any date', 8.64e12 + 1, 'never expires', undefined],
  ['in milliseconds', NOW, 'held', '+058864-05-23T00:00:00.000Z'],
  ['earlier than any date', -8.64e12 - 1, 'expired', '-271821-04-20T00:00:00.000Z'],
])('an expiry %s is shown as what it is', async (_, ttl, state, expires) => {
  expect(lockFacts(await putAndRead('2026-11-06', ttl), NOW)).toMatchObject({ state, expires });
});

test('a lock whose whole key is LOCK among the files of a date is listed; files with such names are not', async () => {
  const date_prefix = '2026-11-07';
  for (const file_key of ['LOCK', 'LOCK#1', 'LOCKED-2026-11-07.ndjson'])
    await aws.documents.send(
      new PutCommand({ TableName: aws.trackingTable, Item: { date_prefix, file_key } }),
    );
  const locks = await readLocks(table(), [date_prefix]);
  expect(locks.map(({ record }) => record.file_key)).toEqual(['LOCK', 'LOCK#1']);
});

async function putAndRead(date: string, ttl: number | undefined): Promise<Lock> {
  const Item = { date_prefix: `LOCK#${date}`, file_key: 'LOCK', locked_by: 'execution-1', ttl };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  const [lock] = await readLocks(table(), [date]);
  if (!lock) throw new Error('the lock that was put is not there');
  return lock;
}
