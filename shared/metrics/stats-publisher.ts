import { STATUSES } from '../pipeline/status.ts';
import type { StatsReport } from '../projection/stats-report.ts';
import type { FunctionMetrics } from './function-metrics.ts';

/** Publishes the counts of one hour. */
export function publishStats(report: StatsReport, metrics: FunctionMetrics<'stats-publisher'>): void {
  for (const status of STATUSES) {
    metrics.add('Files', report.files[status], status);
    metrics.add('Manifests', report.manifests[status], status);
  }
  metrics.add('DeadLettersWaiting', report.deadLettersWaiting);
  if (report.lagSeconds !== undefined) metrics.add('ProjectionLag', report.lagSeconds);
  metrics.publish();
}
