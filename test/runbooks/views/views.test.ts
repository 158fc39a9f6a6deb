import { expect, test } from 'vitest';
import { ratesPerMinute, withSample } from '../../../runbooks/views/snapshots.ts';
import { sparkline } from '../../../runbooks/views/stats-view.ts';
import { barText, type Timeline, timelineView } from '../../../runbooks/views/timeline-view.ts';
import { targetArguments } from '../../../shared/cli/context.ts';
import { plain, progressLine } from '../../../shared/cli/terminal.ts';
import { commandText } from '../../../shared/text/shell-text.ts';

const at = (time: string, event: string, status: string) => ({
  event: event as Timeline['timeline'][number]['event'],
  timestamp: `2026-11-23T${time}.000Z`,
  status,
});
const timeline: Timeline = {
  file: 'a.ndjson',
  current_status: 'completed',
  timeline: [
    at('05:00:00', 'uploaded', 'pending'),
    at('05:10:00', 'manifested', 'manifested'),
    at('05:09:58', 'processing_started', 'processing'),
    at('05:40:00', 'completed', 'completed'),
  ],
  durations_seconds: {},
  total_processing_time: 2_400,
  steps: [],
  notes: [],
  acknowledgements: [],
  source: 'stream',
};

test('each step of a timeline is a bar in its place; a clock that went back has none', () => {
  const view = timelineView(timeline, Date.parse('2026-11-23T06:00:00Z'));
  const lines = view.lines?.({ width: 93, colorize: plain }) ?? [];
  expect(lines.slice(0, 3)).toEqual([
    'file    a.ndjson',
    'status  completed since 2026-11-23 05:40:00Z (20m ago)',
    'total   40m',
  ]);
  expect(lines.slice(-4)).toEqual([
    'uploaded            2026-11-23 05:00:00Z',
    `manifested          2026-11-23 05:10:00Z     10m  ${'█'.repeat(10)}`,
    'processing_started  2026-11-23 05:09:58Z     -2s',
    `completed           2026-11-23 05:40:00Z  30m 2s  ${' '.repeat(9)}${'█'.repeat(31)}`,
  ]);
});

test('a change in a timeline is shown with who made it and why', () => {
  const change = { change_id: 'c1', actor: 'ann', reason: 'retry' };
  const changed = { ...timeline, timeline: [{ ...at('05:00:00', 'reset', 'pending'), ...change }] };
  const lines = timelineView(changed, 0).lines?.({ width: 80, colorize: plain });
  expect(lines?.at(-1)).toBe('reset by ann: retry (change c1)');
});

test('a bar is never empty, and never leaves its line', () => {
  expect(barText(0, 0, 10)).toBe('▏');
  expect(barText(1, 1, 10)).toBe('         █');
  expect(barText(0.5, 1, 4)).toBe('  ██');
});

test('in a line of counts the greatest has full height', () => {
  expect(sparkline([0, 5, 10])).toBe('▁▅█');
  expect(sparkline([0, 0])).toBe('▁▁');
});

test('progress has a bar if the total is known', () => {
  expect(progressLine('files', 50, 100, 10_000)).toBe(
    `files ${'━'.repeat(15)}${'╌'.repeat(15)} 50 of 100 · 5/s · 10s left`,
  );
  expect(progressLine('files', 1_500, undefined, 1_000)).toBe('files 1,500 · 1,500/s');
  // More than expected, as when files arrive in the meantime.
  expect(progressLine('files', 101, 100, 1_000)).toBe('files 101 · 101/s');
});

test('rates are measured over the last minute', () => {
  const arrivals = { pending: 0, manifested: 0, processing: 0, completed: 0, failed: 0, quarantined: 0 };
  const sample = (second: number, completed: number) => ({
    at: second * 1_000,
    arrivals: { ...arrivals, completed },
  });
  const samples = [sample(0, 0), sample(30, 600), sample(70, 700)].reduce<ReturnType<typeof withSample>>(
    withSample,
    [],
  );
  expect(samples).toHaveLength(2);
  expect(ratesPerMinute(samples)).toMatchObject({ completed: 150, pending: 0 });
  expect(ratesPerMinute(samples.slice(0, 1))).toBeUndefined();
});

test('a command line can be copied into a shell, and leads to the same target', () => {
  const target = targetArguments({ env: 'dev', endpointUrl: 'http://127.0.0.1:1' });
  expect(commandText('file', ["it's a.ndjson", ...target])).toBe(
    "npx tsx runbooks/file.ts 'it'\\''s a.ndjson' --env dev --endpoint-url http://127.0.0.1:1",
  );
});
