import { Metrics } from '@aws-lambda-powertools/metrics';
import { type MetricName, metricForm, NAMESPACE, type PublishingFunction } from './names.ts';

/** The metrics that a function collects during an invocation and publishes together. */
export interface FunctionMetrics<F extends PublishingFunction> {
  /** @param of which kind, status or type, for a metric that is published for each of them */
  add(name: MetricName<F>, value: number, of?: string): void;
  publish(): void;
}

/** Publishes with one log line in the embedded metric format, from which CloudWatch reads the metrics. */
export function functionMetrics<F extends PublishingFunction>(
  fn: F,
  environment: string,
): FunctionMetrics<F> {
  const metrics = new Metrics({
    namespace: NAMESPACE,
    serviceName: fn,
    defaultDimensions: { environment },
  });
  return {
    add(name, value, of) {
      const { unit, by, ifAny, inLogOnly } = metricForm(fn, name);
      if (ifAny && value === 0) return;
      if (inLogOnly) metrics.addMetadata(name, String(value));
      else if (by && of !== undefined)
        metrics.singleMetric().addDimension(by, of).addMetric(name, unit, value);
      else metrics.addMetric(name, unit, value);
    },
    // Powertools would log a warning if there were no metrics.
    publish: () => void (metrics.hasStoredMetrics() && metrics.publishStoredMetrics()),
  };
}
