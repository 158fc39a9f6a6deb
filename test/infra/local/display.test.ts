import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { banner, summaryLine, summaryText } from '../../../infra/local/display.ts';
import { failureText } from '../../../infra/local/failure-text.ts';
import { localSettings } from '../../../infra/local/settings.ts';
import type { SummaryState } from '../../../infra/local/summary.ts';
import { plain } from '../../../shared/cli/terminal.ts';
import { lateOf } from '../../support/ages.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const counts = {
  pending: 12,
  manifested: 30,
  processing: 1,
  completed: 12_345,
  failed: 2,
  quarantined: 0,
};
const state: SummaryState = {
  snapshot: {
    at: '2026-11-23T06:00:00.000Z',
    stats: {
      stats: counts,
      total: 12_390,
      arrivals: counts,
      manifests: { stats: { ...counts, pending: 0, completed: 3 }, total: 3 },
      in_flight: lateOf(NOW),
      as_of: '2026-11-23T05:59:58.000Z',
      lag_seconds: 0.4,
    },
    rates_per_minute: { ...counts, completed: 600 },
    oldest_in_flight: [
      {
        status: 'processing',
        date_prefix: '2026-11-23',
        file_key: `2026-11-23-test0001-${'0123456789-'.repeat(4)}.ndjson`,
        since: '2026-11-23T05:59:00.000Z',
        age_unknown: 0,
        is_certain: true,
      },
    ],
    monitoring: { unavailable: 'local has no CloudWatch' },
    notices: [],
  },
  schedules: [
    ['sweep', '3 orphans'],
    ['audit', 'failed (Runtime.ExitError: it was killed), will retry in a moment'],
  ],
  source: 'simulator: 12390 files arrived, 40000 writes, 17 expired',
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
const shown = (given: SummaryState) => summaryText(given, { width: 80, colorize: plain });

test('the summary is what watch shows, with the work of the parts, and fits a terminal of 80 columns', () => {
  const text = shown(state);
  expect(text).toMatch(/^completed +12,345 +600$/m);
  expect(text).toContain('1 processing · 3 completed');
  expect(text).toMatch(/^sweep +3 orphans$/m);
  expect(text).toMatch(/^consumer +40,000 transitions · 2s behind · 5 duplicates · 1 dead letters$/m);
  expect(text).toContain('equal a full scan');
  expect(text).not.toContain('CloudWatch');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('what is printed at the start fits 80 columns and can be pasted, whatever the port', () => {
  for (const port of ['4800', '5810']) {
    const settings = localSettings({ STATE_MANAGER_PORT: port });
    const text = banner({ settings, system: { url: `http://127.0.0.1:${port}` }, logFolder: '.local/logs' });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    const commands = text.match(/^ {2}(?:.*\\\n)*.*$/gm) ?? [];
    expect(commands).toHaveLength(2);
    for (const command of commands)
      expect(spawnSync('bash', ['-n', '-c', command]).stderr.toString()).toBe('');
    expect(commands[0]).toBe(
      `  ${port === '4800' ? '' : 'STATE_MANAGER_PORT=5810 '}npx tsx runbooks/find-orphans.ts`,
    );
  }
});

test('the line for logs has the same numbers and names faults only when there were any', () => {
  expect(summaryLine(state)).toContain('completed=12345');
  expect(summaryLine(state)).not.toContain('faults');
  expect(summaryLine({ ...state, faults: 3 })).toContain('faults_survived=3');
});

test('the newest fault of the stream is shown, on a terminal and in a log', () => {
  const lastProblem = 'Error: throttled';
  expect(shown({ ...state, faults: 1, lastProblem })).toMatch(/^last fault +Error: throttled$/m);
  expect(summaryLine({ ...state, faults: 1, lastProblem })).toContain(`last fault: ${lastProblem}`);
  expect(shown(state)).not.toContain('last fault');
});

test('unreadable records are reported as text, once, with their number, and stay after later faults', () => {
  const lastLeftOut = 'date_prefix 2026-11-23, file_key a. Unknown attribute type: X';
  const left = { ...state, leftOut: 2, lastLeftOut, lastProblem: 'Error: throttled' };
  const told = `2 stream records could not be read, and are missing from the counts; the last: ${lastLeftOut}`;
  for (const text of [shown(left), summaryLine(left)]) expect(text.split(told)).toHaveLength(2);
  expect(summaryLine({ ...left, leftOut: 1 })).toContain('left out: 1 stream record could not');
  expect(shown(state)).not.toContain('left out');
});

test("a failed function's own message is shown as text", () => {
  const payload = { errorType: 'TimeoutError', errorMessage: 'no answer', trace: ['at x'] };
  expect(failureText(payload)).toBe('TimeoutError: no answer');
  expect(failureText({ errorType: 'Error', errorMessage: 'no answer' })).toBe('no answer');
  expect(failureText(null)).toBe('it failed without a message: see its log');
});
