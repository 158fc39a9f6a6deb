const FIELD_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?$/i;

// What most writers spell, and what a stream brings several of a record: it is cut out, not computed. Later
// days of a month are left to the calendar.
const PLAIN_UTC_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3,9}(?:Z|\+00:00)$/;

/**
 * Reads a time as the pipeline's writers spell it: `2026-11-23T05:22:53.532494+00:00`, the same with `Z`,
 * with or without fractions, or naive, which means UTC.
 *
 * @returns the time as `2026-11-23T05:22:53.532Z` (cut to milliseconds), or undefined when it is no time
 */
export function parseFieldTime(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (PLAIN_UTC_TIME.test(value)) return `${value.slice(0, 19)}.${value.slice(20, 23)}Z`;
  const match = FIELD_TIME.exec(value.trim());
  if (!match) return undefined;
  // Without the zone JavaScript would read a naive time in the machine's own.
  const millis = Date.parse(`${match[1]}T${match[2]}${match[3] ?? 'Z'}`);
  return Number.isNaN(millis) ? undefined : isoTime(millis);
}

/** Milliseconds since the epoch as `2026-11-23T05:22:53.532Z`. */
export function isoTime(millis: number): string {
  return new Date(millis).toISOString();
}

/** Seconds from one `…Z` time to another, to the millisecond; negative when `to` is earlier. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

const DAY_MILLIS = 86_400_000;

/** The UTC date, YYYY-MM-DD, of a time in milliseconds since the epoch. */
export function dayOf(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return dayOf(Date.parse(date) + days * DAY_MILLIS);
}

/** Every date from `start` to `end`, both included; none when `end` is before `start`. */
export function datesBetween(start: string, end: string): string[] {
  const days = Math.round((Date.parse(end) - Date.parse(start)) / DAY_MILLIS) + 1;
  return Array.from({ length: Math.max(0, days) }, (_, day) => addDays(start, day));
}
