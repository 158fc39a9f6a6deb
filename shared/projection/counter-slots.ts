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
// Longer than a consumer with any work at all is without some: whoever wrote there is gone, or has left the slot.
const IDLE_MILLIS = 60 * MINUTE;

/**
 * The writer of a new process: it begins in a slot that is there and that nobody writes to, if there is one. What it
 * reads only saves it conflicts, so it does without where that fails.
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
 * Adds the counts of slots that nobody has written to for an hour to those of slot 0, each in one transaction, so that
 * a date that is over, or a deployment that was busy once, is read for the price of one item. A slot that somebody
 * writes to after all is left as it is.
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

/** Slot 0 with the counts of another, and with its time where that is the newer one. */
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

/** Takes all counts out of a slot that still has just these, also those that were written without a time. */
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
