import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { NAMESPACE } from '../shared/metrics/names.ts';

/** A metric that a function publishes; CloudWatch knows it only under all of its dimensions. */
export function ownMetric(
  environment: string,
  service: string,
  metricName: string,
  { dimensionsMap, ...options }: MetricOptions = {},
): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { service, environment, ...dimensionsMap },
    statistic: 'Sum',
    period: Duration.minutes(5),
    ...options,
  });
}

/** What the event source mapping does with records; Lambda counts them per mapping when it is asked to. */
export function mappingMetric(mappingId: string, metricName: string): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { EventSourceMappingUUID: mappingId },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });
}
