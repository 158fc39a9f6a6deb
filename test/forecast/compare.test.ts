import { expect, test } from 'vitest';
import { scoreOf } from './compare.ts';
import type { Said } from './play-days.ts';

const MINUTE = 60_000;
const BEGIN = Date.parse('2026-11-23T06:00:00Z');
const RATES = { arrived_per_hour: 0, arrived_minutes: 30, settled_per_hour: 100, minutes: 60 };
const NOTHING: Said['forecast'] = { state: 'unknown', reason: 'not asked' };
const timeAt = (minutes: number) => new Date(BEGIN + minutes * MINUTE).toISOString();

/** A forecast of 100 minutes at the beginning, and how many files are in flight after each of these minutes. */
function saidWith(inFlight: ReadonlyMap<number, number>): Said[] {
  const between = [timeAt(90), timeAt(110)] as const;
  const forecast: Said['forecast'] = { state: 'drains', at: timeAt(100), between, down_to: 20, rates: RATES };
  return [...inFlight].map(([minutes, count]) => ({
    sample: { at: BEGIN + minutes * MINUTE, inFlight: count, arrived: 0, settled: 0 },
    forecast: minutes === 0 ? forecast : NOTHING,
  }));
}

test.each([
  [105, { given: 1, hits: 1, inRange: 1 }],
  [120, { given: 1, hits: 1, inRange: 0 }],
  [200, { given: 1, hits: 0, inRange: 0 }],
])(
  'a forecast of 100 minutes for a backlog that took %i is judged by a quarter and by its range',
  (took, score) => {
    expect(
      scoreOf(
        saidWith(
          new Map([
            [0, 100],
            [took, 20],
          ]),
        ),
      ),
    ).toMatchObject(score);
  },
);

test('a backlog that is still there when the days end is a miss, once it has taken too long', () => {
  expect(
    scoreOf(
      saidWith(
        new Map([
          [0, 100],
          [400, 100],
        ]),
      ),
    ),
  ).toMatchObject({ given: 1, hits: 0, inRange: 0 });
  expect(
    scoreOf(
      saidWith(
        new Map([
          [0, 100],
          [110, 100],
        ]),
      ),
    ),
  ).toMatchObject({ given: 0 });
});
