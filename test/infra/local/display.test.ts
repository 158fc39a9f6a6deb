import { expect, test } from 'vitest';
import { type SummaryState, summaryLine, summaryText } from '../../../infra/local/display.ts';

const state: SummaryState = {
  stats: {
    stats: { pending: 12, manifested: 30, processing: 1, completed: 12_345, failed: 2, quarantined: 0 },
    total: 12_390,
    manifests: { stats: { completed: 3 }, total: 3 },
    lag_seconds: 0.4,
  },
  settledPerMinute: 600,
  schedules: 'sweep: 3 orphans',
  source: 'simulator: 12390 files arrived',
  transitions: 40_000,
  duplicates: 5,
  gapsClosed: 0,
  late: 0,
  deadLetters: 1,
  behindSeconds: 2,
  faults: 0,
  lastProblem: undefined,
  leftOut: 0,
  lastLeftOut: undefined,
  comparison: 'counters equal a full scan of 12393 records',
};

test('the summary counts files and manifests apart, and fits a terminal of 100 columns', () => {
  const text = summaryText(state);
  expect(text).toMatch(/files\s+│\s+12 │\s+30 │\s+1 │\s+12,345 │\s+2 │\s+0 │\s+12,390/);
  expect(text).toMatch(/manifests\s+│\s+0 │/);
  expect(text).toContain('43 in flight · 600 settled/min');
  expect(text).toContain('equal a full scan');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

test('the line for logs has the same numbers and names faults only when there were any', () => {
  expect(summaryLine(state)).toContain('completed=12345');
  expect(summaryLine(state)).not.toContain('faults');
  expect(summaryLine({ ...state, faults: 3 })).toContain('faults_survived=3');
});

test('the newest fault of the stream is told, on a terminal and in a log', () => {
  const lastProblem = 'Error: throttled';
  expect(summaryText({ ...state, faults: 1, lastProblem })).toContain(`last fault: ${lastProblem}`);
  expect(summaryLine({ ...state, faults: 1, lastProblem })).toContain(`last fault: ${lastProblem}`);
  expect(summaryText(state)).not.toContain('last fault');
});

test('records that cannot be read are told in words, once, with their number, and outlive later faults', () => {
  const lastLeftOut = 'keys {"file_key":{"S":"a"}}. Error: Unknown attribute type: X';
  const left = { ...state, leftOut: 2, lastLeftOut, lastProblem: 'Error: throttled' };
  const told = `left out: 2 stream records could not be read, and the counts lack them; the last: ${lastLeftOut}`;
  for (const text of [summaryText(left), summaryLine(left)]) expect(text.split(told)).toHaveLength(2);
  expect(summaryLine({ ...left, leftOut: 1 })).toContain('left out: 1 stream record could not');
  expect(summaryText(state)).not.toContain('left out');
});
