import { isoTime } from '../text/time.ts';
import type { AgeBucket } from './ages.ts';
import type { FlowSample } from './flow-samples.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** When the files in flight will be settled. Times are UTC, `…Z`; rates are of files an hour. */
export type DrainForecast =
  /** No more is in flight than what is on its way, waits for company, or does not move: `stuck` of them. */
  | { readonly state: 'clear'; readonly down_to: number; readonly stuck: number }
  /** It takes less than an hour, of which the last manifests decide. */
  | { readonly state: 'nearly_clear'; readonly down_to: number }
  /** No more than `down_to` will be in flight at that time, which is expected between the two others. */
  | {
      readonly state: 'drains';
      readonly at: string;
      readonly between: readonly [string, string];
      readonly down_to: number;
      readonly rates: FlowRates;
    }
  /** Nothing was settled since then, or for longer. */
  | { readonly state: 'stands_still'; readonly since: string }
  | { readonly state: 'will_not_drain'; readonly rates: FlowRates }
  | { readonly state: 'unknown'; readonly reason: string };

/** How fast files came and went, and over how long each was measured. */
export interface FlowRates {
  readonly arrived_per_hour: number;
  readonly arrived_minutes: number;
  readonly settled_per_hour: number;
  readonly minutes: number;
}

/** What a forecast is made from. */
export interface DrainQuestion {
  /** Oldest first; the last one is of now. */
  readonly samples: readonly FlowSample[];
  /** How far the counts are behind the stream, in milliseconds; undefined when nothing was counted yet. */
  readonly lagMillis: number | undefined;
  /** Of all that is in flight. */
  readonly ages: readonly AgeBucket[];
  /** From so many pending files of today on the builder takes them. */
  readonly maxFiles: number;
}

/** Counts that are further behind show the consumer's pace, and not the pipeline's. */
const MOST_LAG = 6 * MINUTE;
const WINDOWS = [30, 45, 60, 90, 120, 170].map((minutes) => minutes * MINUTE);
/** What comes changes sooner than what the pipeline can do: a burst that is over is no part of what is to come. */
const LATELY = 30 * MINUTE;
const LONGEST_GAP = 10 * MINUTE;
const STILL = 30 * MINUTE;
/** What came so lately is on its way, and no backlog. */
const ON_ITS_WAY = 15 * MINUTE;
/** The last ones may be stuck, or wait for company: when they will move, no rate tells. */
const TAIL_SHARE = 0.2;
/** For how many times as long as a pace was seen it is believed. */
const MOST_AHEAD = 3;
const SHORTEST = 45 * MINUTE;
/** Who was overtaken by so many times what was there before it does not move by itself. */
const OVERTAKEN = 1.2;
/** In each hour ahead arrivals may change by such a share of themselves, for so many hours ... */
const ARRIVALS_CHANGE = { perHour: 0.4, hours: 6 };
/** ... and that may change the pace by no more than such a share. */
const MOST_SWING = 0.2;
const MOST_ERROR = 0.12;
const MOST_CHANGE = 0.2;
const BLOCKS = 6;
const LEAST_SPREAD = 0.25;
const NEVER = 24 * HOUR;

/**
 * Says when what is in flight will be settled, or that nobody can tell. How fast files are settled is measured over
 * a long window, in which a burst may have come, and how fast they come over the last half an hour. A time is told only where
 * the difference is much more than both vary, is the same in the first half as in the second, was seen for long enough, and
 * would not be another one if arrivals change as they do in a day.
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

/** Those that are in flight since before so much else was settled that their turn must have come. */
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

/** How fast the number in flight falls, and how much that varies; in files for each millisecond. */
interface Trend {
  /** Over which files are settled; arrivals are those of late. */
  readonly window: number;
  readonly perMilli: number;
  /** The standard error of that. */
  readonly error: number;
  /** How much the second half differs from the first one, of what is settled or of arrivals. */
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

/** How fast a count grows over a window, by blocks of it. */
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

/** Whether so many are settled that arrivals may change until then. */
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
  // As wide as the goal at least: what is to come is less certain than what was.
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

/** How fast a count grew over the last time, for each millisecond; over less where there are no samples of so long ago. */
function rateOf(samples: readonly FlowSample[], window: number, of: (sample: FlowSample) => number): number {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || first.at === last.at) return 0;
  const from = Math.max(first.at, last.at - window);
  return (of(last) - valueAt(samples, from, of)) / (last.at - from);
}

/** Between two samples, as if it had changed evenly. */
function valueAt(samples: readonly FlowSample[], time: number, of: (sample: FlowSample) => number): number {
  const right = samples.find(({ at }) => at >= time) ?? samples.at(-1);
  const left = samples.findLast(({ at }) => at <= time) ?? samples[0];
  if (!left || !right) return 0;
  const share = right.at > left.at ? (time - left.at) / (right.at - left.at) : 0;
  return of(left) + (of(right) - of(left)) * share;
}

/** The first sample that has as many settled as now. */
function lastSettled(samples: readonly FlowSample[]): number {
  const settled = samples.at(-1)?.settled;
  return samples.find((sample) => sample.settled === settled)?.at ?? 0;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
