import type { ArrivalsAnswer } from '../projection/health.ts';
import { type HourCounts, quietHours } from './quiet-hours.ts';

/** How many files a date had, by hours since its beginning (UTC), for at most 48 hours. */
export interface DateArrivals {
  readonly date_prefix: string;
  readonly byHour: HourCounts;
}

const WEEK = 7 * 86_400_000;
const WEEKS = 8;
const LEAST_DATES = 4;
/** How many standard deviations are still usual; many, because a few dates give a poor estimate. */
const DEVIATIONS = 5;
// How many hours a delivery may be early or late.
const NEIGHBOURS = [-2, -1, 1, 2];
// Some hours of the day say as much as all of them.
const HOURS = [2, 5, 8, 11, 14, 17, 20, 23];
const NOTHING = { from: 0, to: 0 };
const LEAST_SHARE = 0.3;
/** More than usual is also more than this many times the maximum of those dates. */
const MOST_TIMES = 2;
/** The ratio of the standard deviation to the median deviation, for a normal distribution. */
const NORMAL = 1.4826;

/**
 * Compares how many files of a date had arrived by an hour with the same weekday of the eight weeks before. The usual range is
 * the median plus or minus five times the spread, but at least 30 % of the median and as much as chance explains. A delivery
 * that is two hours late or early is not unusual: there are `fewer` only if there are fewer than usual two hours earlier, and
 * `more` only if there are more than usual two hours later. There are also `fewer` if files have stopped arriving at a time
 * when they usually arrive, even if enough arrived before.
 *
 * @param history other dates, in any order; those of other weekdays are skipped
 * @param hour full hours since the date began, UTC
 */
export function compareArrivals(
  history: readonly DateArrivals[],
  { date_prefix, byHour }: DateArrivals,
  hour: number,
): ArrivalsAnswer {
  const came = byHour.get(hour) ?? 0;
  const before = history.filter((other) => weeksBefore(other.date_prefix, date_prefix));
  const at = (each: number) => before.flatMap((other) => other.byHour.get(each) ?? []);
  const now = at(hour);
  const none = { date_prefix, came, state: 'unknown', usual: null, compared: now.length } as const;
  if (now.length < LEAST_DATES) return none;
  const batch = batchOf(HOURS.map(at));
  const { median, from, to } = bandOf(now, batch);
  const bands = NEIGHBOURS.map((apart) => at(hour + apart)).map((counts, i) =>
    counts.length >= LEAST_DATES ? bandOf(counts, batch) : (NEIGHBOURS[i] ?? 0) < 0 ? NOTHING : { from, to },
  );
  const usual = {
    median,
    from: Math.min(from, ...bands.map((band) => band.from)),
    to: Math.max(to, ...bands.map((band) => band.to)),
  };
  const quiet_hours = quietHours(
    before.map((other) => other.byHour),
    byHour,
    hour,
  );
  const isFewer = came < usual.from || quiet_hours > 0;
  const state = isFewer ? 'fewer' : came > usual.to ? 'more' : 'as_usual';
  return { ...none, state, usual, quiet_hours };
}

/** Whether somebody should find out why. */
export function isUnusual({ state }: ArrivalsAnswer): boolean {
  return state === 'fewer' || state === 'more';
}

function weeksBefore(date: string, than: string): boolean {
  const weeks = (Date.parse(than) - Date.parse(date)) / WEEK;
  return Number.isInteger(weeks) && weeks >= 1 && weeks <= WEEKS;
}

/** The median and the usual range around it: from the spread, from the chance variation of so few batches, and two more batches. */
function bandOf(counts: readonly number[], batch: number) {
  const median = medianOf(counts);
  const spread = Math.max(spreadOf(counts), Math.sqrt(batch * median));
  const room = Math.max(DEVIATIONS * spread, LEAST_SHARE * median) + 2 * batch;
  return {
    median,
    from: Math.max(0, Math.floor(median - room)),
    to: Math.max(Math.ceil(median + room), MOST_TIMES * Math.max(...counts)),
  };
}

/**
 * How many files arrive together: for independent batches, the square of the spread is the number of files times this. It is
 * the mean over some hours, because a single hour of so few dates does not show it.
 */
function batchOf(hours: readonly (readonly number[])[]): number {
  const known = hours.filter((counts) => counts.length >= LEAST_DATES && medianOf(counts) > 0);
  const sizes = known.map((counts) => spreadOf(counts) ** 2 / medianOf(counts));
  return Math.max(
    1,
    sizes.reduce((sum, size) => sum + size / sizes.length, 0),
  );
}

function spreadOf(counts: readonly number[]): number {
  const median = medianOf(counts);
  return NORMAL * medianOf(counts.map((count) => Math.abs(count - median)));
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}
