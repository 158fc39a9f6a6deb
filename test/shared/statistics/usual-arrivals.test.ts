import { expect, test } from 'vitest';
import { createRandom, type Random } from '../../../infra/simulator/random.ts';
import { compareArrivals, type DateArrivals } from '../../../shared/statistics/usual-arrivals.ts';
import { addDays } from '../../../shared/text/time.ts';
import { alarmsOf, HOURS, toldOf } from '../../support/arrivals.ts';

const FIRST = '2026-01-05';

/** What a pipeline's days are like. */
interface Pattern {
  /** Files of a date, by weekday from Monday on. */
  readonly files: readonly number[];
  /** By how much a day's number varies, as a share; and a delivery's time, in hours. */
  readonly varies: number;
  readonly jitter: number;
  /** Deliveries of the day: hour, and share of its files. */
  readonly deliveries: readonly (readonly [hour: number, share: number])[];
}

const EVEN: Pattern['deliveries'] = Array.from({ length: 24 }, (_, hour) => [hour, 1 / 24] as const);

const PATTERNS: Readonly<Record<string, Pattern>> = {
  steady: { files: Array(7).fill(10_000), varies: 0.1, jitter: 0.5, deliveries: EVEN },
  office: {
    files: [900, 950, 1_000, 950, 800, 60, 30],
    varies: 0.15,
    jitter: 0.5,
    deliveries: [
      [7, 0.3],
      [12, 0.3],
      [18, 0.4],
    ],
  },
  nightly: { files: Array(7).fill(200), varies: 0.05, jitter: 0.3, deliveries: [[2, 1]] },
  few: {
    files: [12, 12, 12, 12, 12, 0, 0],
    varies: 0.2,
    jitter: 1,
    deliveries: [
      [6, 0.5],
      [14, 0.5],
    ],
  },
  nextDay: {
    files: [400, 400, 400, 400, 400, 100, 100],
    varies: 0.2,
    jitter: 1,
    deliveries: [
      [26, 0.7],
      [30, 0.3],
    ],
  },
};

function normal(random: Random): number {
  return Array.from({ length: 12 }, () => random.between(-0.5, 0.5)).reduce((sum, part) => sum + part, 0);
}

/** The dates of a pipeline one after the other, with slow growth; `cut` takes away all that comes after an hour of a date. */
function history(
  pattern: Pattern,
  days: number,
  random: Random,
  cut?: { day: number; hour: number },
): DateArrivals[] {
  return Array.from({ length: days }, (_, day) => {
    const growth = 1 + day / 1_000;
    const files = (pattern.files[day % 7] ?? 0) * growth * Math.exp(pattern.varies * normal(random));
    const deliveries = pattern.deliveries.map(
      ([hour, share]) => [hour + pattern.jitter * normal(random), Math.round(files * share)] as const,
    );
    const came = (until: number) =>
      deliveries.reduce((sum, [at, count]) => (at <= until ? sum + count : sum), 0);
    const last = cut?.day === day ? cut.hour : 48;
    return {
      date_prefix: addDays(FIRST, day),
      byHour: new Map(HOURS.map((hour) => [hour, came(Math.min(hour, last))])),
    };
  });
}

test.each(Object.entries(PATTERNS))(
  '%s days of half a year raise less than one false alarm a month',
  { tags: ['long'] },
  (_, pattern) => {
    const DAYS = 182;
    let alarms = 0;
    for (const seed of [1, 2]) alarms += alarmsOf(history(pattern, DAYS, createRandom(seed)));
    expect(alarms / (2 * 6)).toBeLessThan(1);
  },
);

test.each([
  ['steady', 8, 26],
  ['office', 9, 22],
  ['nightly', 0, 5],
  ['nextDay', 24, 32],
] as const)(
  '%s days on which nothing arrives after some hour are reported within hours',
  (name, hour, atTheLatest) => {
    const dates = history(PATTERNS[name] ?? (PATTERNS.steady as Pattern), 70, createRandom(4), {
      day: 66,
      hour,
    });
    const [first] = toldOf(dates, 66);
    expect(first).toBeGreaterThan(hour);
    expect(first).toBeLessThanOrEqual(atTheLatest);
  },
);

test('with too few dates of the weekday, nothing is compared', () => {
  const dates = history(PATTERNS.steady as Pattern, 24, createRandom(5), { day: 23, hour: 2 });
  expect(toldOf(dates, 23)).toEqual([]);
  expect(compareArrivals(dates.slice(0, 23), dates[23] as DateArrivals, 12)).toMatchObject({
    state: 'unknown',
    usual: null,
    compared: 3,
  });
});

test('three times as many as usual are also reported', () => {
  const dates = history(PATTERNS.nightly as Pattern, 70, createRandom(6));
  const date = dates[69] as DateArrivals;
  const byHour = new Map([...date.byHour].map(([hour, count]) => [hour, 3 * count]));
  expect(compareArrivals(dates.slice(0, 69), { ...date, byHour }, 12)).toMatchObject({ state: 'more' });
  expect(compareArrivals(dates.slice(0, 69), date, 12)).toMatchObject({ state: 'as_usual', compared: 8 });
});
