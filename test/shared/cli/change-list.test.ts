import { expect, test } from 'vitest';
import type { Change } from '../../../shared/changes/change.ts';
import { changeColumns } from '../../../shared/cli/change-list.ts';
import { PLAN_COLUMNS } from '../../../shared/cli/change-report.ts';
import { tableLines } from '../../../shared/cli/table.ts';
import { plain } from '../../../shared/cli/terminal.ts';
import { shownChange } from '../../../shared/operations/change-requests.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const done: Change = {
  ...{ id: '20261123T052253532Z-1a2b3c4d', state: 'done', files: 1_200, digest: 'd', table: 'files' },
  ...{ origin: 'reset-stuck', reason: 'Glue was down', createdAt: '2026-11-23T05:22:53.532Z' },
  actor: { identity: 'alice', source: 'sts' },
  counts: { applied: 1_200, skipped: 0, failed: 0 },
};
const undo = { ...done, id: '20261123T053000000Z-5e6f7a8b', origin: 'undo', undoes: done.id };
const word = { ...done, id: '20261123T054000000Z-9c0d1e2f', origin: 'acknowledge', files: 0 };

test('a narrow terminal shows which files of a plan are forced, and in spite of what', () => {
  const key = {
    date_prefix: '2026-11-23',
    new_status: 'pending',
    expected: { status: 'failed#3', attributes: {} },
  };
  const why = 'requested by name; forced, although its input object is gone';
  const entries = [
    { ...key, file_key: `${'a-long-name-'.repeat(5)}.ndjson`, why: 'stuck for 5h' },
    { ...key, file_key: 'b.ndjson', forced: true as const, why },
  ];
  const text = tableLines(PLAN_COLUMNS, entries, { width: 80, colorize: plain }).join('\n');
  expect(text).toContain(`b.ndjson  forced: ${why}`);
  expect(text).not.toContain('forced: stuck');
});

test('a narrow terminal shows what made a change and what it undoes', () => {
  const lines = tableLines(changeColumns(NOW), [word, undo, done].map(shownChange), {
    width: 80,
    colorize: plain,
  });
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const text = lines.join('\n');
  for (const origin of ['acknowledge', 'undo', 'reset-stuck'])
    expect(text).toMatch(new RegExp(`^\\d{8}T\\S+ +done .* ${origin} `, 'm'));
  expect(text).toContain(`undoes ${done.id}`);
});
