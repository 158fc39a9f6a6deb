import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { partOf, readItems } from './counter-items.ts';
import { counterPartition, flowPartition } from './counter-kind.ts';
import { addTo, slotKey } from './counter-writes.ts';
import { type CountDelta, type CounterItem, countsOf, sumDeltas } from './counters.ts';
import type { WriteItem } from './head-writes.ts';

// Longer than any busy consumer ever pauses, as for slots of statuses.
const IDLE_MILLIS = 60 * 60_000;

/** A counter's item, at a slot, as it was read. */
interface SeenItem {
  readonly part: string;
  readonly slot: number;
  readonly item: CounterItem;
}

/**
 * Tidies up all counters except those of statuses, of one date or of everything: slots that nobody has written to for an hour
 * are added to slot 0 and removed, and zero counts are removed. Items that are written to in the meantime are left unchanged.
 *
 * @returns how many items were removed
 */
export async function tidyCounters(
  date_prefix: string | undefined,
  deps: Pick<Deps, 'projection' | 'now'>,
): Promise<number> {
  let removed = 0;
  const flow = date_prefix === undefined ? [] : [flowPartition(date_prefix)];
  for (const pk of [counterPartition(date_prefix), ...flow]) {
    removed += await mergeIdle(pk, deps);
    // Slot 0 is read afterwards, because it now has the counts of other slots.
    removed += await cutZeros(pk, deps);
  }
  return removed;
}

async function mergeIdle(pk: string, { projection, now }: Pick<Deps, 'projection' | 'now'>): Promise<number> {
  const items = (await readSeen(projection, pk)).filter(({ slot }) => slot !== 0);
  let removed = 0;
  for (const seen of items.filter(isIdle(now))) {
    const add = sumDeltas([countsOf(seen.item)]);
    const isEmpty = Object.keys(add).length === 0;
    const added = isEmpty ? [] : [filled(projection.name, { pk, part: seen.part, add }, seen)];
    if (await tryWrite(projection, [...added, removal(projection.name, pk, seen)])) removed += 1;
  }
  return removed;
}

async function cutZeros(pk: string, { projection, now }: Pick<Deps, 'projection' | 'now'>): Promise<number> {
  const items = (await readSeen(projection, pk)).filter(({ slot }) => slot === 0);
  let removed = 0;
  for (const seen of items.filter(isIdle(now))) {
    const counts = Object.entries(countsOf(seen.item));
    const zeros = counts.filter(([, count]) => count === 0).map(([attribute]) => attribute);
    if (zeros.length === 0) continue;
    const isEmpty = zeros.length === counts.length;
    const write = isEmpty ? removal(projection.name, pk, seen) : cut(projection.name, pk, seen, zeros);
    if ((await tryWrite(projection, [write])) && isEmpty) removed += 1;
  }
  return removed;
}

function isIdle(now: number): (seen: SeenItem) => boolean {
  return ({ item }) => (item.applied_at ?? 0) < now - IDLE_MILLIS;
}

async function readSeen(table: Table, pk: string): Promise<SeenItem[]> {
  const items = await readItems(table, pk, 'consistent');
  return items.flatMap((item) => {
    const name = partOf(item);
    return name && name.part !== '' ? [{ ...name, item }] : [];
  });
}

/** Uses the time of the older write, so that slot 0 stays idle: nothing new was counted. */
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

async function tryWrite({ docs }: Table, TransactItems: WriteItem[]): Promise<boolean> {
  try {
    await docs.send(new TransactWriteCommand({ TransactItems }));
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}
