import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createRandom, type Random } from '../../../infra/simulator/random.ts';
import { compareArrivals } from '../../../shared/statistics/usual-arrivals.ts';
import { alarmsOf, datesOf, stopped, toldOf } from '../../support/arrivals.ts';

const DAYS = 182;

/**
 * What really came, by the hour, for half a year with its weekends and holidays: flights to a large, a middle and a small
 * airport by the hour of their departure, of the US Bureau of Transportation Statistics (first half of 2001).
 */
const RECORDED = readFileSync(
  fileURLToPath(new URL('../../fixtures/recorded-arrivals.csv', import.meta.url)),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));

function recorded(stream: string) {
  const rows = RECORDED.filter(([name]) => name === stream);
  return datesOf(
    rows[0]?.[1] ?? '',
    rows.map(([, , ...hours]) => hours.map(Number)),
  );
}

test.each(['ATL', 'BOI', 'FAI'])('nothing recorded at %s in half a year is reported as unusual', (stream) => {
  const dates = recorded(stream);
  expect(dates).toHaveLength(181);
  expect(alarmsOf(dates)).toBe(0);
});

test.each([
  ['ATL', 13, 2],
  ['BOI', 13, 6],
  ['FAI', 8, 8],
] as const)(
  'if it had stopped at %s at %i o’clock, that would be reported within %i hours',
  (stream, hour, atMost) => {
    const dates = recorded(stream);
    for (let day = 60; day < dates.length; day += 9)
      expect(toldOf(stopped(dates, day, hour), day)[0]).toBeLessThanOrEqual(hour + atMost);
  },
);

type Flow = (random: Random, day: number, hour: number) => number;

/** So many as come of independent ones. */
function chance(random: Random, mean: number): number {
  let count = 0;
  for (let product = random.between(0, 1); product > Math.exp(-mean); product *= random.between(0, 1))
    count += 1;
  return count;
}

const isWeekend = (day: number) => day % 7 >= 5;
const isHoliday = (day: number) => day % 61 === 40;

const FLOWS: Readonly<Record<string, Flow>> = {
  'one file an hour': (random) => chance(random, 1),
  'ten files an hour': (random) => chance(random, 10),
  'office hours': (random, day, hour) =>
    chance(random, (isWeekend(day) ? 5 : 20) * (hour >= 7 && hour < 19 ? 1 : 0.05)),
  'batches of 20': (random) => 20 * chance(random, 0.7),
  'batches of 200, now and then': (random) => 200 * chance(random, 0.1),
  'a flow that grows': (random, day) => chance(random, 2 + day / 20),
  'a day of bursts each two months': (random, day) => chance(random, day % 60 === 50 ? 100 : 10),
  'holidays without any': (random, day) => (isHoliday(day) ? 0 : chance(random, 30)),
};

test.each(Object.entries(FLOWS))('%s: half a year raises at most one alarm a month', (_, flow) => {
  expect(alarmsOf(playedDates(flow, 1)) / 6).toBeLessThanOrEqual(1);
});

test.each([
  ['one file an hour', 12],
  ['ten files an hour', 2],
  ['office hours', 3],
  ['a flow that grows', 4],
  ['holidays without any', 4],
] as const)('%s: a flow that stops is reported after %i hours at most', (name, atMost) => {
  const dates = playedDates(FLOWS[name] as Flow, 3);
  for (let day = 60; day < DAYS; day += 11) {
    if (isWeekend(day)) continue;
    expect(toldOf(stopped(dates, day, 10), day)[0], String(day)).toBeLessThanOrEqual(10 + atMost);
  }
});

test('a flow that has stopped is reported with its hours, even if as many as usual arrived before', () => {
  const dates = stopped(playedDates(FLOWS['ten files an hour'] as Flow, 3), 100, 14);
  const [before, date] = [dates.slice(0, 100), dates[100]];
  expect(date && compareArrivals(before, date, 15)).toMatchObject({ state: 'as_usual', quiet_hours: 0 });
  expect(date && compareArrivals(before, date, 16)).toMatchObject({ state: 'fewer', quiet_hours: 2 });
});

function playedDates(flow: Flow, seed: number) {
  const random = createRandom(seed);
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const days = Array.from({ length: DAYS }, (_, day) => hours.map((hour) => flow(random, day, hour)));
  return datesOf('2026-01-05', days);
}
