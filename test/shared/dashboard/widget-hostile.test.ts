import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { MOST_BYTES } from '../../../shared/dashboard/widget.ts';
import { saveReport } from '../../../shared/reports/reports.ts';
import { visibleText } from '../../../shared/text/visible-text.ts';
import { parseElements } from '../../support/markup.ts';
import { sweepOf, textOf, totalsOf } from './view-data.ts';
import { actionsIn, DATE, EVERY_VIEW, type WidgetBench, widgetBench } from './widget-bench.ts';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&\u0000\u202e.ndjson';
const LONG = `${DATE}-${'"<&'.repeat(330)}.ndjson`;

let bench: WidgetBench;

beforeAll(async () => {
  bench = await widgetBench();
  for (const name of [HOSTILE, LONG, 'plain.ndjson']) await bench.putFile(name);
});

test('names with markup, quotes, control characters or a thousand characters are text, and lead to their file', async () => {
  const markup = await bench.view({ view: 'files', date: DATE });
  expect(markup).not.toContain('<img');
  expect(textOf(markup)).toContain(visibleText(HOSTILE));
  expect(textOf(markup)).not.toContain(LONG);
  const files = actionsIn(markup).filter(({ view: name }) => name === 'file');
  expect(files.map(({ file }) => file)).toEqual(expect.arrayContaining([HOSTILE, LONG]));
  for (const action of files) {
    const one = await bench.view(action);
    expect(one).not.toContain('<img');
    expect(textOf(one)).toContain('uploaded');
    expect(textOf(one)).toContain('--date 2026-11-23 --env local');
  }
});

test('a wrong request shows what is wrong with it', async () => {
  for (const [event, message] of [
    [{ view: '<b>' }, '"view": no such view.'],
    [{ view: 'files', date: '2026-2-30' }, '"date": must have the form YYYY-MM-DD'],
    [{ view: 'files', status: 'lost' }, '"status": must be one of pending'],
    [{ view: 'file', date: DATE }, '"file": must be given'],
    [{ view: 'file', date: DATE, file: '文'.repeat(400) }, '"file": must not be longer than 1,024 bytes'],
  ] as const) {
    expect(textOf(await bench.view(event))).toContain(`Could not be read. ${message}`);
  }
});

test.each([
  { event: null },
  { event: [] },
  { event: 'text' },
  { event: 7 },
  { event: { widgetContext: 'x' } },
  { event: { widgetContext: { timeRange: 'x', forms: 7, theme: 'pink' }, describe: 'no' } },
])('an event of another form shows the overview: $event', async ({ event }) => {
  expect(await bench.view(event)).toContain('aria-current="page">Overview');
});

test('if a service fails, every view is still drawn, and the error is noted', async () => {
  const faults: unknown[] = [];
  const broken = {
    ...bench.source,
    tracking: { ...bench.source.tracking, name: 'gone' },
    projection: { ...bench.source.projection, name: 'gone' },
    noteFault: (error: unknown) => void faults.push(error),
  };
  for (const event of EVERY_VIEW) {
    const markup = await bench.view(event, broken);
    expect(textOf(markup)).toContain('Could not be read.');
    expect(markup).toContain('>Overview</button>');
  }
  expect(faults.length).toBeGreaterThanOrEqual(EVERY_VIEW.length);
});

test('a report of an unknown form becomes a card, not a broken page', async () => {
  await saveReport(bench.source.projection, { job: 'orphan-sweep', about: 'last' }, { at: 7 });
  expect(textOf(await bench.view({ view: 'orphans' }))).toContain('Could not be read.');
  expect(textOf(await bench.view({ view: 'overview' }))).toContain('State Manager');
});

test('whatever is stored, a view is well-formed and under its size', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 1_024 });
  const orphan = fc.record({
    kind: fc.constant('stuck_in_pending'),
    cause: fc.constant('not_taken'),
    date_prefix: text,
    file_key: text,
    status: text,
    hours: fc.double({ noNaN: true }),
    summary: text,
    change: fc.constant('reset'),
  });
  const many = fc.array(orphan, { minLength: 140, maxLength: 140, size: 'max' });
  await fc.assert(
    fc.asyncProperty(many, async (orphans) => {
      const report = { ...sweepOf({ totals: totalsOf({ stuck_in_pending: 140 }) }), orphans };
      await saveReport(bench.source.projection, { job: 'orphan-sweep', about: 'last' }, report);
      const markup = await bench.view({ view: 'orphans' });
      expect(Buffer.byteLength(JSON.stringify(markup))).toBeLessThan(MOST_BYTES);
      parseElements(markup);
    }),
    { numRuns: 15 },
  );
});

test('a list that does not fit says how much of it is not shown', async () => {
  const orphan = (i: number) => ({
    kind: 'stuck_in_pending',
    cause: 'not_taken',
    date_prefix: DATE,
    file_key: `${i}${'"'.repeat(1_000)}`,
    status: 'pending',
    hours: 30,
    summary: 's',
    change: 'reset',
  });
  const report = {
    ...sweepOf({ totals: totalsOf({ stuck_in_pending: 150 }) }),
    orphans: Array.from({ length: 150 }, (_, i) => orphan(i)),
  };
  await saveReport(bench.source.projection, { job: 'orphan-sweep', about: 'last' }, report);
  const markup = await bench.view({ view: 'orphans' });
  expect(textOf(markup)).toMatch(/▲ \d+ more orphans do not fit here/);
  expect(Buffer.byteLength(JSON.stringify(markup))).toBeLessThan(MOST_BYTES);
});
