import { counterKey } from './counter-items.ts';
import { type CountDelta, sumDeltas } from './counters.ts';
import type { HeadWrite, WriteItem } from './head-writes.ts';

/**
 * The counter updates of one transaction: one item for everything, and one for each date it touches.
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
  const dates = [undefined, ...new Set(writes.map(({ date_prefix }) => date_prefix))];
  return dates.flatMap((date) => {
    const touched = date === undefined ? writes : writes.filter(({ date_prefix }) => date_prefix === date);
    const delta = sumDeltas(touched.map((write) => write.delta));
    if (Object.keys(delta).length === 0) return [];
    return [addCounts(table, date, slot, { delta, asOf, now })];
  });
}

interface CounterUpdate {
  readonly delta: CountDelta;
  /** Undefined when nothing of the stream is counted, such as by a rebuild. */
  readonly asOf: number | undefined;
  readonly now: number;
}

/** The update of one counter item, which is made when it is not there yet. */
export function addCounts(
  table: string,
  date: string | undefined,
  slot: number,
  { delta, asOf, now }: CounterUpdate,
): WriteItem {
  const set: Record<string, number> = asOf === undefined ? {} : { as_of: asOf, applied_at: now };
  const names = [...Object.keys(set), ...Object.keys(delta)];
  const settings = Object.keys(set).map((_, i) => `#a${i} = :a${i}`);
  const additions = names.map((_, i) => `#a${i} :a${i}`).slice(settings.length);
  return {
    Update: {
      TableName: table,
      Key: counterKey(date, slot),
      UpdateExpression: [
        ...(settings.length > 0 ? [`SET ${settings.join(', ')}`] : []),
        `ADD ${additions.join(', ')}`,
      ].join(' '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#a${i}`, name])),
      ExpressionAttributeValues: Object.fromEntries(
        names.map((name, i) => [`:a${i}`, set[name] ?? delta[name]]),
      ),
    },
  };
}
