const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A clock and a zone to run tests with. Times are milliseconds since the epoch. */
export interface Moment {
  /** What a process has in `TZ`. */
  readonly zone: string;
  /** What the clock shows when the run begins, for a run that really begins at `now`. */
  start(now: Date): number;
  /** When given, every test file begins shortly before this time. */
  midnight?(now: Date): number;
}

/** Two zones in which the date is often another one than in UTC: 14 hours ahead, and 3½ behind. */
const KIRITIMATI = 'Pacific/Kiritimati';
const ST_JOHNS = 'America/St_Johns';

export const MOMENTS = {
  '3-days': { zone: KIRITIMATI, start: (now) => now.getTime() + 3 * DAY },
  '400-days': { zone: ST_JOHNS, start: (now) => now.getTime() + 400 * DAY },
  midnight: { zone: 'UTC', start: (now) => startOfTomorrow(now) - MINUTE, midnight: startOfTomorrow },
  'month-end': { zone: ST_JOHNS, start: (now) => nextDay(now, 31) + 22 * HOUR },
  'leap-day': { zone: KIRITIMATI, start: (now) => nextDay(now, 29, 2) + 12 * HOUR },
} as const satisfies Readonly<Record<string, Moment>>;

export type MomentName = keyof typeof MOMENTS;

export function isMomentName(name: string): name is MomentName {
  return Object.hasOwn(MOMENTS, name);
}

function startOfTomorrow(now: Date): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1);
}

/** The start of the next day with this number after today, in any month or in the one that is given (1 to 12). */
function nextDay(now: Date, day: number, month?: number): number {
  for (let start = startOfTomorrow(now); ; start += DAY) {
    const date = new Date(start);
    const isMonth = month === undefined || date.getUTCMonth() + 1 === month;
    if (isMonth && date.getUTCDate() === day) return start;
  }
}
