import type { ExpectedAnswer } from '../projection/health.ts';
import { type ExpectedFiles, WEEKDAYS } from '../settings/arrivals-profile.ts';
import { isoTime } from '../text/time.ts';

/** What to count for an answer. */
export type Expected = Pick<ExpectedAnswer, 'date_prefix' | 'prefix' | 'at_least' | 'by'>;

/**
 * What was due of a date until now.
 *
 * @param date a date of the calendar
 * @param now milliseconds since the epoch
 */
export function expectedUntil(rules: readonly ExpectedFiles[], date: string, now: number): Expected[] {
  return rules
    .filter(({ on }) => on === undefined || on.some((day) => isOn(day, date)))
    .map(({ prefix, at_least, by }) => ({
      date_prefix: date,
      ...(prefix !== undefined && { prefix: prefix.replaceAll('{date}', date) }),
      at_least,
      by: timeOf(date, by),
    }))
    .filter(({ by }) => Date.parse(by) <= now);
}

function isOn(day: string, date: string): boolean {
  const weekday = WEEKDAYS[new Date(date).getUTCDay()];
  if (day === weekday) return true;
  const parts = date.split('-');
  const pattern = day.split('-');
  return pattern.length === 3 && pattern.every((part, i) => part === '*' || part === parts[i]);
}

/** @param by hours and minutes since the date began */
function timeOf(date: string, by: string): string {
  const [hours = 0, minutes = 0] = by.split(':').map(Number);
  return isoTime(Date.parse(date) + (hours * 60 + minutes) * 60_000);
}

/** Whether fewer files arrived than were expected. */
export function isMissing({ came, at_least }: ExpectedAnswer): boolean {
  return came < at_least;
}

/** The previous answer, if it cannot change any more. */
export function knownAnswer(
  before: readonly ExpectedAnswer[],
  { date_prefix, prefix, at_least, by }: Expected,
): ExpectedAnswer | undefined {
  return before.find(
    (answer) =>
      !isMissing(answer) &&
      answer.date_prefix === date_prefix &&
      answer.prefix === prefix &&
      answer.at_least === at_least &&
      answer.by === by,
  );
}
