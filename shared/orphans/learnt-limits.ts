import type { Table } from '../aws/deps.ts';
import type { CounterItem } from '../projection/counters.ts';
import { histogramOf, type TimedStep } from '../projection/durations.ts';
import { type Bucket, middleOf, percentileOf, shareAbove, totalIn } from '../projection/log-buckets.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { readFlowItems } from '../statistics/flow-counts.ts';
import { datesBetween, dayOf } from '../text/time.ts';
import { type Limits, limitsOfProfile } from './limits.ts';

const WINDOW_DAYS = 28;
const DAY_MILLIS = 86_400_000;
const HOUR_SECONDS = 3_600;

/** What a learnt limit must rest on: on fewer, one slow manifest would be the 99th percentile. */
export const ENOUGH = { durations: 1_000, dates: 7 } as const;

// Only steps by which a file advances. A stuck file usually ends in a reset, which has no duration, or in `failed`.
// Files that skip `processing` spend their job's time in `manifested`.
const STEPS: Readonly<Record<keyof Limits, readonly TimedStep[]>> = {
  pending: ['pending_to_manifested'],
  manifested: ['manifested_to_processing', 'manifested_to_completed'],
  processing: ['processing_to_completed'],
};
const LIMITED = ['pending', 'manifested', 'processing'] as const satisfies readonly (keyof Limits)[];

// A limit longer than this many times the learnt one reports stuck files later than necessary.
const LOOSE = 2;

interface LimitSample {
  readonly status: keyof Limits;
  /** Its place in the settings. */
  readonly setting: string;
  readonly configured_hours: number;
  /** How many durations are known, and of how many dates. */
  readonly durations: number;
  readonly dates: number;
}

/** A configured limit beside the one learnt from the last weeks, which is never used in its place. */
export type LearntLimit = LimitSample &
  (
    | { readonly verdict: 'not_enough_data' }
    | {
        /** `tight`: more than one healthy file in a hundred stays longer. `loose`: more than twice the learnt one. */
        readonly verdict: 'fits' | 'tight' | 'loose';
        /** In seconds. */
        readonly p99: Bucket;
        /** The 99th percentile times the factor, rounded up, and at least the grace. */
        readonly learnt_hours: number;
        /** The share of advancing files that took longer than the configured limit, from 0 to 1. */
        readonly over_share: number;
      }
  );

/** All limits, and from which dates they were learnt. */
export interface LearntLimits {
  readonly from: string;
  readonly to: string;
  readonly factor: number;
  readonly limits: readonly LearntLimit[];
}

type Rules = Pick<PipelineProfile, 'limits' | 'counters'>;

/**
 * Learns limits from the last 28 dates: 28 Queries of half a read unit to one. Today is left out, because its slow files
 * have no durations yet.
 *
 * @param now milliseconds since the epoch
 * @returns undefined where the profile does not have durations counted; nothing is read then
 */
export async function readLearntLimits(
  table: Table,
  profile: Rules,
  now: number,
): Promise<LearntLimits | undefined> {
  if (!profile.counters.flow) return undefined;
  const [from, to] = [dayOf(now - WINDOW_DAYS * DAY_MILLIS), dayOf(now - DAY_MILLIS)];
  const byDate = await readFlowItems(table, datesBetween(from, to));
  return { from, to, factor: profile.limits.learnt_factor, limits: learnLimits(byDate, profile) };
}

/**
 * Compares each limit with the durations.
 *
 * @param byDate the flow items of each date
 */
export function learnLimits(
  byDate: readonly (readonly CounterItem[])[],
  { limits }: Pick<PipelineProfile, 'limits'>,
): LearntLimit[] {
  const configured = limitsOfProfile({ limits });
  return LIMITED.map((status) => {
    const counts = histogramOf(byDate.flat(), STEPS[status]);
    const sample = {
      status,
      setting: `pipeline.limits.${status}_hours`,
      configured_hours: configured[status],
      durations: totalIn(counts),
      dates: byDate.filter((items) => totalIn(histogramOf(items, STEPS[status])) > 0).length,
    };
    return judge(sample, counts, limits);
  });
}

function judge(
  sample: LimitSample,
  counts: ReadonlyMap<number, number>,
  { learnt_factor, grace_hours }: PipelineProfile['limits'],
): LearntLimit {
  const p99 = percentileOf(counts, 0.99);
  if (!p99 || sample.durations < ENOUGH.durations || sample.dates < ENOUGH.dates)
    return { ...sample, verdict: 'not_enough_data' };
  const p99Hours = middleOf(p99) / HOUR_SECONDS;
  const learnt_hours = Math.max(grace_hours, roundedUp(p99Hours * learnt_factor));
  const over_share = shareAbove(counts, sample.configured_hours * HOUR_SECONDS);
  const isLoose = sample.configured_hours > LOOSE * learnt_hours;
  const verdict = p99Hours > sample.configured_hours ? 'tight' : isLoose ? 'loose' : 'fits';
  return { ...sample, verdict, p99, learnt_hours, over_share };
}

// Up to a number of hours, and the step to whose next multiple they are rounded up.
const STEPS_UP = [
  [3, 0.25],
  [12, 0.5],
  [48, 1],
  [Number.POSITIVE_INFINITY, 6],
] as const;

/**
 * Hours as a person would set them: never fewer, and coarser the more there are. Below a quarter of an hour, as in a
 * simulation at high speed, to two digits.
 */
export function roundedUp(hours: number): number {
  if (hours <= 0.25) {
    const unit = 10 ** (Math.floor(Math.log10(hours)) - 1);
    return Number((Math.ceil(hours / unit - 1e-9) * unit).toPrecision(2));
  }
  const step = STEPS_UP.find(([upTo]) => hours <= upTo)?.[1] ?? 6;
  return Math.ceil(hours / step) * step;
}
