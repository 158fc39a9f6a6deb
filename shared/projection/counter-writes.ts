import { type CounterChange, counterPartition } from './counter-kind.ts';
import { sumChanges } from './counter-kinds.ts';
import type { CountDelta } from './counters.ts';
import type { HeadWrite, WriteItem } from './head-writes.ts';
import type { ItemKey } from './items.ts';

/**
 * The counter updates of one transaction, one for each counter that it touches.
 *
 * @param now when it is written, milliseconds since the epoch
 */
export function counterWrites(
  table: string,
  writes: readonly HeadWrite[],
  slot: number,
  now: number,
): WriteItem[] {
  const streamed = writes.flatMap(({ asOf }) => (asOf === undefined ? [] : [asOf]));
  const asOf = streamed.length > 0 ? Math.max(...streamed) : undefined;
  const changes = sumChanges(writes.flatMap((write) => [...write.changes]));
  return changes.map((change) => addTo(table, change, slot, { asOf, now }));
}

interface WriteTimes {
  /** Undefined when nothing of the stream is counted, such as by a rebuild. */
  readonly asOf: number | undefined;
  readonly now: number;
}

/** The item of a counter in one slot. */
export function slotKey({ pk, part }: Pick<CounterChange, 'pk' | 'part'>, slot: number): ItemKey {
  return { pk, sk: part === '' ? String(slot) : `${part}#${slot}` };
}

/** The update of one counter item, which is made when it is not there yet. */
export function addTo(table: string, change: CounterChange, slot: number, times: WriteTimes): WriteItem {
  const add = change.part === '' ? change.add : { ...change.add, w: 1 };
  return addition(table, slotKey(change, slot), add, timesOf(change.part, times));
}

/** Only counters of statuses tell how far the consumer is; others tell when they were written, for merging. */
function timesOf(part: string, { asOf, now }: WriteTimes): Record<string, number> {
  if (part !== '') return { applied_at: now };
  return asOf === undefined ? {} : { as_of: asOf, applied_at: now };
}

/** The same for the counts of statuses, of one date or of everything. */
export function addCounts(
  table: string,
  date: string | undefined,
  slot: number,
  { delta, ...times }: WriteTimes & { readonly delta: CountDelta },
): WriteItem {
  return addTo(table, { pk: counterPartition(date), part: '', add: delta }, slot, times);
}

function addition(
  table: string,
  Key: ItemKey,
  add: CountDelta,
  set: Readonly<Record<string, number>>,
): WriteItem {
  const names = [...Object.keys(set), ...Object.keys(add)];
  const settings = Object.keys(set).map((_, i) => `#a${i} = :a${i}`);
  const additions = names.map((_, i) => `#a${i} :a${i}`).slice(settings.length);
  return {
    Update: {
      TableName: table,
      Key,
      UpdateExpression: [
        ...(settings.length > 0 ? [`SET ${settings.join(', ')}`] : []),
        `ADD ${additions.join(', ')}`,
      ].join(' '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#a${i}`, name])),
      ExpressionAttributeValues: Object.fromEntries(
        names.map((name, i) => [`:a${i}`, set[name] ?? add[name]]),
      ),
    },
  };
}
