import { expect, test } from 'vitest';
import { dates } from '../../../shared/dashboard/dates.ts';
import { lateCard } from '../../../shared/dashboard/late-card.ts';
import { exportedOrphans } from '../../../shared/dashboard/orphan-list.ts';
import { orphans } from '../../../shared/dashboard/orphans.ts';
import { sweepCard } from '../../../shared/dashboard/sweep-cards.ts';
import type { SweepNow } from '../../../shared/dashboard/sweep-now.ts';
import type { ReportedOrphan } from '../../../shared/orphans/sweep-state.ts';
import { type Content, markupOf } from '../../../shared/page-kit/html.ts';
import { sumCounters } from '../../../shared/projection/counters.ts';
import { context, statsOf, sweepOf, textOf, totalsOf } from './view-data.ts';

const shownText = (content: Content) => textOf(markupOf(content));

function orphanOf(given: Partial<ReportedOrphan>): ReportedOrphan {
  return {
    ...{ kind: 'stuck_in_manifested', cause: 'not_taken', date_prefix: '2026-11-22', status: 'manifested' },
    ...{ file_key: 'x.ndjson', hours: 9, summary: 'Nothing takes it.', change: 'reset' },
    ...{ foundAt: '2026-11-23T05:29:30.000Z' },
    ...given,
  };
}

const SWEEP: SweepNow = {
  ...sweepOf({
    totals: totalsOf({ stuck_in_manifested: 4, missing_manifests: 1 }),
    orphans: [
      orphanOf({ file_key: 'a-short.ndjson', hours: 3 }),
      orphanOf({ file_key: 'b-long.ndjson', hours: 30 }),
      orphanOf({ file_key: 'c-undated.ndjson', hours: undefined }),
      orphanOf({ file_key: 'd-moved.ndjson', hours: 99 }),
      orphanOf({ file_key: 'e.ndjson', kind: 'missing_manifests', needs_force: true }),
    ],
  }),
  changed: new Map([[JSON.stringify(['2026-11-22', 'd-moved.ndjson']), 'completed']]),
};
const draw = (fields: Parameters<typeof orphans.draw>[2], sweep = SWEEP) =>
  orphans.draw({ kind: 'read', value: sweep }, context, fields);
const filesIn = (content: Content) => shownText(content).match(/[a-e][\w-]*\.ndjson(?= (Nothing|Changed))/g);

test('orphans are listed by how long they have waited, then those of unknown age, then those that changed since', () => {
  expect(filesIn(draw({ kind: 'stuck_in_manifested' }))).toEqual([
    'b-long.ndjson',
    'a-short.ndjson',
    'c-undated.ndjson',
    'd-moved.ndjson',
  ]);
  expect(filesIn(draw({ kind: 'stuck_in_manifested', sort: 'name' }))?.[0]).toBe('a-short.ndjson');
});

test('each orphan says when it was found, and changed ones are not counted', () => {
  const text = shownText(draw({}));
  expect(text).toContain('1d 6h found 05:29:30Z (30m 30s ago)');
  expect(text).toContain('All 4 Missing manifests 1 Stuck in manifested 3');
  expect(text).toContain('4 found in 120 checked');
});

test('a stuck manifest is shown by its name, which leads to the manifest', () => {
  const stuck = orphanOf({ kind: 'stuck_manifests', file_key: 'MANIFEST#batch-0001.json' });
  const sweep = { ...SWEEP, totals: totalsOf({ stuck_manifests: 1 }), orphans: [stuck], changed: new Map() };
  const markup = markupOf(draw({}, sweep));
  expect(textOf(markup)).not.toContain('MANIFEST#');
  expect(markup).toContain('href="/?view=manifest&amp;date=2026-11-22&amp;manifest=batch-0001.json"');
});

test('the kinds on the overview lead to the orphans of that kind, as many as it says', () => {
  const card = sweepCard(SWEEP, context);
  expect(markupOf(card)).toContain('href="/?view=orphans&amp;kind=missing_manifests"');
  expect(shownText(card)).toContain('4 orphans Missing manifests 1 Stuck in manifested 3');
  const ofKind = shownText(draw({ kind: 'missing_manifests' }));
  expect(ofKind).toContain('e.ndjson');
  expect(ofKind).not.toContain('a-short.ndjson');
});

test('a sweep that ended early says so on both pages', () => {
  const cut = {
    ...SWEEP,
    complete: false,
    cutOff: true,
    incomplete: 'The sweep was ended before its end: 9 units.',
  };
  expect(shownText(draw({}, cut))).toContain('▲ The sweep was ended before its end: 9 units.');
  expect(shownText(sweepCard(cut, context))).toContain('ended early');
});

test('each kind has the commands that plan what would fix it, and none for what needs force', () => {
  const text = shownText(draw({}));
  expect(text).toContain(
    `grep '"recommended_change":"reset"' stuck_in_manifested.ndjson | grep -v '"needs_force":true' | npx tsx runbooks/batch-update.ts --list=- --new-status pending --env local`,
  );
  expect(shownText(draw({ kind: 'missing_manifests' }))).not.toContain('batch-update');
});

test('the commands for an execution are shown once, at the first of its files that is still an orphan', () => {
  const commands = ['aws stepfunctions describe-execution --execution-arn X'];
  const ofX = SWEEP.orphans.map((orphan) => ({ ...orphan, commands }));
  const list = shownText(draw({ kind: 'stuck_in_manifested', sort: 'name' }, { ...SWEEP, orphans: ofX }));
  expect(list.split('describe-execution')).toHaveLength(2);
  expect(list).toMatch(/a-short\.ndjson Nothing takes it\. Reset it to pending\. aws stepfunctions describe/);
});

test('only those that are still orphans are exported', () => {
  const { columns, rows } = exportedOrphans(SWEEP, {});
  expect(columns.slice(0, 4)).toEqual(['kind', 'status', 'hours_stuck', 'recommended_change']);
  expect(rows.map(({ cells }) => cells[5])).not.toContain('d-moved.ndjson');
  expect(rows).toHaveLength(4);
  expect(rows[1]?.record).toMatchObject({ file_key: 'b-long.ndjson', recommended_change: 'reset' });
});

test('counts of failed and refused files each link to their own list', () => {
  const counters = sumCounters([{ file_failed: 39, file_quarantined: 10 }]);
  const listed = [{ date: '2026-11-22', counters }];
  const markup = markupOf(dates.draw({ kind: 'read', value: { listed, known: 1 } }, context, {}));
  for (const [status, count] of [
    ['failed', 39],
    ['quarantined', 10],
  ]) {
    expect(markup).toMatch(new RegExp(`date=2026-11-22&amp;status=${status}"[^>]*>.*? ${count}</a>`));
  }
});

test('the link to files over their limit uses that limit', () => {
  const stats = statsOf({ processing: 9 });
  const late = {
    ...stats.in_flight?.processing,
    oldest_since: '2026-11-23T01:00:00.000Z',
    over_limit: 3,
    over_limit_at_most: 3,
  };
  const in_flight = { ...stats.in_flight, processing: late } as typeof stats.in_flight;
  const markup = markupOf(lateCard({ ...stats, in_flight }, context));
  expect(markup).toContain('href="/?view=files&amp;status=processing&amp;older=2h"');
});
