/**
 * Histograms that can be added up: each bucket is 5 % wide, so a percentile is known to within its bucket even after
 * summing over slots, dates and weeks.
 */
const GROWTH = Math.log(1.05);

/** A bucket: values from `from` up to but not including `to`. Bucket 0 is everything below 1. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
}

/** The number of the bucket of a value; negative values count as 0. */
export function bucketOf(value: number): number {
  if (value < 1) return 0;
  const near = Math.floor(Math.log(value) / GROWTH) + 1;
  // A logarithm is slightly off if a value is exactly at the edge of a bucket.
  if (value >= boundsOf(near).to) return near + 1;
  return value < boundsOf(near).from ? near - 1 : near;
}

/** The bounds of a bucket. */
export function boundsOf(bucket: number): Bucket {
  if (bucket === 0) return { from: 0, to: 1 };
  return { from: 1.05 ** (bucket - 1), to: 1.05 ** bucket };
}

/** The middle of a bucket; it is off by at most half of the bucket's 5 %. */
export function middleOf({ from, to }: Bucket): number {
  return (from + to) / 2;
}

/** How many values there are. */
export function totalIn(counts: ReadonlyMap<number, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Which share of all values, from 0 to 1, is above a value: to half a bucket. 0 when there are none. */
export function shareAbove(counts: ReadonlyMap<number, number>, value: number): number {
  const above = new Map([...counts].filter(([bucket]) => middleOf(boundsOf(bucket)) > value));
  return totalIn(above) / Math.max(1, totalIn(counts));
}

/**
 * The bucket of a percentile: of the smallest value such that this share of all values is at or below it.
 *
 * @param counts how many values are in each bucket
 * @param share in (0, 1]
 * @returns undefined if there are no values
 */
export function percentileOf(counts: ReadonlyMap<number, number>, share: number): Bucket | undefined {
  const sorted = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  let left = Math.ceil(totalIn(new Map(sorted)) * share);
  for (const [bucket, count] of sorted) {
    left -= count;
    if (left <= 0) return boundsOf(bucket);
  }
  return undefined;
}
