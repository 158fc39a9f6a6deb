import { compareArrivals, type DateArrivals } from '../../shared/statistics/usual-arrivals.ts';
import { addDays } from '../../shared/text/time.ts';

export const HOURS: readonly number[] = Array.from({ length: 48 }, (_, hour) => hour);

/** Consecutive dates with the number of files that arrived in each of their hours. */
export function datesOf(first: string, days: readonly (readonly number[])[]): DateArrivals[] {
  return days.map((hours, day) => {
    let came = 0;
    const byHour = HOURS.map((hour) => {
      came += hours[hour] ?? 0;
      return [hour, came] as const;
    });
    return { date_prefix: addDays(first, day), byHour: new Map(byHour) };
  });
}

/** The same dates, but on one of them nothing arrives after a given hour. */
export function stopped(dates: readonly DateArrivals[], day: number, hour: number): DateArrivals[] {
  return dates.map((date, i) => {
    if (i !== day) return date;
    const until = [...date.byHour].map(
      ([each]) => [each, date.byHour.get(Math.min(each, hour)) ?? 0] as const,
    );
    return { ...date, byHour: new Map(until) };
  });
}

/** The hours of a date at which something unusual would have been reported. */
export function toldOf(dates: readonly DateArrivals[], day: number): number[] {
  const date = dates[day];
  if (!date) return [];
  // Yesterday is another weekday, so all compared dates were over by then.
  const known = dates.slice(0, day).filter((_, i) => (day - i) % 7 === 0 && day - i <= 60);
  return HOURS.filter((hour) => ['fewer', 'more'].includes(compareArrivals(known, date, hour).state));
}

/** On how many of the dates something was reported. */
export function alarmsOf(dates: readonly DateArrivals[]): number {
  return dates.filter((_, day) => toldOf(dates, day).length > 0).length;
}
