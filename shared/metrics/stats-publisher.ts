import { STATUSES } from '../pipeline/status.ts';
import type { StatsReport } from '../statistics/stats-report.ts';
import type { FunctionMetrics } from './function-metrics.ts';
import { METRICS } from './names.ts';

const { everyHours } = METRICS['stats-publisher'].Files;

/** Publishes one hour's report; the counts only in some hours, because the projection keeps all of them. */
export function publishStats(report: StatsReport, metrics: FunctionMetrics<'stats-publisher'>): void {
  const isTurn = new Date(report.at).getUTCHours() % everyHours === 0;
  for (const status of isTurn ? STATUSES : []) {
    metrics.add('Files', report.files[status], status);
    metrics.add('Manifests', report.manifests[status], status);
  }
  metrics.add('DeadLettersWaiting', report.deadLettersWaiting);
  metrics.add('UnusualArrivals', report.unusualArrivals);
  metrics.publish();
}
