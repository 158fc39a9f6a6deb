import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { AuditRun } from '../consistency/audit.ts';
import { driftIn } from '../consistency/audit-health.ts';
import type { SweepRun } from '../orphans/sweep.ts';

/** Puts one invocation of a sweep into metrics; what it found is told once, when it came to its end. */
export function recordSweep({ pages, readUnits, report }: SweepRun, millis: number, metrics: Metrics): void {
  metrics.addMetric('SweepPages', MetricUnit.Count, pages);
  metrics.addMetric('ReadUnitsConsumed', MetricUnit.Count, readUnits);
  metrics.addMetric('SweepDuration', MetricUnit.Milliseconds, millis);
  metrics.addMetric('SweepsCompleted', MetricUnit.Count, report ? 1 : 0);
  if (!report) return;
  metrics.addMetric('SweepUnknown', MetricUnit.Count, report.unknown);
  metrics.addMetric('OrphansFound', MetricUnit.Count, sumOf(report.totals));
  for (const [kind, count] of Object.entries(report.totals)) {
    metrics.singleMetric().addDimension('kind', kind).addMetric('Orphans', MetricUnit.Count, count);
  }
  for (const status of ['pending', 'manifested', 'processing'] as const) {
    // Nothing in flight is zero and not silence, or an alarm would never end.
    const seconds = (report.oldestHours[status] ?? 0) * 3_600;
    metrics
      .singleMetric()
      .addDimension('status', status)
      .addMetric('OldestInFlight', MetricUnit.Seconds, seconds);
  }
}

/** Puts one invocation of an audit into metrics; what it found is told once, when the date was done. */
export function recordAudit(
  { pages, report }: AuditRun,
  readUnits: number,
  millis: number,
  metrics: Metrics,
): void {
  metrics.addMetric('AuditPages', MetricUnit.Count, pages);
  metrics.addMetric('ReadUnitsConsumed', MetricUnit.Count, readUnits);
  metrics.addMetric('AuditDuration', MetricUnit.Milliseconds, millis);
  metrics.addMetric('AuditsCompleted', MetricUnit.Count, report ? 1 : 0);
  if (!report) return;
  const drift = driftIn(report);
  metrics.addMetric('AuditUnknown', MetricUnit.Count, report.totals.unknown);
  metrics.addMetric('DriftFound', MetricUnit.Count, drift.found);
  metrics.addMetric('DriftRepaired', MetricUnit.Count, drift.repaired);
  metrics.addMetric('IssuesFound', MetricUnit.Count, sumOf(report.totals.issues));
  for (const [type, count] of Object.entries(report.totals.issues)) {
    metrics.singleMetric().addDimension('type', type).addMetric('Issues', MetricUnit.Count, count);
  }
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}
