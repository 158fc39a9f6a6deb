import { slotIsOpen } from './closed-slots.ts';
import { type CounterChange, counterPartition } from './counter-kind.ts';
import { sumChanges } from './counter-kinds.ts';
import type { CountDelta } from './counters.ts';
import type { HeadWrite, WriteItem } from './head-writes.ts';
import type { ItemKey } from './items.ts';

/**
 * The counter updates of one transaction, one for each counter that it touches. Each write to a slot of any counter also
 * writes to the same slot of everything's statuses, so closing that one closes them all.
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
  if (changes.length === 0) return [];
  const touched = changes.some(isOfEverything) ? [] : [{ ...EVERYTHING, add: { touched: 1 } }];
  return [...touched, ...changes].map((change) => addTo(table, change, slot, { asOf, now }));
}

const EVERYTHING = { pk: counterPartition(undefined), part: '' };

/** Whether these are the status counts of everything, which a recount may close. */
function isOfEverything({ pk, part }: Pick<CounterChange, 'pk' | 'part'>): boolean {
  return pk === EVERYTHING.pk && part === EVERYTHING.part;
}

interface WriteTimes {
  /** Undefined if nothing from the stream is counted, as in a rebuild. */
  readonly asOf: number | undefined;
  /** When it is written, milliseconds since the epoch. */
  readonly now: number;
  /** When the stream's part was first written, if not now. */
  readonly appliedAt?: number;
}

/** The item of a counter in one slot. */
export function slotKey({ pk, part }: Pick<CounterChange, 'pk' | 'part'>, slot: number): ItemKey {
  return { pk, sk: part === '' ? String(slot) : `${part}#${slot}` };
}

/**
 * The update of one counter item, which is created if it does not exist; for everything's statuses, only if the slot is
 * open.
 */
export function addTo(table: string, change: CounterChange, slot: number, times: WriteTimes): WriteItem {
  const add = change.part === '' ? change.add : { ...change.add, w: 1 };
  const set = timesOf(change.part, times);
  const names = [...Object.keys(set), ...Object.keys(add)];
  const settings = Object.keys(set).map((_, i) => `#a${i} = :a${i}`);
  const additions = names.map((_, i) => `#a${i} :a${i}`).slice(settings.length);
  const open = isOfEverything(change) ? slotIsOpen(times.now) : undefined;
  return {
    Update: {
      TableName: table,
      Key: slotKey(change, slot),
      UpdateExpression: [
        ...(settings.length > 0 ? [`SET ${settings.join(', ')}`] : []),
        `ADD ${additions.join(', ')}`,
      ].join(' '),
      ...(open && { ConditionExpression: open.ConditionExpression }),
      ExpressionAttributeNames: {
        ...open?.ExpressionAttributeNames,
        ...Object.fromEntries(names.map((name, i) => [`#a${i}`, name])),
      },
      ExpressionAttributeValues: {
        ...open?.ExpressionAttributeValues,
        ...Object.fromEntries(names.map((name, i) => [`:a${i}`, set[name] ?? add[name]])),
      },
    },
  };
}

/** Only counters of statuses say how far the consumer is; others say when they were written, for merging. */
function timesOf(part: string, { asOf, now, appliedAt = now }: WriteTimes): Record<string, number> {
  if (part !== '') return { applied_at: now };
  return asOf === undefined ? {} : { as_of: asOf, applied_at: appliedAt };
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

/** Adds a condition to the one that an update may already have. */
export function bothOf(present: string | undefined, condition: string): string {
  return present === undefined ? condition : `${present} AND ${condition}`;
}
