import { expect, test } from 'vitest';
import type { OneClass } from '../../../shared/dashboard/failure-class.ts';
import { failuresCard } from '../../../shared/dashboard/failure-kinds.ts';
import { failures } from '../../../shared/dashboard/failures.ts';
import { parseRequest } from '../../../shared/dashboard/requests.ts';
import { type Content, markupOf } from '../../../shared/page-kit/html.ts';
import { failureClass } from '../../../shared/pipeline/failure-class.ts';
import type { FailureSummary } from '../../../shared/statistics/read-failures.ts';
import { context, textOf } from './view-data.ts';

const HEAP = failureClass('Java heap space').id;
const shownText = (content: Content) => textOf(markupOf(content));

function classOf(given: Partial<FailureSummary> = {}): FailureSummary {
  const by_hour = Array.from({ length: 24 }, (_, i) => (i === 23 ? 4 : 0));
  return {
    ...{ class: HEAP, text: 'Java heap space', failed: 1_204, quarantined: 0, entered: 1_300 },
    ...{ last_hours: 4, last_day: 4, by_hour },
    first_seen: '2026-11-20T05:30:00.000Z',
    last_seen: '2026-11-23T05:00:00.000Z',
    ...given,
  };
}

const oneOf = (given: Partial<OneClass> = {}): OneClass => ({
  summary: classOf(),
  dates: [{ date_prefix: '2026-11-23', failed: 1_204, quarantined: 0 }],
  datesComplete: true,
  manifests: [
    { date_prefix: '2026-11-23', manifest: 's3://m/manifests/batch-1.json', files: 1_000 },
    { date_prefix: '2026-11-23', manifest: null, files: 3 },
  ],
  manifestsOf: 1_003,
  manifestsComplete: false,
  samples: [{ date_prefix: '2026-11-23', file_key: 'a.ndjson', at: '2026-11-23T05:30:00.000Z' }],
  ...given,
});

test('the table of causes has counts, the last day, and the first and last time', () => {
  const other = classOf({ class: 'other', text: 'all other classes', failed: 0, quarantined: 2 });
  const all = { kind: 'read' as const, value: [classOf(), other] };
  const view = failures.draw({ all }, context, {});
  expect(shownText(view)).toContain(`Java heap space ${HEAP} 1,204 4 2026-11-20 05:30:00Z (3d ago)`);
  expect(markupOf(view)).toContain(`href="/?view=failures&amp;class=${HEAP}"`);
  expect(shownText(view)).toContain('all other classes');
  const dated = failures.draw({ all }, context, { date: '2026-11-23' });
  expect(markupOf(dated)).toContain(`class=${HEAP}&amp;date=2026-11-23"`);
});

test('a cause has its dates, manifests, samples, its files and the command that resets them', () => {
  const view = failures.draw({ one: { kind: 'read', value: oneOf() } }, context, { class: HEAP });
  const text = shownText(view);
  expect(text).toContain('Show the 1,204 files that are failed');
  expect(text).toContain(
    `npx tsx runbooks/batch-update.ts --status failed --class ${HEAP} --new-status pending --env local`,
  );
  expect(text).toContain('Dates 2026-11-23 1,204');
  expect(text).toContain('batch-1.json 1,000');
  expect(text).toContain('the most frequent among the first 1,003 files only');
  expect(text).toContain('a.ndjson');
  expect(markupOf(view)).toContain(`view=files&amp;date=2026-11-23&amp;status=failed&amp;class=${HEAP}`);
});

test('refused files are shown, without a command that resets them', () => {
  const one = oneOf({ summary: classOf({ failed: 0, quarantined: 5 }), datesComplete: false });
  const text = shownText(failures.draw({ one: { kind: 'read', value: one } }, context, { class: HEAP }));
  expect(text).toContain('Show the 5 files that are quarantined');
  expect(text).not.toContain('batch-update');
  expect(text).toContain('exact; more files are on earlier dates');
});

test('no failures and a class without files are stated, and a failed read is a card', () => {
  const none = { kind: 'read' as const, value: [] };
  expect(shownText(failures.draw({ all: none }, context, {}))).toContain(
    'No file has failed or been refused',
  );
  const gone = { kind: 'read' as const, value: oneOf({ summary: undefined }) };
  const told = shownText(failures.draw({ one: gone }, context, { class: HEAP, date: '2026-11-23' }));
  expect(told).toContain(`No file of 2026-11-23 is in the class ${HEAP}`);
  const failed = { kind: 'failed' as const, message: 'TimeoutError: gone' };
  expect(shownText(failures.draw({ all: failed }, context, {}))).toContain('Could not be read.');
  expect(shownText(failures.draw({ one: failed }, context, { class: HEAP }))).toContain('Could not be read.');
});

test('the overview names the five most frequent causes, and leads to all', () => {
  const classes = Array.from({ length: 7 }, (_, i) =>
    classOf({ class: failureClass(`cause ${'abcdefg'.charAt(i)}`).id, text: `cause ${'abcdefg'.charAt(i)}` }),
  );
  const text = shownText(failuresCard(classes, context));
  expect(text).toContain('cause e 1,204');
  expect(text).not.toContain('cause f');
  expect(text).toContain('All 7 causes');
  expect(shownText(failuresCard([classOf({ failed: 0 })], context))).toContain('No file is failed');
});

test('a request for a class must name one', () => {
  expect(parseRequest({ view: 'failures', class: HEAP })).toMatchObject({ ok: true });
  expect(parseRequest({ view: 'files', class: 'other' })).toMatchObject({ ok: true });
  expect(parseRequest({ view: 'failures', class: '<b>' })).toMatchObject({ ok: false });
});
