import { isoTime } from '../text/time.ts';
import type { AgeBucket } from './ages.ts';
import type { FlowSample } from './flow-samples.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** When the files in flight will be settled. Times are UTC, `…Z`; rates are of files an hour. */
export type DrainForecast =
  /** No more is in flight than what is on its way, waits for company, or does not move: `stuck` of them. */
  | { readonly state: 'clear'; readonly down_to: number; readonly stuck: number }
  /** It is a matter of minutes, of which the last manifests decide. */
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

/** How fast files came and went, and over how long that was measured. */
export interface FlowRates {
  readonly arrived_per_hour: number;
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
const LONGEST_GAP = 10 * MINUTE;
const STILL = 30 * MINUTE;
/** What came so lately is on its way, and no backlog. */
const ON_ITS_WAY = 15 * MINUTE;
/** The last ones may be stuck, or wait for company: when they will move, no rate tells. */
const TAIL_SHARE = 0.2;
/** For how many times as long as a pace was seen it is believed. */
const MOST_AHEAD = 3;
const SHORTEST = 30 * MINUTE;
/** Who was overtaken by so many times what was there before it does not move by itself. */
const OVERTAKEN = 1.2;
const MOST_ERROR = 0.12;
const MOST_CHANGE = 0.2;
const BLOCKS = 6;
const LEAST_SPREAD = 0.25;
const NEVER = 24 * HOUR;

/**
 * Says when what is in flight will be settled, or that nobody can tell. A time is told only where the number has fallen
 * evenly over a window: by so much more than it varies, in its first half as in its second, and for long enough.
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
  if (trends.some((trend) => isEven(trend) && left / trend.perMilli < SHORTEST))
    return { state: 'nearly_clear', down_to: downTo };
  const told = trends.find((trend) => isEven(trend) && left / trend.perMilli <= trend.window * MOST_AHEAD);
  if (told) return drains(told, samples, last, left, downTo);
  const longest = trends.findLast(({ perMilli, error }) => left > (perMilli + 2 * error) * NEVER);
  if (longest && trends.every(({ perMilli, error }) => left > (perMilli - error) * NEVER))
    return { state: 'will_not_drain', rates: ratesOf(samples, longest.window) };
  return unknown(
    trends.some(isEven)
      ? 'it would take longer than this pace was seen'
      : 'the pace changes too much to tell',
  );
}

/** How fast the number in flight falls over a window, and how much that varies. */
interface Trend {
  readonly window: number;
  /** Files for each millisecond. */
  readonly perMilli: number;
  /** The standard error of that. */
  readonly error: number;
  /** How much the second half differs from the first one, as a share of the whole. */
  readonly change: number;
}

function trendOf(samples: readonly FlowSample[], window: number): Trend {
  const block = window / BLOCKS;
  const end = samples.at(-1)?.at ?? 0;
  const levels = Array.from({ length: BLOCKS + 1 }, (_, i) =>
    valueAt(samples, end - window + i * block, ({ inFlight }) => inFlight),
  );
  const falls = levels.slice(1).map((level, i) => ((levels[i] ?? level) - level) / block);
  const perMilli = meanOf(falls);
  const variance = falls.reduce((sum, fall) => sum + (fall - perMilli) ** 2, 0) / (BLOCKS - 1);
  const halves = [falls.slice(0, BLOCKS / 2), falls.slice(BLOCKS / 2)].map(meanOf);
  const change = ((halves[1] ?? 0) - (halves[0] ?? 0)) / perMilli;
  return { window, perMilli, error: Math.sqrt(variance / BLOCKS), change };
}

function isEven({ perMilli, error, change }: Trend): boolean {
  return perMilli > 0 && error <= MOST_ERROR * perMilli && Math.abs(change) <= MOST_CHANGE;
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
  const perHour = (of: (sample: FlowSample) => number) => Math.round(rateOf(samples, window, of) * HOUR);
  return {
    arrived_per_hour: perHour(({ arrived }) => arrived),
    settled_per_hour: perHour(({ settled }) => settled),
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
