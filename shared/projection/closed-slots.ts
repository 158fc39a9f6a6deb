import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Deps, Table } from '../aws/deps.ts';
import { counterKey } from './counter-items.ts';
import type { CounterItem } from './counters.ts';

// A recount takes seconds. If it dies, it keeps writers out of a slot for no longer than this.
const CLOSED_MILLIS = 60_000;
const MOST_TRIES = 40;
const LONGEST_WAIT_MILLIS = 50;
const CONCURRENT_MARKS = 16;

/** The condition of every write to a slot of everything: that no recount keeps the slot closed. */
export function slotIsOpen(now: number) {
  return {
    ConditionExpression: '(attribute_not_exists(#closed) OR #closed < :now)',
    ExpressionAttributeNames: { '#closed': 'closed_until' },
    ExpressionAttributeValues: { ':now': now },
  };
}

/** @param now milliseconds since the epoch */
export function isClosed({ closed_until = 0 }: CounterItem, now: number): boolean {
  return closed_until >= now;
}

/**
 * Closes slots for a minute at most, so that no writer counts in them, neither for everything nor for any date. A mark is a
 * plain write, which DynamoDB refuses while a transaction is running on the item.
 *
 * @param clock milliseconds since the epoch
 * @returns a function that opens them again; undefined, with nothing closed, if another recount holds one of them or a
 * writer does not finish
 * @throws what DynamoDB refuses, such as throttling, with nothing closed
 */
export async function closeSlots(
  slots: readonly number[],
  { projection, random, sleep, clock }: Pick<Deps, 'projection' | 'random' | 'sleep'> & { clock(): number },
): Promise<(() => Promise<void>) | undefined> {
  const now = clock();
  const until = now + CLOSED_MILLIS;
  const closed: number[] = [];
  const mark = async (slot: number) => {
    for (let tried = 1; ; tried++) {
      const error = await tryMark(projection, slot, { now, until });
      if (error === undefined) closed.push(slot);
      if (error === undefined || error === OTHERS_MARK || tried >= MOST_TRIES) return;
      await sleep(random() * LONGEST_WAIT_MILLIS);
    }
  };
  const unmarkAll = (marked: readonly number[]) => forAll(marked, (slot) => unmark(projection, slot, until));
  try {
    await forAll(slots, mark);
  } catch (error) {
    // A mark that failed may have been written all the same. What cannot be opened now opens by itself.
    await unmarkAll(slots).catch(() => undefined);
    throw error;
  }
  if (closed.length === slots.length) return () => unmarkAll(closed);
  await unmarkAll(closed);
  return undefined;
}

/** Does it for each slot, also when it fails for others. @throws the first failure, when all are through */
async function forAll(slots: readonly number[], act: (slot: number) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  const tried = (slot: number) => act(slot).catch((error: unknown) => void failures.push(error));
  await pMap(slots, tried, { concurrency: CONCURRENT_MARKS });
  if (failures.length > 0) throw failures[0];
}

const OTHERS_MARK = 'ConditionalCheckFailedException';
const IN_TRANSACTION = 'TransactionConflictException';

/** @returns the name of the error that prevented the mark */
async function tryMark(
  { docs, name }: Table,
  slot: number,
  { now, until }: { readonly now: number; readonly until: number },
): Promise<string | undefined> {
  const { ExpressionAttributeValues, ...open } = slotIsOpen(now);
  return refusalOf(
    docs.send(
      new UpdateCommand({
        ...open,
        TableName: name,
        Key: counterKey(undefined, slot),
        UpdateExpression: 'SET #closed = :until',
        ExpressionAttributeValues: { ...ExpressionAttributeValues, ':until': until },
      }),
    ),
  );
}

/** If the mark cannot be removed, it expires within a minute. */
async function unmark({ docs, name }: Table, slot: number, until: number): Promise<void> {
  await refusalOf(
    docs.send(
      new UpdateCommand({
        TableName: name,
        Key: counterKey(undefined, slot),
        UpdateExpression: 'REMOVE closed_until',
        ConditionExpression: 'closed_until = :until',
        ExpressionAttributeValues: { ':until': until },
      }),
    ),
  );
}

async function refusalOf(sent: Promise<unknown>): Promise<string | undefined> {
  try {
    await sent;
    return undefined;
  } catch (error) {
    if (error instanceof Error && [OTHERS_MARK, IN_TRANSACTION].includes(error.name)) return error.name;
    throw error;
  }
}
