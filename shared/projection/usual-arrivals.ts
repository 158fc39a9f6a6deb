import { type HourCounts, quietHours } from './quiet-hours.ts';

/** How many files of a date there were, by how many hours after its begin (UTC) that was; of 48 hours at most. */
export interface DateArrivals {
  readonly date_prefix: string;
  readonly byHour: HourCounts;
}

/** Whether as many files of a date came by an hour as are usual on its weekday. */
export interface ArrivalsAnswer {
  readonly date_prefix: string;
  readonly came: number;
  /** `unknown`: there are too few dates to compare it with, or they differ too much. */
  readonly state: 'as_usual' | 'fewer' | 'more' | 'unknown';
  /** The median, and between which counts nothing is said; null where it is unknown. */
  readonly usual: { readonly median: number; readonly from: number; readonly to: number } | null;
  /** For how many hours in a row none came, where that is unusual: then they are `fewer`. An older version left it out. */
  readonly quiet_hours?: number;
  /** How many dates of the weekday it was compared with. */
  readonly compared: number;
}

const WEEK = 7 * 86_400_000;
const WEEKS = 8;
const LEAST_DATES = 4;
/** In standard deviations of what is usual, which a few dates tell badly. */
const DEVIATIONS = 5;
// Hours, that a delivery may be early or late.
const NEIGHBOURS = [-2, -1, 1, 2];
// Some of the day tell as much as all.
const HOURS = [2, 5, 8, 11, 14, 17, 20, 23];
const NOTHING = { from: 0, to: 0 };
const LEAST_SHARE = 0.3;
/** More than so many times what any of the dates had is more than usual. */
const MOST_TIMES = 2;
/** What a median deviation is of a standard one, for what is spread normally. */
const NORMAL = 1.4826;

/**
 * Compares how many files of a date came by an hour with the same weekday of the eight weeks before: the band is the median
 * and five times the spread, at least 30 % of it and what chance does to so few. A delivery that is two hours late or
 * early is none: below is only who has fewer than is usual two hours before, above who has more than two hours later.
 * Fewer are also those that have stopped to come where they usually come, though enough have come before.
 *
 * @param history other dates, in any order; those that are not of the weekday are passed over
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

/** Whether somebody should look why. */
export function isUnusual({ state }: ArrivalsAnswer): boolean {
  return state === 'fewer' || state === 'more';
}

function weeksBefore(date: string, than: string): boolean {
  const weeks = (Date.parse(than) - Date.parse(date)) / WEEK;
  return Number.isInteger(weeks) && weeks >= 1 && weeks <= WEEKS;
}

/** The median, and how far it may be off: by the spread, by what chance does to so few batches, and by two more of them. */
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
 * How many files come together by chance: of independent batches the square of the spread is the number of files times
 * that. It is the mean of some hours, for a single one of so few dates does not tell it.
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
