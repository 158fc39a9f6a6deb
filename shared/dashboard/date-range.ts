import { dayOf } from '../text/time.ts';

/** The time that a dashboard is set to, in milliseconds since the epoch. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Which dates are shown, newest first: those of the time range, or as many of the ones before its end as make
 * a fair picture; a dashboard that shows the last three hours still wants to show more than one date.
 *
 * @param dates every date there is, oldest first
 * @param fewest how many to show even if the range is shorter
 */
export function datesShown(
  dates: readonly string[],
  range: TimeRange | undefined,
  fewest: number,
  most: number,
): string[] {
  const newestFirst = [...dates].reverse();
  if (!range) return newestFirst.slice(0, most);
  const upToEnd = newestFirst.filter((date) => date <= dayOf(range.end));
  const within = upToEnd.filter((date) => date >= dayOf(range.start));
  return upToEnd.slice(0, Math.min(most, Math.max(fewest, within.length)));
}
