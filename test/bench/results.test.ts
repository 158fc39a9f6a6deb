import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { growthText, type Report } from './report.ts';
import { resultsText } from './results.ts';
import { type Goal, rowOf } from './row.ts';
import { growthOf, type SectionReport } from './section.ts';
import { SECTIONS } from './sections.ts';

const goal: Goal = { of: 'ratio', bound: 'at least', limit: 0.7, because: 'The engine was asleep.' };
const growth = growthOf('reads', 'get_stats: read units', 'files', [
  { size: 1_000, cost: 1 },
  { size: 10_000, cost: 1 },
  { size: 100_000, cost: 1 },
]);
const order = ['join', 'consumer', 'reads'];

function reportWith(value: number, name = 'consumer', load = 0.1): Report {
  const row = rowOf(name, {
    name: 'stream consumer',
    size: 9_000,
    sizeUnit: 'records',
    value,
    unit: 'transitions/s',
    baseline: 'bare transactions',
    baselineValue: 1_000,
    goal,
  });
  const section: SectionReport = { name, about: 'rate of it', seconds: 90, rows: [row], growth: [growth] };
  const machine = { processor: 'P', cores: 2, memoryGigabytes: 24, node: 'v20', java: '17', load };
  return { date: '2026-11-23T10:00:00.000Z', machine, seconds: 120, sections: [section] };
}

test('a goal that was missed is explained', () => {
  const text = resultsText(reportWith(500), '', order);
  expect(text).toContain('| 0.5 | ratio ≥ 0.7: MISSED |');
  expect(text).toContain('reached 0.5, the goal is ratio ≥ 0.7. The engine was asleep.');
});

test('if all goals were met, nothing is explained', () => {
  const text = resultsText(reportWith(800), '', order);
  expect(text).toContain('| 0.8 | ratio ≥ 0.7: met |');
  expect(text).not.toContain('asleep');
});

test('each section has its date and machine', () => {
  expect(resultsText(reportWith(800), '', order)).toContain(
    '## consumer\n\nRate of it.\n\n' +
      'Measured on 2026-11-23 in 90 seconds: P, 2 cores, 24 GB; Node v20, Java 17; load at the start 0.1.\n',
  );
});

test('if the machine was busy, the section says so', () => {
  expect(resultsText(reportWith(800, 'consumer', 3), '', order)).toContain('The machine was busy');
});

test('a section that was not measured keeps its text, and the order is that of the sections', () => {
  const first = resultsText(reportWith(800, 'reads'), '', order);
  const second = resultsText(reportWith(700, 'join'), first, order);
  const third = resultsText(reportWith(600, 'join'), second, order);
  expect([...third.matchAll(/^## (.*)$/gm)].map(([, name]) => name)).toEqual(['join', 'reads']);
  expect(third).toContain('| 800 transitions/s |');
  expect(third).toContain('| 600 transitions/s |');
  expect(third).not.toContain('| 700 transitions/s |');
});

test('a section that no longer exists is left out', () => {
  const former = resultsText(reportWith(800, 'reads'), '', order);
  expect(resultsText(reportWith(700, 'join'), former, ['join'])).not.toContain('## reads');
});

test('the kept results have every section, in its place', () => {
  const kept = readFileSync(new URL('RESULTS.md', import.meta.url), 'utf8');
  const names = SECTIONS.map(({ name }) => name);
  expect([...kept.matchAll(/^## (.*)$/gm)].map(([, name]) => name)).toEqual(names);
  expect(resultsText({ ...reportWith(1), sections: [] }, kept, names)).toBe(kept);
});

test('a cost that stays the same grows with n^0.00', () => {
  expect(growthText(growth)).toBe(
    'get_stats: read units = 1 · n^0.00, n being 1,000 to 100,000 files (off by 0% at most)',
  );
});

test('with two points nothing is said about how well they fit', () => {
  expect(
    growthText(
      growthOf('x', 'cost', 'files', [
        { size: 1, cost: 1 },
        { size: 10, cost: 10 },
      ]),
    ),
  ).toBe('cost = 1 · n^1.00, n being 1 to 10 files');
});
