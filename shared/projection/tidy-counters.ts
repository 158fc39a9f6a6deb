import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { partOf, readPartition } from './counter-items.ts';
import { counterPartition } from './counter-kind.ts';
import { addTo, slotKey } from './counter-writes.ts';
import type { CountDelta, CounterItem } from './counters.ts';
import type { WriteItem } from './head-writes.ts';
import { countsOf } from './held-counters.ts';

// Longer than a consumer with any work at all is without some, as for slots of statuses.
const IDLE_MILLIS = 60 * 60_000;

/** A counter's item, at a slot, as it was read. */
interface SeenItem {
  readonly part: string;
  readonly slot: number;
  readonly item: CounterItem;
}

/**
 * Puts the counters that stand beside those of statuses in order, of one date or of everything: slots that nobody has
 * written to for an hour are added to slot 0 and removed, and so are counts of nothing. What somebody writes to
 * after all is left as it is.
 *
 * @returns how many items were removed
 */
export async function tidyCounters(
  date_prefix: string | undefined,
  { projection, now }: Pick<Deps, 'projection' | 'now'>,
): Promise<number> {
  const idle = (await readSeen(projection, date_prefix)).filter(
    ({ item }) => (item.applied_at ?? 0) < now - IDLE_MILLIS,
  );
  let removed = 0;
  for (const seen of idle.filter(({ slot }) => slot !== 0)) {
    const { pk, part } = nameOf(date_prefix, seen);
    const counts = withoutZeros(countsOf(seen.item));
    const isEmpty = Object.keys(counts).length === 0;
    const added = isEmpty ? [] : [filled(projection.name, { pk, part, add: counts }, seen)];
    if (await tryWrite(projection, [...added, removal(projection.name, pk, seen)])) removed += 1;
  }
  // Slot 0 is read again: what was idle there has others' counts now.
  const firsts = (await readSeen(projection, date_prefix)).filter(({ slot }) => slot === 0);
  for (const seen of firsts.filter(({ item }) => (item.applied_at ?? 0) < now - IDLE_MILLIS)) {
    const { pk } = nameOf(date_prefix, seen);
    const counts = countsOf(seen.item);
    const zeros = Object.keys(counts).filter((attribute) => counts[attribute] === 0);
    if (zeros.length === 0) continue;
    const isEmpty = zeros.length === Object.keys(counts).length;
    const write = isEmpty ? removal(projection.name, pk, seen) : cut(projection.name, pk, seen, zeros);
    if ((await tryWrite(projection, [write])) && isEmpty) removed += 1;
  }
  return removed;
}

async function readSeen(table: Table, date_prefix: string | undefined): Promise<SeenItem[]> {
  const items = await readPartition(table, date_prefix, 'consistent');
  return items.flatMap((item) => {
    const name = partOf(item);
    return name && name.part !== '' ? [{ ...name, item }] : [];
  });
}

function nameOf(date_prefix: string | undefined, { part }: SeenItem) {
  return { pk: counterPartition(date_prefix), part };
}

/** The time of the older write, so that slot 0 stays idle: nothing was counted now. */
function filled(
  table: string,
  change: { readonly pk: string; readonly part: string; readonly add: CountDelta },
  { item }: SeenItem,
): WriteItem {
  const add = { ...change.add, merged: 1 };
  return addTo(table, { ...change, add }, 0, { asOf: undefined, now: item.applied_at ?? 0 });
}

function removal(table: string, pk: string, { part, slot, item }: SeenItem): WriteItem {
  return { Delete: { TableName: table, Key: slotKey({ pk, part }, slot), ...unchanged(item) } };
}

function cut(table: string, pk: string, { part, slot, item }: SeenItem, zeros: readonly string[]): WriteItem {
  const { ConditionExpression, ExpressionAttributeValues } = unchanged(item);
  return {
    Update: {
      TableName: table,
      Key: slotKey({ pk, part }, slot),
      UpdateExpression: `REMOVE ${zeros.map((_, i) => `#z${i}`).join(', ')} ADD w :one`,
      ConditionExpression,
      ExpressionAttributeNames: Object.fromEntries(zeros.map((zero, i) => [`#z${i}`, zero])),
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ':one': 1 },
    },
  };
}

/** Every write to such a counter raises `w`. */
function unchanged({ w }: CounterItem) {
  return { ConditionExpression: 'w = :seen', ExpressionAttributeValues: { ':seen': w ?? 0 } };
}

function withoutZeros(counts: CountDelta): CountDelta {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

async function tryWrite({ docs }: Table, TransactItems: WriteItem[]): Promise<boolean> {
  try {
    await docs.send(new TransactWriteCommand({ TransactItems }));
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}
