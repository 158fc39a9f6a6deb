import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { HealingReport } from '../healing/heal.ts';

/** Puts what healing came to into metrics; with nothing to heal it is zero and not silence. */
export function recordHealing(report: HealingReport | undefined, metrics: Metrics): void {
  metrics.addMetric('FilesHealed', MetricUnit.Count, report?.counts?.applied ?? 0);
  metrics.addMetric('HealingStopped', MetricUnit.Count, report?.stopped ? 1 : 0);
}
