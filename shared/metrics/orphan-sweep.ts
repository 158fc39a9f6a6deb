import type { HealingReport } from '../healing/heal.ts';
import type { SweepReport } from '../orphans/sweep-report.ts';
import { COMPLETED_KINDS, ORPHAN_KINDS, type OrphanKind } from '../orphans/verdict.ts';
import { IN_FLIGHT_STATUSES } from '../pipeline/status.ts';
import type { FunctionMetrics } from './function-metrics.ts';

type SweepMetrics = FunctionMetrics<'orphan-sweep'>;

/** Publishes how much one invocation of a sweep has read, in read units. */
export function publishSweep(readUnits: number, metrics: SweepMetrics): void {
  metrics.add('ReadUnitsConsumed', readUnits);
  metrics.publish();
}

/** Publishes what a sweep found: once, when it has ended. */
export function publishFound({ totals, oldestHours }: SweepReport, metrics: SweepMetrics): void {
  for (const kind of ORPHAN_KINDS) metrics.add('Orphans', totals[kind], kind);
  const sumOf = (kinds: readonly OrphanKind[]) => kinds.reduce((sum, kind) => sum + totals[kind], 0);
  metrics.add('OrphansCompleted', sumOf(COMPLETED_KINDS));
  metrics.add('OrphansInFlight', sumOf(ORPHAN_KINDS) - sumOf(COMPLETED_KINDS));
  for (const status of IN_FLIGHT_STATUSES) {
    // If nothing is in flight, publish zero instead of nothing; otherwise an alarm would never end.
    metrics.add('OldestInFlight', (oldestHours[status] ?? 0) * 3_600, status);
  }
  metrics.publish();
}

/** Publishes what healing did, including retries; if there was nothing to heal, zeros. */
export function publishHealing(report: HealingReport | undefined, metrics: SweepMetrics): void {
  const retries = report?.retries ?? [];
  const retried = retries.reduce((sum, { counts }) => sum + (counts?.applied ?? 0), 0);
  const isHeld = retries.some(
    ({ held_dates, unfinished, needs_approval }) => held_dates.length > 0 || unfinished || needs_approval,
  );
  metrics.add('FilesHealed', (report?.counts?.applied ?? 0) + retried);
  metrics.add('HealingStopped', report?.stopped || isHeld ? 1 : 0);
  metrics.publish();
}
