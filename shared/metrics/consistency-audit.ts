import type { AuditRun } from '../consistency/audit.ts';
import { driftIn } from '../consistency/audit-health.ts';
import type { NightlyProof } from '../data-proof/nightly.ts';
import type { FunctionMetrics } from './function-metrics.ts';

/** The type of `DataFindings` that counts dates and not files. */
export const NOT_VERIFIED = 'not_verified';

type AuditMetrics = FunctionMetrics<'consistency-audit'>;

/** Publishes one invocation of an audit; what the audit found is published once, when the date is done. */
export function publishAudit({ report }: AuditRun, readUnits: number, metrics: AuditMetrics): void {
  metrics.add('ReadUnitsConsumed', readUnits);
  if (report) addTotals(report, metrics);
  metrics.publish();
}

/** Publishes how many more issues a date has than at its last audit. */
export function publishNewIssues(newIssues: number, metrics: AuditMetrics): void {
  metrics.add('NewIssues', newIssues);
  metrics.publish();
}

/** Publishes what the output rows say. Nothing is said of a date that was not verified to its end. */
export function publishRows(
  { proof, found, newFindings }: NightlyProof,
  readUnits: number,
  metrics: AuditMetrics,
): void {
  metrics.add('ReadUnitsConsumed', readUnits);
  if (proof) {
    metrics.add('NewDataFindings', newFindings);
    for (const [type, count] of Object.entries(found)) metrics.add('DataFindings', count, type);
  }
  metrics.publish();
}

/** Publishes that the rows of a date were due, and are not verified by the audit. */
export function publishNotVerified(metrics: AuditMetrics): void {
  metrics.add('DataFindings', 1, NOT_VERIFIED);
  metrics.publish();
}

function addTotals(report: NonNullable<AuditRun['report']>, metrics: AuditMetrics): void {
  const { issues } = report.totals;
  const drift = driftIn(report);
  metrics.add('DriftFound', drift.found);
  metrics.add('DriftRepaired', drift.repaired);
  for (const [type, count] of Object.entries(issues)) metrics.add('Issues', count, type);
}
