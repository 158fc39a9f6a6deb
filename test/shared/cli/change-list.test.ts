import { expect, test } from 'vitest';
import type { Change } from '../../../shared/changes/change.ts';
import { changeColumns } from '../../../shared/cli/change-list.ts';
import { tableLines } from '../../../shared/cli/table.ts';
import { plain } from '../../../shared/cli/terminal.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const done: Change = {
  ...{ id: '20261123T052253532Z-1a2b3c4d', state: 'done', files: 1_200, digest: 'd', table: 'files' },
  ...{ origin: 'reset-stuck', reason: 'Glue was down', createdAt: '2026-11-23T05:22:53.532Z' },
  actor: { identity: 'alice', source: 'sts' },
  counts: { applied: 1_200, skipped: 0, failed: 0 },
};
const undo = { ...done, id: '20261123T053000000Z-5e6f7a8b', origin: 'undo', undoes: done.id };
const word = { ...done, id: '20261123T054000000Z-9c0d1e2f', origin: 'acknowledge', files: 0 };

test('a narrow terminal shows what made a change and what it undoes', () => {
  const lines = tableLines(changeColumns(NOW), [word, undo, done], { width: 80, colorize: plain });
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  const text = lines.join('\n');
  for (const origin of ['acknowledge', 'undo', 'reset-stuck'])
    expect(text).toMatch(new RegExp(`^\\d{8}T\\S+ +done .* ${origin} `, 'm'));
  expect(text).toContain(`undoes ${done.id}`);
});
