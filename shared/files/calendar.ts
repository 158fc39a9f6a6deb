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
