import { type CounterChange, type CounterKind, flowPartition } from './counter-kind.ts';
import { type CounterItem, countsOf } from './counters.ts';
import { type Bucket, bucketOf, percentileOf, totalIn } from './log-buckets.ts';

/** The steps of a file whose durations are kept. */
export const TIMED_STEPS = [
  'pending_to_manifested',
  'manifested_to_processing',
  'manifested_to_completed',
  'manifested_to_failed',
  'processing_to_completed',
  'processing_to_failed',
  'arrival_to_settled',
] as const;
export type TimedStep = (typeof TIMED_STEPS)[number];

// Every write pays for the entire item, so claims and ends, which mostly come in separate batches, have separate items.
const CLAIMED = 'claimed';
const SETTLED = 'settled';
const PLACES: Readonly<Record<TimedStep, readonly [part: string, letter: string]>> = {
  pending_to_manifested: [CLAIMED, 'p'],
  manifested_to_processing: [CLAIMED, 'm'],
  manifested_to_completed: [SETTLED, 'c'],
  manifested_to_failed: [SETTLED, 'f'],
  processing_to_completed: [SETTLED, 'd'],
  processing_to_failed: [SETTLED, 'e'],
  arrival_to_settled: [SETTLED, 'a'],
};
const UNKNOWN = '_';

/**
 * How long files took for each step, by date, in buckets of seconds that are 5 % wide. They only grow: what was counted
 * stays, whatever happens to the file. A step across a gap, or with an unknown beginning, is counted as unknown.
 */
export const durationCounts: CounterKind = {
  name: 'd',
  passed: ({ entity, date_prefix, steps }) =>
    entity !== 'file'
      ? []
      : steps.flatMap(({ from, to, millis, wholeMillis }) => {
          const step = `${from}_to_${to}`;
          if (!isTimed(step)) return [];
          const taken = added(date_prefix, step, millis);
          return PLACES[step][0] === SETTLED
            ? [taken, added(date_prefix, 'arrival_to_settled', wholeMillis)]
            : [taken];
        }),
};

function isTimed(step: string): step is TimedStep {
  return step in PLACES;
}

function added(date_prefix: string, step: TimedStep, millis: number | undefined): CounterChange {
  const [part, letter] = PLACES[step];
  const bucket = millis === undefined ? UNKNOWN : String(bucketOf(millis / 1_000));
  return { pk: flowPartition(date_prefix), part, add: { [`${letter}${bucket}`]: 1 } };
}

/** The durations of one step. Percentiles are buckets, in seconds; undefined if there are none. */
export interface Durations {
  readonly count: number;
  /** How many files took an unknown time for the step. */
  readonly unknown: number;
  readonly p50: Bucket | undefined;
  readonly p95: Bucket | undefined;
  readonly p99: Bucket | undefined;
}

/** Adds up the durations in the flow items of one date or of several. */
export function durationsIn(items: readonly CounterItem[]): Record<TimedStep, Durations> {
  const described = TIMED_STEPS.map((step) => [step, describe(tally(items, [step]))] as const);
  return Object.fromEntries(described) as Record<TimedStep, Durations>;
}

/** How many files took how long for any of these steps, by buckets of seconds; those of unknown time are left out. */
export function histogramOf(
  items: readonly CounterItem[],
  steps: readonly TimedStep[],
): ReadonlyMap<number, number> {
  return tally(items, steps).buckets;
}

interface Tally {
  readonly buckets: ReadonlyMap<number, number>;
  readonly unknown: number;
}

function tally(items: readonly CounterItem[], steps: readonly TimedStep[]): Tally {
  const letters = new Set(steps.map((step) => PLACES[step][1]));
  const buckets = new Map<number, number>();
  let unknown = 0;
  for (const [attribute, count] of items.flatMap((item) => Object.entries(countsOf(item)))) {
    if (!letters.has(attribute.charAt(0))) continue;
    const bucket = attribute.slice(1);
    if (bucket === UNKNOWN) unknown += count;
    else buckets.set(Number(bucket), (buckets.get(Number(bucket)) ?? 0) + count);
  }
  return { buckets, unknown };
}

function describe({ buckets, unknown }: Tally): Durations {
  return {
    count: totalIn(buckets),
    unknown,
    p50: percentileOf(buckets, 0.5),
    p95: percentileOf(buckets, 0.95),
    p99: percentileOf(buckets, 0.99),
  };
}
