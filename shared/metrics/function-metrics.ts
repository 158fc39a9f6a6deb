import { Metrics } from '@aws-lambda-powertools/metrics';
import { type MetricName, metricForm, NAMESPACE, type PublishingFunction } from './names.ts';

/** What a function gathers during an invocation, to be published in one piece. */
export interface FunctionMetrics<F extends PublishingFunction> {
  /** @param of which kind, status or type, for a metric that is told for each of them */
  add(name: MetricName<F>, value: number, of?: string): void;
  publish(): void;
}

/** A line of the log in the embedded metric format is all it takes: CloudWatch reads metrics from there. */
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
    // Of nothing Powertools would write a warning.
    publish: () => void (metrics.hasStoredMetrics() && metrics.publishStoredMetrics()),
  };
}
