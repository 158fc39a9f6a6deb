import { SETTLED_STATUSES, type Status } from '../pipeline/status.ts';
import type { StatsReport } from '../statistics/stats-report.ts';

/** The counts of one moment. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Files in each status. */
  readonly counts: Readonly<Record<Status, number>>;
  /** How often each status was reached so far. */
  readonly arrivals: Readonly<Record<Status, number>>;
}

const KEPT_MILLIS = 3_600_000;
const CLOSEST_MILLIS = 2_000;

/**
 * Adds a sample to those of the last hour. The counters have no history, so whoever shows them repeatedly keeps it.
 * Of samples close together, only the newest is kept. If the clock was set back, the history starts over.
 */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const [before, last] = [samples.at(-2), samples.at(-1)];
  if (last && sample.at < last.at) return [sample];
  const isCrowded = before && last && last.at - before.at < CLOSEST_MILLIS;
  const apart = isCrowded ? samples.slice(0, -1) : samples;
  return [...apart.filter(({ at }) => sample.at - at <= KEPT_MILLIS), sample];
}

/** How far back the lines can go, in milliseconds, for a person to choose from. */
export const SPANS = { '1h': 3_600_000, '6h': 21_600_000, '1d': 86_400_000, '7d': 604_800_000 } as const;
export type SpanName = keyof typeof SPANS;
export const USUAL_SPAN: SpanName = '1d';

/** The samples, with the hourly reports from before the first of them. */
export function withReports(reports: readonly StatsReport[], samples: readonly Sample[]): readonly Sample[] {
  const first = samples[0]?.at ?? Number.POSITIVE_INFINITY;
  const earlier = reports.map(({ at, files, arrivals }) => ({ at: Date.parse(at), counts: files, arrivals }));
  return [...earlier.filter(({ at }) => at < first), ...samples];
}

/** How fast files move. */
export interface Flow {
  /** The time over which the rates were measured. */
  readonly millis: number;
  /** Files per minute that became pending, and that settled. */
  readonly inPerMinute: number;
  readonly outPerMinute: number;
  /** Files settled per minute, over all samples, in even steps. */
  readonly settledSeries: readonly number[];
  /** When each step of it ended. */
  readonly seriesTimes: readonly number[];
  readonly seriesMillis: number;
}

const RECENT_MILLIS = 300_000;
const MOST_STEPS = 48;

/** The flow that samples show; undefined until there are two. */
export function flowOf(samples: readonly Sample[]): Flow | undefined {
  const recent = recentSpan(samples);
  if (!recent) return undefined;
  const { from, to, millis } = recent;
  const perMinute = (amount: number) => (Math.max(0, amount) * 60_000) / millis;
  const sums = evenly(samples, settledIn);
  const seriesMillis = to.at - (samples[0]?.at ?? to.at);
  const step = seriesMillis / (sums.length - 1);
  return {
    millis,
    inPerMinute: perMinute(to.arrivals.pending - from.arrivals.pending),
    outPerMinute: perMinute(settledIn(to) - settledIn(from)),
    settledSeries: sums.slice(1).map((sum, i) => (Math.max(0, sum - (sums[i] ?? 0)) * 60_000) / step),
    seriesTimes: evenTimes(samples).slice(1),
    seriesMillis,
  };
}

/** How much the count of a status has grown lately, and over what time; undefined until there are two samples. */
export function growthOf(
  samples: readonly Sample[],
  status: Status,
): { readonly count: number; readonly millis: number } | undefined {
  const recent = recentSpan(samples);
  return recent && { count: recent.to.counts[status] - recent.from.counts[status], millis: recent.millis };
}

/** The counts of a status over all samples, in even steps. */
export function levelsOf(samples: readonly Sample[], status: Status): number[] {
  return evenly(samples, ({ counts }) => counts[status]);
}

/** The last few minutes, or the time since the previous sample if that is longer. */
function recentSpan(samples: readonly Sample[]): { from: Sample; to: Sample; millis: number } | undefined {
  const to = samples.at(-1);
  const earlier = samples.slice(0, -1);
  const from = to && (earlier.find(({ at }) => to.at - at <= RECENT_MILLIS) ?? earlier.at(-1));
  return to && from && to.at > from.at ? { from, to, millis: to.at - from.at } : undefined;
}

/** Samples come at uneven times; their values are interpolated at even ones. */
function evenly(samples: readonly Sample[], valueIn: (sample: Sample) => number): number[] {
  return evenTimes(samples).map((time) => valueAt(samples, time, valueIn));
}

/** The times of the values of `levelsOf`, in milliseconds since the epoch; empty until there are two samples. */
export function evenTimes(samples: readonly Sample[]): number[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || samples.length < 2) return [];
  const steps = Math.min(MOST_STEPS, samples.length - 1);
  return Array.from({ length: steps + 1 }, (_, i) => first.at + ((last.at - first.at) * i) / steps);
}

function valueAt(samples: readonly Sample[], time: number, valueIn: (sample: Sample) => number): number {
  const next = samples.findIndex(({ at }) => at >= time);
  const right = samples[next < 0 ? samples.length - 1 : next];
  const left = samples[Math.max(0, next < 0 ? samples.length - 1 : next - 1)];
  if (!left || !right) return 0;
  const share = right.at > left.at ? (time - left.at) / (right.at - left.at) : 1;
  return valueIn(left) + (valueIn(right) - valueIn(left)) * share;
}

/** How often files have settled, up to a sample. */
function settledIn({ arrivals }: Sample): number {
  return SETTLED_STATUSES.reduce((sum, status) => sum + arrivals[status], 0);
}
