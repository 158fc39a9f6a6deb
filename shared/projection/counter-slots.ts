import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { isClosed, slotIsOpen } from './closed-slots.ts';
import { counterKey, isSlot, readPartition } from './counter-items.ts';
import { addCounts, bothOf } from './counter-writes.ts';
import { COUNT_NAMES, type CounterItem } from './counters.ts';
import type { WriteItem } from './head-writes.ts';
import { createWriter, type Writer } from './writer.ts';

const MINUTE = 60_000;
// Longer than any busy consumer ever pauses: whatever wrote there has ended, or has left the slot.
const IDLE_MILLIS = 60 * MINUTE;

/**
 * The writer of a new process. It begins in an existing slot that nobody writes to, if there is one. Reading the slots only
 * helps to avoid conflicts, so it continues without if that fails.
 */
export async function beginWriter({
  projection,
  random,
  now,
}: Pick<Deps, 'projection' | 'random' | 'now'>): Promise<Writer> {
  const slots = await readSlots(projection).catch(() => []);
  const free = slots.filter((slot) => (slot.applied_at ?? 0) < now - MINUTE && !isClosed(slot, now));
  const begin = (free.length > 0 ? free : slots).map(({ sk }) => Number(sk));
  return createWriter(random, { slots: begin, width: slots.length });
}

async function readSlots(table: Table): Promise<CounterItem[]> {
  return (await readPartition(table, undefined, 'eventual', 'counts')).filter(isSlot).filter(hasCounts);
}

/**
 * Adds the counts of slots that nobody has written to for an hour to slot 0, each in one transaction, so that a finished
 * date, or a deployment that was once busy, can be read for the price of one item. A slot that is written to in the
 * meantime is left unchanged.
 *
 * @returns how many slots were emptied
 */
export async function mergeIdleSlots(
  date_prefix: string | undefined,
  { projection, now }: Pick<Deps, 'projection' | 'now'>,
): Promise<number> {
  const slots = (await readPartition(projection, date_prefix, 'consistent', 'counts')).filter(isSlot);
  const idle = ({ sk, applied_at = 0 }: CounterItem) => sk !== '0' && applied_at < now - IDLE_MILLIS;
  let newest = slots.find(({ sk }) => sk === '0')?.as_of ?? 0;
  let merged = 0;
  for (const slot of slots.filter(hasCounts).filter(idle)) {
    if (await merge(projection, date_prefix, { slot, newest, now })) merged += 1;
    newest = Math.max(newest, slot.as_of ?? 0);
  }
  return merged;
}

async function merge({ docs, name }: Table, date: string | undefined, idle: IdleSlot): Promise<boolean> {
  const TransactItems = [filled(name, date, idle), emptied(name, date, idle)];
  try {
    await docs.send(new TransactWriteCommand({ TransactItems }));
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}

interface IdleSlot {
  readonly slot: CounterItem;
  /** The newest `as_of` that is in slot 0. */
  readonly newest: number;
  readonly now: number;
}

/** Slot 0 with the counts of another slot, and with that slot's time if it is newer. */
function filled(table: string, date: string | undefined, { slot, newest, now }: IdleSlot): WriteItem {
  const counts = COUNT_NAMES.map((attribute) => [attribute, Number(slot[attribute] ?? 0)] as const);
  const delta = { ...Object.fromEntries(counts.filter(([, count]) => count !== 0)), merges: 1 };
  const { as_of = 0, applied_at = as_of } = slot;
  if (as_of <= newest) return addCounts(table, date, 0, { delta, asOf: undefined, now });
  const { Update } = addCounts(table, date, 0, { delta, asOf: as_of, appliedAt: applied_at, now });
  if (!Update) throw new Error('Counts are added by an update.');
  const isNewer = '(attribute_not_exists(#a0) OR #a0 < :a0)';
  return { Update: { ...Update, ConditionExpression: bothOf(Update.ConditionExpression, isNewer) } };
}

/** Removes all counts from a slot that still has exactly these; this includes counts that were written without a time. */
function emptied(table: string, date: string | undefined, { slot, now }: IdleSlot): WriteItem {
  const condition = (attribute: string, i: number) =>
    slot[attribute] === undefined ? `attribute_not_exists(#a${i})` : `#a${i} = :a${i}`;
  const present = COUNT_NAMES.flatMap((attribute, i) =>
    slot[attribute] === undefined ? [] : [[i, attribute] as const],
  );
  const open = date === undefined ? slotIsOpen(now) : undefined;
  return {
    Update: {
      TableName: table,
      Key: counterKey(date, Number(slot.sk)),
      UpdateExpression: `REMOVE ${[...present.map(([i]) => `#a${i}`), 'as_of', 'applied_at'].join(', ')} ADD merges :less`,
      ConditionExpression: bothOf(open?.ConditionExpression, COUNT_NAMES.map(condition).join(' AND ')),
      ExpressionAttributeNames: {
        ...open?.ExpressionAttributeNames,
        ...Object.fromEntries(COUNT_NAMES.map((attribute, i) => [`#a${i}`, attribute])),
      },
      ExpressionAttributeValues: {
        ...open?.ExpressionAttributeValues,
        ':less': -1,
        ...Object.fromEntries(present.map(([i, attribute]) => [`:a${i}`, slot[attribute]])),
      },
    },
  };
}

function hasCounts(item: CounterItem): boolean {
  return COUNT_NAMES.some((attribute) => item[attribute] !== undefined);
}
