import { type ExpectedFiles, WEEKDAYS } from '../settings/arrivals-profile.ts';
import { isoTime } from '../text/time.ts';

/** Whether the files that were expected of a date have come. */
export interface ExpectedAnswer {
  readonly date_prefix: string;
  /** What their keys begin with; left out: any file of the date. */
  readonly prefix?: string;
  readonly at_least: number;
  /** When they were to have come, `…Z`. */
  readonly by: string;
  /** How many have; of those with a prefix no more than `at_least` are counted. */
  readonly came: number;
}

/** What is to be counted for an answer. */
export type Expected = Pick<ExpectedAnswer, 'date_prefix' | 'prefix' | 'at_least' | 'by'>;

/**
 * What was to have come of a date until now.
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

/** Whether fewer came than were expected. */
export function isMissing({ came, at_least }: ExpectedAnswer): boolean {
  return came < at_least;
}

/** The answer that was given before, where it is not going to change. */
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
