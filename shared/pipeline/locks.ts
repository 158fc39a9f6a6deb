import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { isoTime } from '../text/time.ts';
import { creationTime, LOCK, LOCK_PREFIX, recordKind, textIn, valueIn } from './record.ts';
import { keyOf, type TrackingRecord } from './tracking-table.ts';

const CONCURRENT_DATES = 8;

/** A builder's lock on a date. */
export interface Lock {
  readonly record: TrackingRecord;
  /** Milliseconds since the epoch; undefined when the lock has no expiry, or one later than any date: it never expires. */
  readonly expiresAt: number | undefined;
}

/**
 * The locks on these dates, in their order. Locks have no status, so they are in no index: each date is
 * queried for its own, since reading the whole table for a handful of items would be slow and expensive.
 */
export async function readLocks(table: Table, dates: readonly string[]): Promise<Lock[]> {
  const found = await pMap(dates, (date) => readLocksOfDate(table, date), { concurrency: CONCURRENT_DATES });
  return found.flat();
}

/**
 * DynamoDB deletes what has expired hours later, so an expired lock is an everyday sight. It blocks nobody: the
 * next builder takes it over, from the second after its expiry, since builders compare whole seconds.
 */
export function isExpired({ expiresAt }: Lock, now: number): boolean {
  return expiresAt !== undefined && expiresAt < Math.floor(now / 1_000) * 1_000;
}

type LockState = 'held' | 'expired' | 'never expires';

function lockState(lock: Lock, now: number): LockState {
  if (lock.expiresAt === undefined) return 'never expires';
  return isExpired(lock, now) ? 'expired' : 'held';
}

/** What a list says about a lock; times as `…Z`. */
export interface LockFacts {
  /** The date it locks. */
  readonly date: string;
  readonly state: LockState;
  readonly holder: string | undefined;
  readonly since: string | undefined;
  readonly expires: string | undefined;
}

export function lockFacts(lock: Lock, now: number): LockFacts {
  const { record, expiresAt } = lock;
  return {
    date: record.date_prefix.replace(LOCK_PREFIX, ''),
    state: lockState(lock, now),
    holder: textIn(record)('locked_by'),
    since: creationTime(valueIn(record), now),
    expires: expiresAt === undefined ? undefined : isoTime(expiresAt),
  };
}

/**
 * Deletes a lock, if it is still the one that was read and has expired: one that a builder has taken again in
 * the meantime has a later expiry, and stays.
 *
 * @param now milliseconds since the epoch
 * @returns whether it was deleted
 */
export async function clearExpiredLock(table: Table, lock: Lock, now: number): Promise<boolean> {
  if (!isExpired(lock, now)) return false;
  const { record } = lock;
  try {
    await table.docs.send(
      new DeleteCommand({
        TableName: table.name,
        Key: keyOf(record),
        ConditionExpression: '#ttl = :seen AND #ttl < :now',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':seen': record.ttl, ':now': Math.floor(now / 1_000) },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** All spellings that occur: a partition of its own for each date's lock, or a key among the date's files. */
async function readLocksOfDate(table: Table, date: string): Promise<Lock[]> {
  const [own, among] = await Promise.all([
    queryAll(table, 'date_prefix = :date', { ':date': `${LOCK_PREFIX}${date}` }),
    queryAll(table, 'date_prefix = :date AND begins_with(file_key, :lock)', { ':date': date, ':lock': LOCK }),
  ]);
  // A file's name may begin with the same letters.
  const locks = [...own, ...among].filter((record) => recordKind(record) === 'lock');
  return locks.map((record) => ({ record, expiresAt: expiryOf(record) }));
}

async function queryAll(
  table: Table,
  condition: string,
  values: Record<string, string>,
): Promise<TrackingRecord[]> {
  const query = {
    TableName: table.name,
    KeyConditionExpression: condition,
    ExpressionAttributeValues: values,
    ConsistentRead: true,
  };
  const records: TrackingRecord[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    records.push(...(Items as TrackingRecord[]));
  }
  return records;
}

/** The ends of what a date can be, in milliseconds since the epoch; a `ttl` may be any number. */
const LAST_MILLIS = 8.64e15;

function expiryOf({ ttl }: TrackingRecord): number | undefined {
  if (typeof ttl !== 'number' || ttl * 1_000 > LAST_MILLIS) return undefined;
  return Math.max(ttl * 1_000, -LAST_MILLIS);
}
