import { expect, test } from 'vitest';
import { growthText, type Report } from './report.ts';
import { resultsText } from './results.ts';
import { type Goal, rowOf } from './row.ts';
import { growthOf } from './section.ts';

const goal: Goal = { of: 'ratio', bound: 'at least', limit: 0.7, because: 'The engine was asleep.' };
const growth = growthOf('reads', 'get_stats: read units', 'files', [
  { size: 1_000, cost: 1 },
  { size: 100_000, cost: 1 },
]);

function reportWith(value: number): Report {
  const row = rowOf('consumer', {
    name: 'stream consumer',
    size: 9_000,
    sizeUnit: 'records',
    value,
    unit: 'transitions/s',
    baseline: 'bare transactions',
    baselineValue: 1_000,
    goal,
  });
  const machine = { processor: 'P', cores: 2, memoryGigabytes: 24, node: 'v20', java: '17', load: 0.1 };
  return { date: '2026-11-23T10:00:00.000Z', machine, seconds: 120, rows: [row], growth: [growth] };
}

test('a goal that was missed is explained', () => {
  const text = resultsText(reportWith(500));
  expect(text).toContain('| 0.5 | ratio ≥ 0.7: MISSED |');
  expect(text).toContain('reached 0.5, the goal is ratio ≥ 0.7. The engine was asleep.');
});

test('where all goals were met nothing is explained', () => {
  const text = resultsText(reportWith(800));
  expect(text).toContain('| 0.8 | ratio ≥ 0.7: met |');
  expect(text).toMatch(/## Goals missed\n\nNone\.\n$/);
});

test('date and machine stand with the results', () => {
  expect(resultsText(reportWith(800))).toContain(
    'Measured on 2026-11-23 in 2 minutes: P, 2 cores, 24 GB; Node v20, Java 17; load at the start 0.1.',
  );
});

test('a cost that stays the same grows with n^0.00', () => {
  expect(growthText(growth)).toBe(
    'get_stats: read units = 1 · n^0.00, n being 1,000 to 100,000 files (off by 0% at most)',
  );
});
