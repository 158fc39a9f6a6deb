import { describe, expect, test } from 'vitest';
import { type Overview, overview as view } from '../../../shared/dashboard/overview.ts';
import type { DateProof } from '../../../shared/data-proof/kept-proof.ts';
import { NO_TOTALS } from '../../../shared/data-proof/totals.ts';
import { markupOf } from '../../../shared/page-kit/html.ts';
import type { SenderSummary } from '../../../shared/statistics/read-senders.ts';
import { lateOf } from '../../support/ages.ts';
import { context, countsOf, NOW, statsOf, sweepOf, textOf, totalsOf } from './view-data.ts';

/** What rows proved of a date. */
function proofOf(files: Partial<DateProof['files']>): DateProof {
  const at = Date.parse('2026-11-23T03:30:00Z');
  const counts = { objects: 2, rows: 1_204, unread: 0, compared: { files: 0, short: 0 } };
  return { date: '2026-11-21', at, until: at, ...counts, files: { ...NO_TOTALS.files, ...files } };
}

function overviewOf(given: Partial<Overview>): string {
  const overview: Overview = {
    stats: { kind: 'read', value: statsOf({ pending: 12, completed: 1_200, failed: 3 }) },
    sweep: { kind: 'read', value: sweepOf() },
    failures: { kind: 'read', value: [] },
    proofs: { kind: 'read', value: [] },
    known: { kind: 'read', value: { all: [], late: { pending: 0, manifested: 0, processing: 0 } } },
    reports: { kind: 'read', value: [] },
    samples: [],
    ...given,
  };
  return markupOf(view.draw(overview, context, {}));
}

test('a healthy system needs no action', () => {
  const text = textOf(overviewOf({}));
  expect(text).toContain('All is well. No action needed.');
  expect(text).toContain('99.8%');
  expect(text).toContain('1,215 files');
  expect(text).not.toContain('▲');
});

test('every card says how current it is', () => {
  const cards = overviewOf({
    proofs: { kind: 'read', value: [proofOf({ present: 7 })] },
    samples: [sample(-60_000, 0), sample(0, 60)],
  })
    .split('<section class="sm-card')
    .slice(1);
  expect(cards).toHaveLength(7);
  for (const card of cards) expect(textOf(`<section ${card}`)).toMatch(/as of|\(\d+[smh].* ago\)/);
});

test('files that the output rows prove lost or doubled need attention, with the command that lists them', () => {
  const value = [
    proofOf({ present: 7, lost: 1, unexpected: 2 }),
    { ...proofOf({ whole: 3 }), date: '2026-11-22' },
  ];
  const text = textOf(overviewOf({ proofs: { kind: 'read', value } }));
  expect(text).toContain(
    'According to the output rows, 1 file is lost, converted twice or only partly converted.',
  );
  expect(text).toContain('10 of 11 completed files present exactly once');
  expect(text).toContain('Lost ▲ 1');
  expect(text).toContain('runbooks/verify-data.ts 2026-11-21 --env local');
  expect(text).not.toContain('verify-data.ts 2026-11-22');
});

test('a date with too many files without rows is reported as elsewhere, not counted as lost', () => {
  const text = textOf(overviewOf({ proofs: { kind: 'read', value: [proofOf({ lost: 40 })] } }));
  expect(text).toContain(
    '40 completed files of 2026-11-21 have no rows. That is too much of the date to be lost',
  );
  expect(text).not.toContain('Lost ▲');
  expect(text).not.toContain('files are lost');
  expect(text).toContain('runbooks/verify-data.ts 2026-11-21 --env local');
});

test('proofs that cannot be read are not treated as no proofs', () => {
  const text = textOf(overviewOf({ proofs: { kind: 'failed', message: 'TimeoutError: gone' } }));
  expect(text).toContain('Not checked: the output rows, because their proof could not be read.');
  expect(text).not.toContain('All is well');
});

test('what needs attention comes first, and leads there', () => {
  const stats = statsOf(
    { pending: 2 },
    {
      lag_seconds: 900,
      dead_letters_waiting: { at: '2026-11-23T05:00:00.000Z', waiting: 2 },
      last_audit: { at: '2026-11-23T02:00:00.000Z', drift_found: 5, drift_repaired: 4, issues_found: 3 },
    },
  );
  const sweep = sweepOf({ totals: totalsOf({ stuck_in_pending: 7 }) });
  const markup = overviewOf({ stats: { kind: 'read', value: stats }, sweep: { kind: 'read', value: sweep } });
  const text = textOf(markup);
  expect(text).toContain('Action needed. 2 dead letters could not be applied and must be replayed.');
  expect(text).toContain('The counts are 15m behind the stream.');
  expect(text).toContain('The last audit found 3 issues: files that are not converted.');
  expect(text).toContain('Issues found ▲ 3');
  expect(text).toContain('The last audit left 1 difference unrepaired.');
  expect(text).toContain('7 orphans are stuck for good.');
  expect(markup).toContain('href="/?view=orphans"');
});

test('a file that is older than its limit is marked by words and not by colour alone', () => {
  const in_flight = lateOf(NOW, { sk: 'age#2026-11-23#0', r02: 2, r03: 1, r05: 4, p05: 1 });
  const text = textOf(
    overviewOf({ stats: { kind: 'read', value: statsOf({ processing: 7 }, { in_flight }) } }),
  );
  expect(text).toContain('▲ 3 over: 4h of 2h 7 will be late by 2026-11-23 09:00Z unless they move');
  expect(text).toContain('3 files have been processing for longer than allowed.');
});

test('files that may be within their limit are no warning: their age is known to the hour', () => {
  const in_flight = lateOf(NOW + 10 * 60_000, { sk: 'age#2026-11-23#0', r04: 3 });
  const markup = overviewOf({ stats: { kind: 'read', value: statsOf({ processing: 3 }, { in_flight }) } });
  expect(textOf(markup)).toMatch(/(?<!▲ )0 to 3 over: up to 2h of 2h/);
  expect(markup).not.toContain('sm-over');
});

test('incomplete ages are marked as incomplete', () => {
  const { pending, ...others } = lateOf(NOW, { sk: 'age#unknown#0', p: 2 });
  const in_flight = { ...others, pending: { ...pending, not_counted: 3 } };
  const text = textOf(overviewOf({ stats: { kind: 'read', value: statsOf({ pending: 5 }, { in_flight }) } }));
  expect(text).toContain('2 of unknown age');
  expect(text).toContain('incomplete: the ages of 3 are not counted yet');
});

test('the banner does not say that all is well before a sweep has run', () => {
  const text = textOf(overviewOf({ sweep: { kind: 'read', value: undefined } }));
  expect(text).toContain('No problems found so far. Not checked: orphans, because no sweep has run yet.');
  expect(text).toContain('npx tsx runbooks/find-orphans.ts --env local');
});

test('one sample is not enough for the flow, and the card says when it will be shown', () => {
  const text = textOf(overviewOf({ samples: [sample(0, 1)] }));
  expect(text).toContain('Needs two samples; shown after the next refresh.');
});

test('a sweep that cannot be read is not treated as no sweep', () => {
  const text = textOf(overviewOf({ sweep: { kind: 'failed', message: 'TimeoutError: gone' } }));
  expect(text).toContain('Not checked: orphans, because the last sweep could not be read.');
  expect(text).not.toContain('All is well');
});

test('counts that cannot be read are a card among the others', () => {
  const text = textOf(overviewOf({ stats: { kind: 'failed', message: 'ThrottlingException: <slow>' } }));
  expect(text).toContain('Could not be read. ThrottlingException: <slow>');
  expect(text).toContain('Last sweep');
  expect(text).not.toContain('All is well');
});

const NO_STREAM = { as_of: null, lag_seconds: null, last_audit: null, dead_letters_waiting: null };

test('a system that has counted nothing says how to begin', () => {
  const stats = statsOf({}, { ...NO_STREAM, manifests: { stats: countsOf({}), total: 0 } });
  const text = textOf(overviewOf({ stats: { kind: 'read', value: stats } }));
  expect(text).toContain('Nothing counted yet');
  expect(text).toContain('npx tsx runbooks/rebuild.ts --env local');
});

test('after a rebuild the counts are shown, although the stream has brought nothing yet', () => {
  const stats = statsOf({ completed: 7 }, NO_STREAM);
  const text = textOf(overviewOf({ stats: { kind: 'read', value: stats } }));
  expect(text).not.toContain('Nothing counted yet');
  expect(text).toContain('7 files, as of an unknown time');
  expect(text).toContain('Counted up to unknown: no change from the stream yet');
});

test('unknown statuses are named, and no success rate of 0% is shown if nothing is settled', () => {
  const stats = statsOf({ pending: 1 }, { unknown_status: 4 });
  const text = textOf(overviewOf({ stats: { kind: 'read', value: stats } }));
  expect(text).toContain('4 of them with an unknown status');
  expect(text).toContain('No file has settled yet.');
});

test('flow and growth are measured from what was kept', () => {
  const text = textOf(overviewOf({ samples: [sample(-120_000, 0), sample(-60_000, 90), sample(0, 240)] }));
  expect(text).toContain('120 per minute settled');
  expect(text).toContain('+240 in 2m');
});

test('without a recent sample, growth is measured from the last hourly report', () => {
  const report = {
    at: '2026-11-23T05:00:00.000Z',
    files: countsOf({ completed: 600 }),
    manifests: countsOf({}),
    arrivals: countsOf({ completed: 600 }),
    lagSeconds: 0,
    deadLettersWaiting: 0,
    unusualArrivals: 0,
  };
  const text = textOf(
    overviewOf({ reports: { kind: 'read', value: [report] }, samples: [sample(0, 1_200)] }),
  );
  expect(text).toContain('+600 in 1h');
  expect(text).toContain('10 per minute settled');
});

function sample(sinceNow: number, completed: number) {
  return { at: NOW + sinceNow, counts: countsOf({ completed }), arrivals: countsOf({ completed }) };
}

/** A sender with this many files, failed files and late files. */
function senderOf(sender: string, failed: number, late: number): SenderSummary {
  const stats = countsOf({ completed: 100 - failed, failed, pending: 20 });
  const times = { oldest_since: null, over_limit: late, over_limit_at_most: late };
  return { sender, total: 120, stats, failed_share: failed / 100, ...times };
}

test('senders have a card if they are counted, with most failures first, and no other card mentions them', () => {
  expect(textOf(overviewOf({}))).not.toContain('Senders');
  const many = Array.from({ length: 9 }, (_, i) => senderOf(`sender-${i}`, 0, 0));
  const report = { senders: [senderOf('<acme>', 7, 3), ...many], not_counted: 0 };
  const text = textOf(overviewOf({ senders: { kind: 'read', value: report } }));
  expect(text).toContain('<acme> 7 7.0% 3 120');
  expect(text).toContain('2 more: npx tsx runbooks/stats.ts --senders --env local');
  expect(text).not.toContain('not counted yet');
});

test('files that are not yet counted by sender are mentioned', () => {
  const report = { senders: [senderOf('acme', 0, 0)], not_counted: 1_200 };
  const text = textOf(overviewOf({ senders: { kind: 'read', value: report } }));
  expect(text).toContain('1,200 files are not counted yet, see rebuild');
});

describe('what is acknowledged', () => {
  const word = {
    reason: 'the producer is told',
    actor: 'arn:alice',
    at: '2026-11-23T05:00:00.000Z',
    changeId: 'c',
  };
  const all = [
    { class: 'no-such-table-1a2b3c', ...word, until: '2026-12-02T00:00:00.000Z' },
    {
      ...{ date_prefix: '2026-11-23', file_key: 'x.ndjson', version: 'v', status: 'pending' },
      ...{ ...word, until: '2026-12-25T00:00:00.000Z' },
    },
  ];

  const lateStats = (late: number) => {
    const in_flight = lateOf(NOW, { sk: 'age#2026-11-23#0', r02: late });
    return statsOf({ processing: late }, { in_flight });
  };

  test('needs no attention, and is listed with its end and reason', () => {
    const stats = { kind: 'read' as const, value: lateStats(2) };
    const known = { all, late: { pending: 0, manifested: 0, processing: 2 } };
    const text = textOf(overviewOf({ stats, known: { kind: 'read', value: known } }));
    expect(text).toContain('All is well.');
    expect(text).toContain('2 acknowledgements apply here, the first until 2026-12-01');
    expect(text).toContain('x.ndjson known until 2026-12-24: the producer is told');
  });

  test('hides nothing else', () => {
    const stats = { kind: 'read' as const, value: lateStats(3) };
    const known = { all, late: { pending: 0, manifested: 0, processing: 2 } };
    const text = textOf(overviewOf({ stats, known: { kind: 'read', value: known } }));
    expect(text).toContain(
      '1 file has been processing for longer than allowed, plus 2 that are acknowledged.',
    );
  });

  test('is not mentioned if there is none', () => {
    expect(textOf(overviewOf({}))).not.toMatch(/acknowledgement|Known/);
  });
});
