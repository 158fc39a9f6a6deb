import fc from 'fast-check';
import { expect, test } from 'vitest';
import { datesShown } from '../../../shared/dashboard/dates.ts';
import { flowOf, levelsOf, type Sample, withSample } from '../../../shared/dashboard/trend.ts';
import { countsOf, NOW } from './view-data.ts';

const at = (millis: number, completed = 0): Sample => ({
  at: NOW + millis,
  counts: countsOf({ completed }),
  arrivals: countsOf({ pending: 2 * completed, completed }),
});
const times = (samples: readonly Sample[]) => samples.map((sample) => sample.at - NOW);

test('samples of the last hour are kept, including the newest, and few close together', () => {
  const often = Array.from({ length: 61 }, (_, i) => at(i * 500));
  const kept = often.reduce<readonly Sample[]>(withSample, []);
  expect(times(kept).slice(0, 3)).toEqual([0, 2_000, 4_000]);
  expect(times(kept).at(-1)).toBe(30_000);
  expect(times(withSample(kept, at(3_629_000)))).toEqual([30_000, 3_629_000]);
});

test('a clock that was set back begins a new history', () => {
  expect(times(withSample([at(10_000), at(20_000)], at(5_000)))).toEqual([5_000]);
});

test('rates are those of the last five minutes, though the line is of all', () => {
  const flow = flowOf([at(-3_600_000, 0), at(-120_000, 100), at(0, 160)]);
  expect(flow).toMatchObject({ millis: 120_000, inPerMinute: 60, outPerMinute: 30, seriesMillis: 3_600_000 });
});

test('one sample is not enough for the flow', () => {
  expect(flowOf([])).toBeUndefined();
  expect(flowOf([at(0)])).toBeUndefined();
});

test('counts that start over cause no negative flow', () => {
  const flow = flowOf([at(-60_000, 500), at(0, 3)]);
  expect(flow).toMatchObject({ inPerMinute: 0, outPerMinute: 0, settledSeries: [0] });
});

test('the line of any samples stays within them, begins with the first and ends with the last', () => {
  const history = fc.uniqueArray(
    fc.record({ at: fc.integer({ min: 0, max: 10 ** 8 }), completed: fc.nat(10 ** 6) }),
    {
      selector: (sample) => sample.at,
      minLength: 2,
      maxLength: 120,
    },
  );
  fc.assert(
    fc.property(history, (records) => {
      const samples = records.sort((a, b) => a.at - b.at).map((sample) => at(sample.at, sample.completed));
      const counts = samples.map(({ counts: { completed } }) => completed);
      const levels = levelsOf(samples, 'completed');
      expect(levels.length).toBeLessThanOrEqual(49);
      expect(levels[0]).toBe(counts[0]);
      expect(levels.at(-1)).toBe(counts.at(-1));
      expect(Math.max(...levels)).toBeLessThanOrEqual(Math.max(...counts));
      expect(Math.min(...levels)).toBeGreaterThanOrEqual(Math.min(...counts));
    }),
  );
});

const DATES = ['2026-11-01', '2026-11-02', '2026-11-20', '2026-11-23'];
const now = Date.parse('2026-11-23T06:00:00Z');
const during = (start: string, end: string) => ({
  range: { start: Date.parse(start), end: Date.parse(end) },
  now,
});

test('without a time range the newest dates are shown', () => {
  expect(datesShown(DATES, { range: undefined, now }, 2, 3)).toEqual([
    '2026-11-23',
    '2026-11-20',
    '2026-11-02',
  ]);
});

test('a short time range still shows some dates before its end, and none after', () => {
  const shown = datesShown(DATES, during('2026-11-20T03:00:00Z', '2026-11-20T06:00:00Z'), 2, 25);
  expect(shown).toEqual(['2026-11-20', '2026-11-02']);
});

test('a long time range shows as many dates as fit', () => {
  const shown = datesShown(DATES, during('2026-11-01T00:00:00Z', '2026-11-23T06:00:00Z'), 1, 3);
  expect(shown).toEqual(['2026-11-23', '2026-11-20', '2026-11-02']);
});

test('dates that no time range reaches are always shown, because names contain them', () => {
  const odd = ['0000-00-00', ...DATES, '2026-11-31', '4711-00-01'];
  const shown = datesShown(odd, during('2026-11-20T03:00:00Z', '2026-11-20T06:00:00Z'), 2, 25);
  expect(shown).toEqual(['4711-00-01', '2026-11-31', '2026-11-20', '2026-11-02']);
});
