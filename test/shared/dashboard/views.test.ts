import { expect, test } from 'vitest';
import { change } from '../../../shared/dashboard/change.ts';
import { changes } from '../../../shared/dashboard/changes.ts';
import { dates } from '../../../shared/dashboard/dates.ts';
import { file as fileView, type OneFile } from '../../../shared/dashboard/file.ts';
import { files as filesView } from '../../../shared/dashboard/files.ts';
import { orphans } from '../../../shared/dashboard/orphans.ts';
import type { FileRows } from '../../../shared/dashboard/rows-card.ts';
import type { ShownChange, ShownChangeFile } from '../../../shared/operations/change-requests.ts';
import type { Timeline } from '../../../shared/operations/get-processing-timeline.ts';
import { type Content, markupOf } from '../../../shared/page-kit/html.ts';
import type { TrackingRecord } from '../../../shared/pipeline/tracking-table.ts';
import { sumCounters } from '../../../shared/projection/counters.ts';
import { parseElements } from '../../support/markup.ts';
import { FIELD_LIMITS } from '../../support/profile.ts';
import { context, NOW, statsOf, sweepOf, textOf, timelineOf, totalsOf } from './view-data.ts';

/** The view of one file. */
function drawFile(given: Pick<OneFile, 'timeline' | 'record'> & Partial<Pick<OneFile, 'rows'>>): Content {
  const key = { date: '2026-11-23', file: 'x.ndjson' };
  const rows = { kind: 'read', value: undefined } as const;
  return fileView.draw({ ...key, rows, ...given }, context, key);
}

const shownText = (content: Content) => textOf(markupOf(content));

test('a date shows its counts, and its failures lead to the failed files', () => {
  const counters = sumCounters([
    { file_completed: 95, file_failed: 5, as_of: Date.parse('2026-11-22T10:00:00Z') },
  ]);
  const listed = [{ date: '2026-11-22', counters }];
  const view = dates.draw({ kind: 'read', value: { listed, known: 40 } }, context, {});
  expect(shownText(view)).toContain('2026-11-22 100 95.0% 0 5');
  expect(shownText(view)).toContain('the newest 1 of 40 dates, as of 2026-11-22 10:00:00Z');
  expect(markupOf(view)).toContain('href="/?view=files&amp;date=2026-11-22&amp;status=failed"');
});

test('one failed file among a million is seen in its bar, which stays within its length', () => {
  const counters = sumCounters([{ file_completed: 999_999, file_failed: 1 }]);
  const view = dates.draw(
    { kind: 'read', value: { listed: [{ date: '2026-11-22', counters }], known: 1 } },
    context,
    {},
  );
  const bars = parseElements(markupOf(view)).filter(
    ({ name, attributes }) => name === 'rect' && attributes.x,
  );
  expect(bars).toHaveLength(2);
  expect(Number(bars[1]?.attributes.width)).toBeGreaterThanOrEqual(4);
  expect(Number(bars[1]?.attributes.x) + Number(bars[1]?.attributes.width)).toBeLessThanOrEqual(1_000);
});

test('no dates, no files, no orphans and no changes are stated, and are not errors', () => {
  const none = [
    dates.draw({ kind: 'read', value: { listed: [], known: 0 } }, context, {}),
    filesView.draw({ list: { kind: 'read', value: { files: [] } }, stats: failed }, context, {
      status: 'failed',
    }),
    orphans.draw({ kind: 'read', value: sweepOf() }, context, {}),
    changes.draw({ kind: 'read', value: { changes: [], undone: notUndone } }, context, {}),
  ].map(shownText);
  expect(none[0]).toContain('No date has files yet.');
  expect(none[1]).toContain('No files, as of 06:00:00Z');
  expect(none[2]).toContain('The last sweep checked 120 and found none, as of 05:30:00Z (30m ago)');
  expect(none[3]).toContain('No changes yet.');
});

const failed = { kind: 'failed' as const, message: 'TimeoutError: gone' };

test('what cannot be read is a card in every view', () => {
  const views = [
    dates.draw(failed, context, {}),
    filesView.draw({ dates: failed }, context, {}),
    filesView.draw({ list: failed, stats: failed }, context, { date: '2026-11-23' }),
    drawFile({ timeline: failed, record: failed }),
    orphans.draw(failed, context, {}),
    changes.draw(failed, context, {}),
    change.draw(failed, context, { change: 'c1' }),
  ];
  for (const view of views) expect(shownText(view)).toContain('Could not be read. TimeoutError: gone');
});

test('what an operation refuses is shown with its hint', () => {
  const absent = {
    kind: 'absent' as const,
    message: '"next_token": it does not belong to this request.',
    hint: 'Start again.',
  };
  expect(shownText(changes.draw(absent, context, {}))).toBe(
    'Changes "next_token": it does not belong to this request. Start again.',
  );
});

test('a list of files shows their statuses, ages, sizes and errors, and how many are not listed', () => {
  const files: TrackingRecord[] = [
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
  const view = filesView.draw(
    {
      list: { kind: 'read', value: { files, next_token: 't' } },
      stats: { kind: 'read', value: statsOf({ failed: 90 }) },
    },
    context,
    { date: '2026-11-23' },
  );
  const text = shownText(view);
  expect(text).toContain('failed a.ndjson boom 1h 3.3 MB');
  expect(text).toContain('7 b.ndjson age unknown');
  expect(text).toContain('2 of about 90 files, sorted by name');
  expect(markupOf(view)).toContain('href="/?view=files&amp;date=2026-11-23&amp;next=t&amp;back=-"');
});

test('the view of a file says what went into its conversion and came out, and what to do when that is wrong', () => {
  const record = { kind: 'read', value: { date_prefix: '2026-11-23', file_key: 'x.ndjson' } } as const;
  const timeline = { kind: 'read', value: timelineOf(TWO_ATTEMPTS) } as const;
  const times = { verified_at: '2026-11-23T03:30:00.000Z', until: '2026-11-23T03:15:00.000Z' };
  const say = {
    is: 'present',
    is_certain: true,
    ...times,
    finding: null,
    says: 'Its rows are there.',
  } as const;
  const counts = { lines: 1_204, rows: 1_204, objects: ['part-0003.parquet'] };
  const draw = (value: FileRows) => shownText(drawFile({ record, timeline, rows: { kind: 'read', value } }));
  expect(draw({ say, counts, job: 'jr_1' })).toContain(
    '1,204 lines in, 1,204 rows out, job jr_1, part-0003.parquet',
  );
  const lost = draw({
    say: { ...say, is: 'lost', says: 'No row of it.' },
    counts: undefined,
    job: undefined,
  });
  expect(lost).toContain('▲ No row of it.');
  expect(lost).toContain('runbooks/verify-data.ts x.ndjson --date 2026-11-23');
  expect(draw({ say: null, counts: undefined, job: undefined })).toContain('Not verified since');
});

test('a timeline shows its attempts, to scale, and who changed what for which reason', () => {
  const view = drawFile({
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
  });
  const text = shownText(view);
  expect(text).toContain('Attempt 1: 40m');
  expect(text).toContain('failed 04:40:00.000Z stayed 1h');
  expect(text).toContain('by arn:alice: “again”');
  expect(text).toContain('manifested 05:50:00.000Z 10m so far');
  expect(text).toContain('Error: E');
  expect(markupOf(view)).toContain(
    '/?view=manifest&amp;date=2026-11-23&amp;manifest=s3%3A%2F%2Fm%2Fa%2Fbatch-1.json',
  );
  const [first] = barsBetween(markupOf(view), 'uploaded');
  // Ten of forty minutes.
  expect(Number(first?.attributes.width)).toBeCloseTo(249, 0);
});

const TWO_ATTEMPTS: Timeline['timeline'] = [
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

test('a timeline of a thousand events shows the latest attempts, and how many are not shown', () => {
  const reset = {
    event: 'reset' as const,
    status: 'pending',
    change_id: 'c1',
    actor: '"'.repeat(500),
    reason: '<'.repeat(500),
  };
  const timeline = Array.from({ length: 1_000 }, (_, i) => ({
    ...(i % 2 === 0 ? reset : { event: 'manifested' as const, status: 'manifested' }),
    timestamp: new Date(NOW - (1_000 - i) * 60_000).toISOString(),
  }));
  const absent = { kind: 'absent' as const, message: '', hint: '' };
  const read = { kind: 'read' as const, value: timelineOf(timeline) };
  const markup = markupOf(drawFile({ timeline: read, record: absent }));
  expect(Buffer.byteLength(JSON.stringify(markup))).toBeLessThan(190_000);
  expect(textOf(markup)).toMatch(/▲ The first \d+ attempts do not fit here/);
  expect(textOf(markup)).toContain('Attempt 500: ');
  expect(textOf(markup)).not.toContain('Attempt 1: ');
});

test('clock skew, an unknown event and an invalid time are shown unchanged', () => {
  const events: Timeline['timeline'] = [
    { event: 'uploaded', status: 'pending', timestamp: '2026-11-23T04:00:00.000Z' },
    { event: 'unrecognised', status: 'archived', timestamp: '2026-11-23T03:59:50.000Z' },
    { event: 'removed', status: 'removed', timestamp: 'yesterday' },
  ];
  const timeline = { kind: 'read' as const, value: timelineOf(events) };
  const absent = { kind: 'absent' as const, message: 'No record', hint: '' };
  const markup = markupOf(drawFile({ timeline, record: absent }));
  const text = textOf(markup);
  expect(text).toContain('−10s, clock skew');
  expect(text).toContain('unrecognised');
  expect(text).toContain('yesterday');
  expect(text).toContain('It is no longer in the tracking table.');
  expect(markup).not.toContain('NaN');
});

test('an unknown file is not an error', () => {
  const absent = { kind: 'absent' as const, message: 'No record of x.', hint: 'It is URL-encoded.' };
  const text = shownText(drawFile({ timeline: absent, record: absent }));
  expect(text).toBe('2026-11-23 / x.ndjson No such file No record of x. It is URL-encoded.');
});

test('orphans are shown by kind, with the verdict, what fixes it, and the command that lists them all', () => {
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
  const text = shownText(orphans.draw({ kind: 'read', value: sweep }, context, {}));
  expect(text).toContain('31 found in 120 checked');
  expect(text).toContain(
    'Manifested for 9 hours: but its own record was never updated. Mark it completed. 9h',
  );
  expect(text).toContain('The report lists only the first 1;');
  expect(text).toContain(
    'npx tsx runbooks/find-orphans.ts --kind stuck_in_manifested --hours 2 --manifested-hours 6 --pending-hours 24 --env local',
  );
});

test('a date whose output is elsewhere leads to its files, and what cannot be verified is a remark', () => {
  const orphan = {
    kind: 'outputs_not_found' as const,
    cause: 'outputs_elsewhere' as const,
    date_prefix: '2026-11-22',
    file_key: '',
    status: 'completed',
    hours: undefined,
    summary: 'None of the 240 completed files of 2026-11-22 has output under s3://out/.',
    change: 'none' as const,
  };
  const sweep = sweepOf({ totals: totalsOf({ outputs_not_found: 1 }), orphans: [orphan], unverifiable: 7 });
  const text = shownText(orphans.draw({ kind: 'read', value: sweep }, context, {}));
  expect(text).toContain('; 7 completed too long ago to be verified');
  expect(text).toContain('completed 2026-11-22 None of the 240 completed files');
  expect(text).not.toContain('age unknown');
});

test('a reset that needs force says so, with the commands that show and stop the execution', () => {
  const orphan = {
    kind: 'stuck_in_manifested' as const,
    cause: 'job_stuck' as const,
    date_prefix: '2026-11-22',
    file_key: 'x.ndjson',
    status: 'manifested',
    hours: 9,
    summary: 'The job of its manifest does not end.',
    change: 'reset' as const,
    needs_force: true,
    commands: ['aws stepfunctions stop-execution --execution-arn arn:aws:x'],
  };
  const sweep = sweepOf({ totals: totalsOf({ stuck_in_manifested: 1 }), orphans: [orphan] });
  const text = shownText(orphans.draw({ kind: 'read', value: sweep }, context, {}));
  expect(text).toContain('Reset it to pending. Needs --force.');
  expect(text).toContain('aws stepfunctions stop-execution --execution-arn arn:aws:x');
});

test('records of unknown age are shown apart from the orphans, even if there are no orphans', () => {
  const files = [{ date_prefix: '2026-11-23', file_key: 'undated.ndjson', status: 'processing' }];
  const sweep = sweepOf({ ageUnknown: { count: 1, files } });
  const text = shownText(orphans.draw({ kind: 'read', value: sweep }, context, {}));
  expect(text).toContain('found none');
  expect(text).toContain('Age unknown 1');
  expect(text).toContain('processing undated.ndjson');
});

test('the orphans of a sweep with its own limits are listed by a command with the same limits', () => {
  const limitHours = { ...FIELD_LIMITS, processing: 0.5 };
  const sweep = sweepOf({ totals: totalsOf({ stuck_in_processing: 1 }), limitHours });
  const text = shownText(orphans.draw({ kind: 'read', value: sweep }, context, {}));
  expect(text).toContain(
    '--kind stuck_in_processing --hours 0.5 --manifested-hours 6 --pending-hours 24 --env local',
  );
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
  const known = { undos: new Map([['c1', undo]]), isComplete: true };
  const list = { changes: [undo, undone], undone: known };
  const view = changes.draw({ kind: 'read', value: list }, context, {});
  const text = shownText(view);
  expect(text).toContain('undoes c1 “because” arn:alice unknown, of 5 files ▲ stopped early: errors');
  expect(text).toContain('3 of 5 files 2 skipped done undone');
  expect(markupOf(view)).toContain('href="/?view=change&amp;change=c2"');
});

test('the files of a change show the old and the new status, and the current status of a skipped one', () => {
  const file: ShownChangeFile = {
    date_prefix: '2026-11-23',
    file_key: 'x.ndjson',
    result: 'skipped',
    differs: ['status'],
    why: 'stuck',
    before: { status: 'manifested' },
    after: { status: 'pending' },
    became: { status: 'completed' },
  };
  const shown = (given: Partial<ShownChange>, may_be_undone: boolean) => {
    const one = { change: { ...changeOf(given), may_be_undone }, files: [file], undone: notUndone };
    return shownText(change.draw({ kind: 'read', value: one }, context, { change: 'c1' }));
  };
  const text = shown({ counts: { applied: 3, skipped: 2, failed: 0 } }, true);
  expect(text).toContain('Changed 3 of 5 files 2 skipped');
  expect(text).toContain('x.ndjson is completed now manifested pending skipped');
  expect(text).toContain('npx tsx runbooks/undo.ts c1 --env local');
  expect(shown({ state: 'preparing', progress: { prepared: 4 } }, false)).toContain(
    'Changed 0 of 5 files State',
  );
  expect(shown({ progress: { applied: 1, skipped: 0, failed: 0 } }, true)).toContain('Changed 1 of 5 files');
  expect(shown({ state: 'applying' }, true)).toContain('Changed unknown, of 5 files');
  expect(shown({ state: 'preparing' }, false)).not.toContain('undo.ts');
});

test.each<[string, Partial<ShownChangeFile>]>([
  ['stuck', { result: 'applied' }],
  ['no such table', { result: 'failed', error: 'no such table' }],
  ['its record is gone', { result: 'skipped', became: null, differs: ['status'] }],
  [
    'left out: its input object is gone',
    { result: 'skipped', differs: [], code: 'INPUT_GONE', left_out: 'its input object is gone' },
  ],
  [
    'is failed now; error_message: "first" → "second"',
    {
      ...{ result: 'skipped', became: { status: 'failed' }, differs: ['error_message'] },
      changes: ['error_message: "first" → "second"'],
    },
  ],
])('the reason beside a file of a change is: %s', (reason, given) => {
  const file: ShownChangeFile = {
    ...{ date_prefix: '2026-11-23', file_key: 'x.ndjson', why: 'stuck', result: 'planned' },
    ...{ before: { status: 'failed' }, after: { status: 'pending' } },
    ...given,
  };
  const one = { change: { ...changeOf({}), may_be_undone: false }, files: [file], undone: notUndone };
  const text = shownText(change.draw({ kind: 'read', value: one }, context, { change: 'c1' }));
  expect(text).toContain(`x.ndjson ${reason} failed pending ${file.result}`);
});

test('if too many changes came later, the page says that a change may have been undone', () => {
  const unknown = { undos: new Map(), isComplete: false };
  const list = { changes: [changeOf({})], undone: unknown };
  expect(shownText(changes.draw({ kind: 'read', value: list }, context, {}))).toContain(
    'Some of these may have been undone: only the newest 2,000 changes are looked through',
  );
  const one = { change: { ...changeOf({}), may_be_undone: true }, files: [], undone: unknown };
  const text = shownText(change.draw({ kind: 'read', value: one }, context, { change: 'c1' }));
  expect(text).toContain('Undone by unknown: only the newest 2,000 changes');
  expect(text).toContain('runbooks/undo.ts c1');
});

const notUndone = { undos: new Map(), isComplete: true };

function changeOf(given: Partial<ShownChange>): ShownChange {
  return {
    change_id: 'c1',
    state: 'done',
    actor: { identity: 'arn:alice', source: 'sts' },
    reason: 'because',
    origin: 'reset_stuck_files',
    created_at: '2026-11-23T05:00:00.000Z',
    table: 't',
    files: 5,
    ...given,
  };
}
