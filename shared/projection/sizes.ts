import { type CounterKind, flowPartition } from './counter-kind.ts';
import { type CounterItem, countsOf } from './counters.ts';
import { type Bucket, bucketOf, percentileOf } from './log-buckets.ts';

const ARRIVED = 'arrived';
// Attribute letters for sizes and volumes. Everything that arrived on another day than its date is one volume.
const SIZE = 's';
const VOLUME = 'v';
const UNKNOWN = '_';
const OTHER_DAY = 'x';

/** The sizes of files that arrived, in buckets of bytes that are 5 % wide, and how many bytes arrived in each hour, by date. */
export const sizeCounts: CounterKind = {
  name: 'b',
  passed: ({ entity, date_prefix, steps }) =>
    steps.flatMap(({ from, to, at, bytes }) => {
      if (entity !== 'file' || from !== undefined || to !== 'pending') return [];
      const bucket = bytes === undefined ? UNKNOWN : String(bucketOf(bytes));
      const hour = at.startsWith(`${date_prefix}T`) ? at.slice(11, 13) : OTHER_DAY;
      const add = { [`${SIZE}${bucket}`]: 1, ...(bytes !== undefined && { [`${VOLUME}${hour}`]: bytes }) };
      return [{ pk: flowPartition(date_prefix), part: ARRIVED, add }];
    }),
};

/** What arrived. Percentiles are buckets, in bytes. */
export interface Sizes {
  readonly files: number;
  /** Files whose record does not say how large they are. */
  readonly unknown: number;
  readonly bytes: number;
  /** By hour of the day, UTC, `00` to `23`, if anything arrived; `other_day` if it was not the day of the date. */
  readonly bytes_by_hour: Readonly<Record<string, number>>;
  readonly p50: Bucket | undefined;
  readonly p95: Bucket | undefined;
  readonly p99: Bucket | undefined;
}

/** Adds up the sizes in the flow items of one date or of several. */
export function sizesIn(items: readonly CounterItem[]): Sizes {
  const buckets = new Map<number, number>();
  const hours: Record<string, number> = {};
  let unknown = 0;
  for (const [attribute, count] of items.flatMap((item) => Object.entries(countsOf(item)))) {
    const rest = attribute.slice(1);
    if (attribute[0] === VOLUME) {
      const hour = rest === OTHER_DAY ? 'other_day' : rest;
      hours[hour] = (hours[hour] ?? 0) + count;
    } else if (attribute[0] === SIZE && rest === UNKNOWN) unknown += count;
    else if (attribute[0] === SIZE) {
      const bucket = Number(rest);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
    }
  }
  return {
    files: [...buckets.values()].reduce((sum, count) => sum + count, 0) + unknown,
    unknown,
    bytes: Object.values(hours).reduce((sum, count) => sum + count, 0),
    bytes_by_hour: Object.fromEntries(Object.entries(hours).sort(([a], [b]) => (a < b ? -1 : 1))),
    p50: percentileOf(buckets, 0.5),
    p95: percentileOf(buckets, 0.95),
    p99: percentileOf(buckets, 0.99),
  };
}
