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
    const suffixes = date === undefined ? suffixesOf(writes) : [];
    return [addCounts(table, date, slot, { delta, suffixes, asOf, now })];
  });
}

const USUAL_SUFFIX = /^#\d{1,3}$/;

/** Only what looks like a shard: a counter item must stay under one write unit whatever is written as status. */
function suffixesOf(writes: readonly HeadWrite[]): string[] {
  const suffixes = writes.flatMap((write) => write.suffixes);
  return [...new Set(suffixes)].filter((suffix) => USUAL_SUFFIX.test(suffix));
}

interface CounterUpdate {
  readonly delta: CountDelta;
  readonly suffixes: readonly string[];
  /** Undefined when nothing of the stream is counted, such as by a rebuild. */
  readonly asOf: number | undefined;
  readonly now: number;
}

/** The update of one counter item, which is made when it is not there yet. */
export function addCounts(
  table: string,
  date: string | undefined,
  slot: number,
  { delta, suffixes, asOf, now }: CounterUpdate,
): WriteItem {
  const added: Record<string, unknown> = {
    ...delta,
    ...(suffixes.length > 0 && { suffixes: new Set(suffixes) }),
  };
  const set: Record<string, number> = asOf === undefined ? {} : { as_of: asOf, applied_at: now };
  const names = [...Object.keys(set), ...Object.keys(added)];
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
        names.map((name, i) => [`:a${i}`, set[name] ?? added[name]]),
      ),
    },
  };
}
