import { expect, test } from 'vitest';
import type { ShownChange, ShownRecord } from '../../../shared/dashboard/answers.ts';
import { changeView } from '../../../shared/dashboard/change-view.ts';
import { changesView } from '../../../shared/dashboard/changes-view.ts';
import { datesView } from '../../../shared/dashboard/dates-view.ts';
import { fileView } from '../../../shared/dashboard/file-view.ts';
import { filesView } from '../../../shared/dashboard/files-view.ts';
import { orphansView } from '../../../shared/dashboard/orphans-view.ts';
import { DEFAULT_LIMITS } from '../../../shared/orphans/limits.ts';
import { type Content, markupOf } from '../../../shared/page-kit/html.ts';
import { sumCounters } from '../../../shared/projection/counters.ts';
import { parseElements } from '../../support/markup.ts';
import { context, NOW, statsOf, sweepOf, textOf, timelineOf, totalsOf } from './view-data.ts';

const shownText = (content: Content) => textOf(markupOf(content));

test('a date shows its counts, and its failures lead to the failed files', () => {
  const counters = sumCounters([
    { file_completed: 95, file_failed: 5, as_of: Date.parse('2026-11-22T10:00:00Z') },
  ]);
  const listed = [{ date: '2026-11-22', counters }];
  const view = datesView({ kind: 'read', value: { listed, known: 40 } }, context);
  expect(shownText(view)).toContain('2026-11-22 100 95.0% 0 5');
  expect(shownText(view)).toContain('the newest 1 of 40 dates, as of 2026-11-22 10:00:00Z');
  expect(markupOf(view)).toContain('href="/?view=files&amp;date=2026-11-22&amp;status=failed"');
});

test('one failed file among a million is seen in its bar, which stays within its length', () => {
  const counters = sumCounters([{ file_completed: 999_999, file_failed: 1 }]);
  const view = datesView(
    { kind: 'read', value: { listed: [{ date: '2026-11-22', counters }], known: 1 } },
    context,
  );
  const bars = parseElements(markupOf(view)).filter(
    ({ name, attributes }) => name === 'rect' && attributes.x,
  );
  expect(bars).toHaveLength(2);
  expect(Number(bars[1]?.attributes.width)).toBeGreaterThanOrEqual(4);
  expect(Number(bars[1]?.attributes.x) + Number(bars[1]?.attributes.width)).toBeLessThanOrEqual(1_000);
});

test('no dates, no files, no orphans and no changes are said, and are no error', () => {
  const none = [
    datesView({ kind: 'read', value: { listed: [], known: 0 } }, context),
    filesView(
      { view: 'files', status: 'failed' },
      { list: { kind: 'read', value: { count: 0, files: [] } }, stats: failed },
      context,
    ),
    orphansView({ kind: 'read', value: sweepOf() }, context),
    changesView({ kind: 'read', value: { changes: [] } }, context),
  ].map(shownText);
  expect(none[0]).toContain('No date has files yet.');
  expect(none[1]).toContain('There are none');
  expect(none[2]).toContain('The last sweep found none among 120, as of 05:30:00Z (30m ago)');
  expect(none[3]).toContain('Nobody has changed anything yet.');
});

const failed = { kind: 'failed' as const, message: 'TimeoutError: gone' };

test('what cannot be read is a card in every view', () => {
  const views = [
    datesView(failed, context),
    filesView({ view: 'files', date: '2026-11-23' }, { list: failed, stats: failed }, context),
    fileView({ date: '2026-11-23', file: 'x.ndjson', timeline: failed, record: failed }, context),
    orphansView(failed, context),
    changesView(failed, context),
    changeView('c1', failed, context),
  ];
  for (const view of views) expect(shownText(view)).toContain('Could not be read. TimeoutError: gone');
});

test('an operation that is not there leaves a view that says so', () => {
  const absent = {
    kind: 'absent' as const,
    message: '"operation": received "list_changes"',
    hint: 'Send another.',
  };
  expect(shownText(changesView(absent, context))).toBe(
    'Changes "operation": received "list_changes" Send another.',
  );
});

test('a list of files tells their statuses, ages, sizes and errors, and how many are not listed', () => {
  const files: ShownRecord[] = [
    {
      date_prefix: '2026-11-23',
      file_key: 'a.ndjson',
      status: 'failed',
      failed_time: '2026-11-23T05:00:00Z',
      error_message: 'boom',
      file_size_mb: '3.25',
    },
    { date_prefix: '2026-11-23', file_key: 'b.ndjson', status: 7, file_size_mb: null },
  ];
  const view = filesView(
    { view: 'files', date: '2026-11-23' },
    {
      list: { kind: 'read', value: { count: 2, files, next_token: 't' } },
      stats: { kind: 'read', value: statsOf({ failed: 90 }) },
    },
    context,
  );
  const text = shownText(view);
  expect(text).toContain('failed a.ndjson boom 1h 3.3 MB');
  expect(text).toContain('7 b.ndjson unknown');
  expect(text).toContain('2 of about 90 files');
  expect(markupOf(view)).toContain('href="/?view=files&amp;date=2026-11-23&amp;next=t"');
});

test('a timeline shows its attempts, to scale, and who changed what for which reason', () => {
  const view = fileView(
    {
      date: '2026-11-23',
      file: 'x.ndjson',
      timeline: { kind: 'read', value: timelineOf(TWO_ATTEMPTS) },
      record: {
        kind: 'read',
        value: {
          date_prefix: '2026-11-23',
          file_key: 'x.ndjson',
          manifest_path: 's3://m/a/batch-1.json',
          error_message: 'E',
        },
      },
    },
    context,
  );
  const text = shownText(view);
  expect(text).toContain('Attempt 1: 40m');
  expect(text).toContain('failed 04:40:00.000 lay 1h');
  expect(text).toContain('by arn:alice: “again”');
  expect(text).toContain('manifested 05:50:00.000 10m so far');
  expect(text).toContain('Its error: E');
  expect(markupOf(view)).toContain('file=MANIFEST%23batch-1.json');
  const [first] = barsBetween(markupOf(view), 'uploaded');
  // Ten of forty minutes.
  expect(Number(first?.attributes.width)).toBeCloseTo(249, 0);
});

const TWO_ATTEMPTS = [
  { event: 'uploaded', status: 'pending', timestamp: '2026-11-23T04:00:00.000Z' },
  { event: 'manifested', status: 'manifested', timestamp: '2026-11-23T04:10:00.000Z' },
  { event: 'failed', status: 'failed', timestamp: '2026-11-23T04:40:00.000Z' },
  {
    event: 'reset',
    status: 'pending',
    timestamp: '2026-11-23T05:40:00.000Z',
    change_id: 'c1',
    actor: 'arn:alice',
    reason: 'again',
  },
  { event: 'manifested', status: 'manifested', timestamp: '2026-11-23T05:50:00.000Z' },
];

/** The bars in the row of an event. */
function barsBetween(markup: string, event: string) {
  const row = markup.slice(markup.indexOf(`${event}</th>`)).split('</tr>')[0] ?? '';
  return parseElements(row.slice(row.indexOf('<'))).filter(
    ({ name, attributes }) => name === 'rect' && attributes.height === '12',
  );
}

test('a timeline of a thousand events shows the latest attempts, and how many it does not', () => {
  const reset = {
    event: 'reset',
    status: 'pending',
    change_id: 'c1',
    actor: '"'.repeat(500),
    reason: '<'.repeat(500),
  };
  const timeline = Array.from({ length: 1_000 }, (_, i) => ({
    ...(i % 2 === 0 ? reset : { event: 'manifested', status: 'manifested' }),
    timestamp: new Date(NOW - (1_000 - i) * 60_000).toISOString(),
  }));
  const absent = { kind: 'absent' as const, message: '', hint: '' };
  const read = { kind: 'read' as const, value: timelineOf(timeline) };
  const markup = markupOf(
    fileView({ date: '2026-11-23', file: 'x', timeline: read, record: absent }, context),
  );
  expect(Buffer.byteLength(JSON.stringify(markup))).toBeLessThan(190_000);
  expect(textOf(markup)).toMatch(/▲ The first \d+ attempts do not fit here/);
  expect(textOf(markup)).toContain('Attempt 500: ');
  expect(textOf(markup)).not.toContain('Attempt 1: ');
});

test('a clock that went back, an unknown event and a time that is none are shown as they are', () => {
  const events = [
    { event: 'uploaded', status: 'pending', timestamp: '2026-11-23T04:00:00.000Z' },
    { event: 'unrecognised', status: 'archived', timestamp: '2026-11-23T03:59:50.000Z' },
    { event: 'removed', status: 'removed', timestamp: 'yesterday' },
  ];
  const timeline = { kind: 'read' as const, value: timelineOf(events) };
  const absent = { kind: 'absent' as const, message: 'No record', hint: '' };
  const markup = markupOf(fileView({ date: '2026-11-23', file: 'x', timeline, record: absent }, context));
  const text = textOf(markup);
  expect(text).toContain('−10s, a clock went back');
  expect(text).toContain('unrecognised');
  expect(text).toContain('yesterday');
  expect(text).toContain('no record of it any more');
  expect(markup).not.toContain('NaN');
});

test('a file that nobody knows is no error', () => {
  const absent = { kind: 'absent' as const, message: 'No record of x.', hint: 'It is URL-encoded.' };
  const text = shownText(
    fileView({ date: '2026-11-23', file: 'x', timeline: absent, record: absent }, context),
  );
  expect(text).toBe('2026-11-23 / x No such file No record of x. It is URL-encoded.');
});

test('orphans are told by kind, with the verdict, what mends it, and the command that lists them all', () => {
  const orphan = {
    kind: 'stuck_in_manifested' as const,
    cause: 'updater_missed' as const,
    date_prefix: '2026-11-22',
    file_key: 'x.ndjson',
    status: 'manifested',
    hours: 9,
    summary: 'Manifested for 9 hours: but its own record was never updated.',
    change: 'advance' as const,
  };
  const sweep = sweepOf({ totals: totalsOf({ stuck_in_manifested: 31 }), orphans: [orphan] });
  const text = shownText(orphansView({ kind: 'read', value: sweep }, context));
  expect(text).toContain('31 found among 120');
  expect(text).toContain(
    'Manifested for 9 hours: but its own record was never updated. Mark it completed. 9h',
  );
  expect(text).toContain('The report tells of the first 1 of them.');
  expect(text).toContain('npx tsx runbooks/find-orphans.ts --kind stuck_in_manifested --env local');
});

test('a sweep with limits of its own is looked into by a command with the same limits', () => {
  const limitHours = { ...DEFAULT_LIMITS, processing: 0.5 };
  const sweep = sweepOf({ totals: totalsOf({ stuck_in_processing: 1 }), limitHours });
  const text = shownText(orphansView({ kind: 'read', value: sweep }, context));
  expect(text).toContain('--kind stuck_in_processing --hours 0.5 --env local');
});

test('a change names who, why, how many and whether it was undone', () => {
  const undone = changeOf({ change_id: 'c1', counts: { applied: 3, skipped: 2, failed: 0 } });
  const undo = changeOf({
    change_id: 'c2',
    undoes: 'c1',
    origin: 'undo_change',
    state: 'stopped',
    stop_cause: 'errors',
  });
  const view = changesView({ kind: 'read', value: { changes: [undo, undone] } }, context);
  const text = shownText(view);
  expect(text).toContain('undoes c1 “because” arn:alice 5 files ▲ stopped early: errors');
  expect(text).toContain('3 files 2 skipped done undone');
  expect(markupOf(view)).toContain('href="/?view=change&amp;change=c2"');
});

test('the files of a change show from what to what, and what a skipped one had become', () => {
  const file = {
    date_prefix: '2026-11-23',
    file_key: 'x.ndjson',
    result: 'skipped',
    why: 'stuck',
    before: { status: 'manifested' },
    after: { status: 'pending' },
    became: { status: 'completed' },
  };
  const text = shownText(
    changeView('c1', { kind: 'read', value: { change: changeOf({}), files: [file] } }, context),
  );
  expect(text).toContain('x.ndjson it had become completed manifested pending skipped');
  expect(text).toContain('npx tsx runbooks/undo.ts c1 --env local');
});

function changeOf(given: Partial<ShownChange>): ShownChange {
  return {
    change_id: 'c1',
    state: 'done',
    actor: { identity: 'arn:alice', source: 'sts' },
    reason: 'because',
    origin: 'reset_stuck_files',
    created_at: '2026-11-23T05:00:00.000Z',
    files: 5,
    ...given,
  };
}
