import { Duration } from 'aws-cdk-lib';
import type { EventSourceMapping, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { AlarmDefinition } from './alarm.ts';
import { mappingMetric, ownMetric } from './metrics.ts';

const QUARTER_HOUR_MILLIS = 15 * 60_000;

/** What tells that the projection lags behind the tracking table, or has missed something. */
export function streamAlarms(
  environment: string,
  consumer: LambdaFunction,
  mapping: EventSourceMapping,
): AlarmDefinition[] {
  return [
    {
      name: 'iterator-age',
      description:
        "The projection is more than 15 minutes behind the tracking table. Look at the consumer's errors and throttles; after 12 hours records go to the dead letter bucket.",
      metric: consumer.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(5) }),
      when: { above: QUARTER_HOUR_MILLIS },
      of: { bad: 3, periods: 3 },
    },
    {
      name: 'consumer-errors',
      description: 'The stream consumer keeps failing. Its log says why; no record is lost for 12 hours.',
      metric: consumer.metricErrors({ period: Duration.minutes(5) }),
      when: { above: 0 },
      of: { bad: 3, periods: 5 },
    },
    {
      name: 'records-unapplied',
      description:
        "Records are delivered again and again without being applied. The consumer's log says why.",
      metric: ownMetric(environment, 'stream-consumer', 'RecordsUnapplied'),
      when: { above: 0 },
      of: { bad: 3, periods: 5 },
    },
    {
      name: 'dead-letters',
      description:
        'A record cannot be applied and is kept under dead-letters/ in the dead letter bucket. Read its reason there, mend it and replay it.',
      metric: ownMetric(environment, 'stream-consumer', 'DeadLetters'),
      when: { above: 0 },
    },
    {
      name: 'batches-given-up',
      description:
        'Lambda has given a batch up and kept it under aws/lambda/ in the dead letter bucket. Replay it: until then the counts lack it.',
      metric: mappingMetric(mapping.eventSourceMappingId, 'OnFailureDestinationDeliveredEventCount'),
      when: { above: 0 },
    },
    {
      name: 'records-dropped',
      description:
        'Lambda has dropped records without keeping them. The runbook repair finds what they changed and puts it right.',
      metric: mappingMetric(mapping.eventSourceMappingId, 'DroppedEventCount'),
      when: { above: 0 },
    },
  ];
}
