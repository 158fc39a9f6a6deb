import type { AgeBucket } from '../projection/ages.ts';
import type { FlowSample } from '../projection/flow-samples.ts';
import { isoTime } from '../text/time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** When the files in flight will have settled. Times are UTC, `…Z`; rates are files per hour. */
export type DrainForecast =
  /** Only files that are on their way, wait for enough files for a manifest, or do not move (`stuck`) are in flight. */
  | { readonly state: 'clear'; readonly down_to: number; readonly stuck: number }
  /** It takes less than an hour; how long exactly depends on the last manifests. */
  | { readonly state: 'nearly_clear'; readonly down_to: number }
  /** At most `down_to` will be in flight at that time, which is expected to be between the other two times. */
  | {
      readonly state: 'drains';
      readonly at: string;
      readonly between: readonly [string, string];
      readonly down_to: number;
      readonly rates: FlowRates;
    }
  /** Nothing has settled since then, or for longer. */
  | { readonly state: 'stands_still'; readonly since: string }
  | { readonly state: 'will_not_drain'; readonly rates: FlowRates }
  | { readonly state: 'unknown'; readonly reason: string };

/** How fast files arrived and settled, and the time over which each was measured. */
export interface FlowRates {
  readonly arrived_per_hour: number;
  readonly arrived_minutes: number;
  readonly settled_per_hour: number;
  readonly minutes: number;
}

/** What a forecast is made from. */
export interface DrainQuestion {
  /** Oldest first; the last one is current. */
  readonly samples: readonly FlowSample[];
  /** How far the counts are behind the stream, in milliseconds; undefined if nothing was counted yet. */
  readonly lagMillis: number | undefined;
  /** The ages of everything in flight. */
  readonly ages: readonly AgeBucket[];
  /** How many pending files of today it takes for the builder to take them. */
  readonly maxFiles: number;
}

/** Counts that are further behind show the consumer's pace, not the pipeline's. */
const MOST_LAG = 6 * MINUTE;
const WINDOWS = [30, 45, 60, 90, 120, 170].map((minutes) => minutes * MINUTE);
/** Arrivals change faster than the pipeline's capacity: a burst that is over says nothing about the future. */
const LATELY = 30 * MINUTE;
const LONGEST_GAP = 10 * MINUTE;
const STILL = 30 * MINUTE;
/** Files that arrived this recently are on their way, not backlog. */
const ON_ITS_WAY = 15 * MINUTE;
/** The last files may be stuck, or wait for enough files for a manifest; no rate says when they will move. */
const TAIL_SHARE = 0.2;
/** A pace is trusted for this many times as long as it was seen. */
const MOST_AHEAD = 3;
const SHORTEST = 45 * MINUTE;
/** A file that was overtaken by this many times the number of files before it does not move by itself. */
const OVERTAKEN = 1.2;
/** In each hour ahead, for this many hours, arrivals may change by this share ... */
const ARRIVALS_CHANGE = { perHour: 0.4, hours: 6 };
/** ... which may change the pace by at most this share. */
const MOST_SWING = 0.2;
const MOST_ERROR = 0.12;
const MOST_CHANGE = 0.2;
const BLOCKS = 6;
const LEAST_SPREAD = 0.25;
const NEVER = 24 * HOUR;

/**
 * Forecasts when the files in flight will have settled, or says that it is unknown. The rate of settling is measured over a
 * long window, which may include a burst; the rate of arrivals over the last half hour. A time is only given if the
 * difference is much larger than the variation of both, is about the same in both halves of the window, was seen for long
 * enough, and would not change much if arrivals change as they do in a day.
 */
export function forecastDrain(question: DrainQuestion): DrainForecast {
  const { samples, lagMillis, ages, maxFiles } = question;
  const last = samples.at(-1);
  if (!last || lagMillis === undefined) return unknown('nothing was counted yet');
  if (lagMillis > MOST_LAG) return unknown('the counts are behind the stream');
  const stuck = stuckIn(ages, samples);
  const arriving = rateOf(samples, ON_ITS_WAY, ({ arrived }) => arrived) * ON_ITS_WAY;
  const usual = maxFiles - 1 + Math.ceil(arriving) + stuck;
  if (last.inFlight <= usual)
    return { state: 'clear', down_to: usual, stuck: Math.min(stuck, last.inFlight) };
  if (last.at - (samples.at(-2)?.at ?? 0) > LONGEST_GAP) return unknown('the flow is not watched');
  const seen = last.at - (samples[0]?.at ?? last.at);
  if (seen < (WINDOWS[0] ?? 0)) return unknown('the flow was not watched for long enough yet');
  if (seen >= STILL && rateOf(samples, STILL, ({ settled }) => settled) === 0)
    return { state: 'stands_still', since: isoTime(lastSettled(samples)) };
  const downTo = Math.max(usual, Math.ceil(last.inFlight * TAIL_SHARE) + stuck);
  return fromWindows(samples, last, downTo);
}

/** Files in flight for so long that, with everything that has settled since, it must have been their turn. */
function stuckIn(ages: readonly AgeBucket[], samples: readonly FlowSample[]): number {
  const last = samples.at(-1);
  const passed = samples.filter(
    ({ inFlight, settled }) => last && last.settled - settled >= Math.max(1, OVERTAKEN * inFlight),
  );
  const before = passed.at(-1)?.at ?? 0;
  return ages.reduce(
    (sum, { from, count }) => (from !== undefined && from + HOUR <= before ? sum + count : sum),
    0,
  );
}

function unknown(reason: string): DrainForecast {
  return { state: 'unknown', reason };
}

function fromWindows(samples: readonly FlowSample[], last: FlowSample, downTo: number): DrainForecast {
  const trends = WINDOWS.filter((window) => last.at - window >= (samples[0]?.at ?? last.at)).map((window) =>
    trendOf(samples, window),
  );
  const left = last.inFlight - downTo;
  const even = trends.filter(isEven);
  if (even.some(({ perMilli }) => left / perMilli < SHORTEST))
    return { state: 'nearly_clear', down_to: downTo };
  const seen = even.filter(({ perMilli, window }) => left / perMilli <= window * MOST_AHEAD);
  const told = seen.findLast((trend) => isSteady(trend, left));
  if (told) return drains(told, samples, last, left, downTo);
  const longest = trends.findLast(({ perMilli, error }) => left > (perMilli + 2 * error) * NEVER);
  if (longest && trends.every(({ perMilli, error }) => left > (perMilli - error) * NEVER))
    return { state: 'will_not_drain', rates: ratesOf(samples, longest.window) };
  if (seen.length > 0) return unknown('it depends on how many more will come');
  return unknown(
    even.length > 0 ? 'it would take longer than this pace was seen' : 'the pace changes too much to tell',
  );
}

/** How fast the number in flight falls, and how much that varies, in files per millisecond. */
interface Trend {
  /** The window for settled files; arrivals are measured over the recent one. */
  readonly window: number;
  readonly perMilli: number;
  /** The standard error of that. */
  readonly error: number;
  /** How much the second half differs from the first, for settled files or arrivals, whichever is more. */
  readonly change: number;
  readonly arriving: number;
}

function trendOf(samples: readonly FlowSample[], window: number): Trend {
  const settled = paceOf(samples, window, (sample) => sample.settled);
  const arrived = paceOf(samples, Math.min(window, LATELY), (sample) => sample.arrived);
  return {
    window,
    perMilli: settled.perMilli - arrived.perMilli,
    error: Math.hypot(settled.error, arrived.error),
    change: Math.max(settled.change, arrived.change),
    arriving: arrived.perMilli,
  };
}

/** How fast a count grows over a window, measured in blocks. */
function paceOf(samples: readonly FlowSample[], window: number, of: (sample: FlowSample) => number) {
  const block = window / BLOCKS;
  const begin = (samples.at(-1)?.at ?? 0) - window;
  const counts = Array.from({ length: BLOCKS + 1 }, (_, i) => valueAt(samples, begin + i * block, of));
  const paces = counts.slice(1).map((count, i) => (count - (counts[i] ?? count)) / block);
  const perMilli = meanOf(paces);
  const variance = paces.reduce((sum, pace) => sum + (pace - perMilli) ** 2, 0) / (BLOCKS - 1);
  const change = meanOf(paces.slice(BLOCKS / 2)) - meanOf(paces.slice(0, BLOCKS / 2));
  return { perMilli, error: Math.sqrt(variance / BLOCKS), change: Math.abs(change) };
}

function isEven({ perMilli, error, change }: Trend): boolean {
  return perMilli > 0 && error <= MOST_ERROR * perMilli && change <= MOST_CHANGE * perMilli;
}

/** Whether so many files are settled that a change of arrivals until then does not matter. */
function isSteady({ perMilli, arriving }: Trend, left: number): boolean {
  const hours = Math.min(left / perMilli / HOUR, ARRIVALS_CHANGE.hours);
  return arriving * ARRIVALS_CHANGE.perHour * hours <= MOST_SWING * perMilli;
}

function drains(
  { window, perMilli, error }: Trend,
  samples: readonly FlowSample[],
  { at }: FlowSample,
  left: number,
  downTo: number,
): DrainForecast {
  const timeAt = (pace: number) => isoTime(Math.ceil((at + left / pace) / MINUTE) * MINUTE);
  // At least as wide as the accuracy goal, because the future is less certain than the past.
  const spread = Math.max(2 * error, LEAST_SPREAD * perMilli);
  return {
    state: 'drains',
    at: timeAt(perMilli),
    between: [timeAt(perMilli + spread), timeAt(perMilli - spread)],
    down_to: downTo,
    rates: ratesOf(samples, window),
  };
}

function ratesOf(samples: readonly FlowSample[], window: number): FlowRates {
  const lately = Math.min(window, LATELY);
  const perHour = (over: number, of: (sample: FlowSample) => number) =>
    Math.round(rateOf(samples, over, of) * HOUR);
  return {
    arrived_per_hour: perHour(lately, ({ arrived }) => arrived),
    arrived_minutes: lately / MINUTE,
    settled_per_hour: perHour(window, ({ settled }) => settled),
    minutes: window / MINUTE,
  };
}

/** How fast a count grew per millisecond over a recent window, or over less if there are no samples from so long ago. */
function rateOf(samples: readonly FlowSample[], window: number, of: (sample: FlowSample) => number): number {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || first.at === last.at) return 0;
  const from = Math.max(first.at, last.at - window);
  return (of(last) - valueAt(samples, from, of)) / (last.at - from);
}

/** Interpolated linearly between two samples. */
function valueAt(samples: readonly FlowSample[], time: number, of: (sample: FlowSample) => number): number {
  const right = samples.find(({ at }) => at >= time) ?? samples.at(-1);
  const left = samples.findLast(({ at }) => at <= time) ?? samples[0];
  if (!left || !right) return 0;
  const share = right.at > left.at ? (time - left.at) / (right.at - left.at) : 0;
  return of(left) + (of(right) - of(left)) * share;
}

/** The time of the first sample that has as many settled as now. */
function lastSettled(samples: readonly FlowSample[]): number {
  const settled = samples.at(-1)?.settled;
  return samples.find((sample) => sample.settled === settled)?.at ?? 0;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
