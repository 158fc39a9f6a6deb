import { slotIsOpen } from './closed-slots.ts';
import { counterKey } from './counter-items.ts';
import { type CountDelta, sumDeltas } from './counters.ts';
import type { HeadWrite, WriteItem } from './head-writes.ts';

/**
 * The counter updates of one transaction: one item for everything, and one for each date it touches. Whatever counts
 * in a slot of a date writes to that slot of everything, too: who closes the one closes the other.
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
  const dates = [...new Set(writes.map(({ date_prefix }) => date_prefix))];
  const dated = dates.flatMap((date) => {
    const delta = sumOf(writes.filter(({ date_prefix }) => date_prefix === date));
    return isNone(delta) ? [] : [addCounts(table, date, slot, { delta, asOf, now })];
  });
  if (dated.length === 0) return [];
  const sum = sumOf(writes);
  const delta = isNone(sum) ? { touched: 1 } : sum;
  return [addCounts(table, undefined, slot, { delta, asOf, now }), ...dated];
}

function sumOf(writes: readonly HeadWrite[]): CountDelta {
  return sumDeltas(writes.map(({ delta }) => delta));
}

function isNone(delta: CountDelta): boolean {
  return Object.keys(delta).length === 0;
}

interface CounterUpdate {
  readonly delta: CountDelta;
  /** Undefined when nothing of the stream is counted, such as by a rebuild. */
  readonly asOf: number | undefined;
  /** When it is written, milliseconds since the epoch. */
  readonly now: number;
  /** When the stream's part was first written, where that was not now. */
  readonly appliedAt?: number;
}

/** The update of one counter item, which is made when it is not there yet; of everything, in a slot that is open only. */
export function addCounts(
  table: string,
  date: string | undefined,
  slot: number,
  { delta, asOf, now, appliedAt = now }: CounterUpdate,
): WriteItem {
  const set: Record<string, number> = asOf === undefined ? {} : { as_of: asOf, applied_at: appliedAt };
  const names = [...Object.keys(set), ...Object.keys(delta)];
  const settings = Object.keys(set).map((_, i) => `#a${i} = :a${i}`);
  const additions = names.map((_, i) => `#a${i} :a${i}`).slice(settings.length);
  const open = date === undefined ? slotIsOpen(now) : undefined;
  return {
    Update: {
      TableName: table,
      Key: counterKey(date, slot),
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
        ...Object.fromEntries(names.map((name, i) => [`:a${i}`, set[name] ?? delta[name]])),
      },
    },
  };
}

/** A condition beside the one that an update may have. */
export function bothOf(present: string | undefined, condition: string): string {
  return present === undefined ? condition : `${present} AND ${condition}`;
}
