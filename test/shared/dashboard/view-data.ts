import { pageNavigation } from '../../../shared/dashboard/navigation.ts';
import type { ViewContext } from '../../../shared/dashboard/view.ts';
import type { Timeline } from '../../../shared/operations/get-processing-timeline.ts';
import type { Stats } from '../../../shared/operations/get-stats.ts';
import type { SweepReport } from '../../../shared/orphans/sweep-report.ts';
import { ORPHAN_KINDS, type OrphanKind } from '../../../shared/orphans/verdict.ts';
import { STATUSES, type Status } from '../../../shared/pipeline/status.ts';
import { lateOf } from '../../support/ages.ts';
import { FIELD_LIMITS } from '../../support/profile.ts';

/** Data for views, in the form of the service's answers; each test overrides only what matters to it. */

export const NOW = Date.parse('2026-11-23T06:00:00Z');

export const context: ViewContext = { now: NOW, environment: 'local', navigation: pageNavigation };

export function countsOf(given: Partial<Record<Status, number>>): Record<Status, number> {
  return Object.fromEntries(STATUSES.map((status) => [status, given[status] ?? 0])) as Record<Status, number>;
}

export function statsOf(counts: Partial<Record<Status, number>>, given: Partial<Stats> = {}): Stats {
  const stats = countsOf(counts);
  return {
    stats,
    total: STATUSES.reduce((sum, status) => sum + stats[status], 0),
    manifests: { stats: countsOf({ completed: 3 }), total: 3 },
    arrivals: stats,
    in_flight: lateOf(NOW),
    drain: {
      state: 'will_not_drain',
      rates: { arrived_per_hour: 900, arrived_minutes: 30, settled_per_hour: 600, minutes: 30 },
    },
    as_of: '2026-11-23T05:59:58.000Z',
    lag_seconds: 0.4,
    last_audit: { at: '2026-11-23T02:00:00.000Z', drift_found: 0, drift_repaired: 0 },
    dead_letters_waiting: { at: '2026-11-23T05:00:00.000Z', waiting: 0 },
    ...given,
  };
}

export function sweepOf(given: Partial<SweepReport> = {}): SweepReport {
  return {
    at: '2026-11-23T05:30:00.000Z',
    startedAt: '2026-11-23T05:29:00.000Z',
    complete: true,
    checked: 120,
    inFlight: 60,
    affected: 12,
    unknown: 0,
    totals: totalsOf({}),
    oldestHours: { pending: 3 },
    limitHours: FIELD_LIMITS,
    orphans: [],
    pages: 7,
    readUnits: 12,
    invocations: 1,
    ...given,
  };
}

export function totalsOf(given: Partial<Record<OrphanKind, number>>): Record<OrphanKind, number> {
  return Object.fromEntries(ORPHAN_KINDS.map((kind) => [kind, given[kind] ?? 0])) as Record<
    OrphanKind,
    number
  >;
}

export function timelineOf(timeline: Timeline['timeline'], given: Partial<Timeline> = {}): Timeline {
  return {
    file: 'x.ndjson',
    current_status: timeline.at(-1)?.status ?? 'pending',
    timeline,
    durations_seconds: {},
    total_processing_time: null,
    steps: [],
    notes: [],
    acknowledgements: [],
    source: 'stream',
    ...given,
  };
}

/** The visible text of markup, unescaped and in one line. */
export function textOf(markup: string): string {
  return markup
    .replace(/<(style|cwdb-action|title).*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,;:])/g, '$1')
    .trim();
}
