import type { HealingReport } from '../healing/heal.ts';
import type { SweepRun } from '../orphans/sweep.ts';
import type { SweepReport } from '../orphans/sweep-report.ts';
import { IN_FLIGHT_STATUSES } from '../pipeline/status.ts';
import type { FunctionMetrics } from './function-metrics.ts';

type SweepMetrics = FunctionMetrics<'orphan-sweep'>;

/** Publishes one invocation of a sweep. */
export function publishSweep(
  { pages, readUnits }: Pick<SweepRun, 'pages' | 'readUnits'>,
  millis: number,
  metrics: SweepMetrics,
): void {
  metrics.add('SweepPages', pages);
  metrics.add('ReadUnitsConsumed', readUnits);
  metrics.add('SweepDuration', millis);
  metrics.publish();
}

/** Publishes what a sweep found: once, when it came to its end. */
export function publishFound(report: SweepReport, metrics: SweepMetrics): void {
  metrics.add('SweepsCompleted', 1);
  addTotals(report, metrics);
  metrics.publish();
}

function addTotals(
  { unknown, unverifiable = 0, totals, oldestHours }: SweepReport,
  metrics: SweepMetrics,
): void {
  metrics.add('SweepUnknown', unknown);
  metrics.add('SweepUnverifiable', unverifiable);
  metrics.add(
    'OrphansFound',
    Object.values(totals).reduce((sum, count) => sum + count, 0),
  );
  for (const [kind, count] of Object.entries(totals)) metrics.add('Orphans', count, kind);
  for (const status of IN_FLIGHT_STATUSES) {
    // Nothing in flight is zero and not silence, or an alarm would never end.
    metrics.add('OldestInFlight', (oldestHours[status] ?? 0) * 3_600, status);
  }
}

/** Publishes what healing did; with nothing to heal it publishes zeros. */
export function publishHealing(report: HealingReport | undefined, metrics: SweepMetrics): void {
  metrics.add('FilesHealed', report?.counts?.applied ?? 0);
  metrics.add('HealingStopped', report?.stopped ? 1 : 0);
  metrics.publish();
}
