import * as z from 'zod';
import { DATE_FORM } from '../pipeline/names.ts';
import type { DateRange } from '../pipeline/status-index.ts';
import { usageError } from '../text/refused.ts';
import { dayOf, resolveDate } from '../text/time.ts';

/** What help texts and shells say about a date. */
export const DATE_TEXTS = {
  allowed: 'a date as YYYY-MM-DD, today or yesterday (UTC)',
  suggestions: ['today', 'yesterday'],
};

/** A date of the pipeline, in UTC. It need not be one of the calendar: the pipeline cuts it out of a key. */
export const date = z
  .union([z.string().regex(DATE_FORM), z.enum(['today', 'yesterday'])])
  .optional()
  .meta(DATE_TEXTS);

/** The dates a command works on; `resolveDates` reads them. */
export const dateFlags = {
  date: date.describe('Only this date').meta({ alias: 'date-prefix' }),
  from: date.describe('From this date on'),
  to: date.describe('Up to this date'),
};

/** Dates from `start` to `end`, both included. */
export interface ClosedRange {
  readonly start: string;
  readonly end: string;
}

/** The values of `dateFlags`. */
export interface DateValues {
  readonly date?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * The dates that were asked for, `today` and `yesterday` as dates of the calendar.
 *
 * @throws Refused when they contradict each other
 */
export function resolveDates({ date, from, to }: DateValues, now: number): DateRange {
  if (date && (from || to)) {
    throw usageError(
      `--date: received "${date}" together with --${from ? 'from' : 'to'}, use one or the other.`,
      'Give --date for one date, or --from and --to for several.',
    );
  }
  if (date) return { start: resolveDate(date, now), end: resolveDate(date, now) };
  const range = { start: from && resolveDate(from, now), end: to && resolveDate(to, now) };
  if (range.start && range.end && range.start > range.end) {
    throw usageError(
      `--from: received "${from}", allowed: a date up to --to (${range.end}).`,
      '--from must not be after --to.',
    );
  }
  return range;
}

/**
 * A range with both ends, for what is read date by date: without `end` it goes up to today.
 *
 * @returns undefined when no dates were asked for
 * @throws Refused when only the end was given
 */
export function closedRange({ start, end }: DateRange, now: number): ClosedRange | undefined {
  if (start) return { start, end: end ?? dayOf(now) };
  if (!end) return undefined;
  throw usageError(
    '--from: received nothing together with --to, allowed: a date as YYYY-MM-DD.',
    'Add --from.',
  );
}
