/**
 * Histograms that add up: each bucket is 5 % wide, so whatever is summed over slots, dates and weeks, a percentile is
 * known to within the bucket that it falls into.
 */
const GROWTH = Math.log(1.05);

/** A bucket: values from `from` up to, and without, `to`. Bucket 0 is all below 1. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
}

/** The number of the bucket of a value; a negative one counts as nothing. */
export function bucketOf(value: number): number {
  if (value < 1) return 0;
  const near = Math.floor(Math.log(value) / GROWTH) + 1;
  // A logarithm is off by a little where a value is the very edge of a bucket.
  if (value >= boundsOf(near).to) return near + 1;
  return value < boundsOf(near).from ? near - 1 : near;
}

/** What a bucket holds. */
export function boundsOf(bucket: number): Bucket {
  if (bucket === 0) return { from: 0, to: 1 };
  return { from: 1.05 ** (bucket - 1), to: 1.05 ** bucket };
}

/** A bucket is 5 % wide: its middle is at most half of that off. */
export function middleOf({ from, to }: Bucket): number {
  return (from + to) / 2;
}

/**
 * The bucket that a percentile falls into: of the value below which, or at which, that share of all values is.
 *
 * @param counts how many values are in each bucket
 * @param share in (0, 1]
 * @returns undefined when there are none
 */
export function percentileOf(counts: ReadonlyMap<number, number>, share: number): Bucket | undefined {
  const sorted = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let left = Math.ceil(total * share);
  for (const [bucket, count] of sorted) {
    left -= count;
    if (left <= 0) return boundsOf(bucket);
  }
  return undefined;
}
