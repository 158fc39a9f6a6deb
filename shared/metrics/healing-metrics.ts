import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { HealingReport } from '../healing/heal.ts';

/** Publishes what healing did; with nothing to heal it publishes zeros. */
export function recordHealing(report: HealingReport | undefined, metrics: Metrics): void {
  metrics.addMetric('FilesHealed', MetricUnit.Count, report?.counts?.applied ?? 0);
  metrics.addMetric('HealingStopped', MetricUnit.Count, report?.stopped ? 1 : 0);
}
