import type { AuditRun } from '../consistency/audit.ts';
import { driftIn } from '../consistency/audit-health.ts';
import type { NightlyProof } from '../data-proof/nightly.ts';
import type { FunctionMetrics } from './function-metrics.ts';

type AuditMetrics = FunctionMetrics<'consistency-audit'>;

/** Publishes one invocation of an audit; what the audit found is published once, when the date is done. */
export function publishAudit(
  { report }: AuditRun,
  newIssues: number,
  data: NightlyProof | undefined,
  readUnits: number,
  metrics: AuditMetrics,
): void {
  metrics.add('ReadUnitsConsumed', readUnits);
  if (report) addTotals(report, metrics);
  if (report) metrics.add('NewIssues', newIssues);
  if (data) addData(data, metrics);
  metrics.publish();
}

/** Nothing is published for a date that was not fully verified; the next night does it. */
function addData({ proof, found, newFindings }: NightlyProof, metrics: AuditMetrics): void {
  if (!proof) return;
  metrics.add('NewDataFindings', newFindings);
  for (const [type, count] of Object.entries(found)) metrics.add('DataFindings', count, type);
}

function addTotals(report: NonNullable<AuditRun['report']>, metrics: AuditMetrics): void {
  const { issues } = report.totals;
  const drift = driftIn(report);
  metrics.add('DriftFound', drift.found);
  metrics.add('DriftRepaired', drift.repaired);
  for (const [type, count] of Object.entries(issues)) metrics.add('Issues', count, type);
}
