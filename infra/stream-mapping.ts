import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import {
  EventSourceMapping,
  type Function as LambdaFunction,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { BUCKET_PREFIXES } from '../shared/aws/deployment-names.ts';
import { type Access, grant } from './access.ts';
import type { AlarmDefinition } from './alarms.ts';
import type { DeployedFunction } from './functions/function.ts';
import type { Encrypted } from './key-access.ts';
import type { EnvironmentSettings } from './settings.ts';
import type { TrackingTableArns } from './storage.ts';
import { STREAM_SETTINGS, streamFilters, streamSettings } from './stream-settings.ts';

interface MappingProps extends Pick<EnvironmentSettings, 'stream'> {
  readonly encrypted: readonly Encrypted[];
  /**
   * Whether the watchdog watches the mapping. If not, Lambda counts the mapping's events, which shows that it polls. The
   * guide lists no charge for Lambda's metrics, but these are published only on request, and may count as custom metrics:
   * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html
   */
  readonly isWatched: boolean;
}

type StreamedTable = Pick<TrackingTableArns, 'tableArn' | 'streamArn'>;

/**
 * Connects the tracking table's stream to the consumer. Batches that are given up on go to S3, which, unlike a queue or
 * a topic, gets the complete records, not only their positions in a stream that keeps them for a day.
 */
export function streamMapping(
  { fn, role }: DeployedFunction,
  table: StreamedTable,
  deadLetters: Bucket,
  { stream, encrypted, isWatched }: MappingProps,
): EventSourceMapping {
  grant(role, mappingAccess(table, deadLetters), encrypted);
  const { batchSize, maximumBatchingWindowSeconds } = streamSettings(stream);
  return new EventSourceMapping(fn, 'Stream', {
    target: fn,
    eventSourceArn: table.streamArn,
    startingPosition: StartingPosition[STREAM_SETTINGS.startingPosition],
    batchSize,
    maxBatchingWindow: Duration.seconds(maximumBatchingWindowSeconds),
    retryAttempts: STREAM_SETTINGS.maximumRetryAttempts,
    // No maximum age is set: it is then infinite, and the CDK does not accept -1.
    bisectBatchOnError: STREAM_SETTINGS.bisectBatchOnFunctionError,
    reportBatchItemFailures: STREAM_SETTINGS.reportBatchItemFailures,
    filters: streamFilters(),
    // The CDK's own destination would let the function read, write and delete in the entire bucket.
    onFailure: { bind: () => ({ destination: deadLetters.bucketArn }) },
    supportS3OnFailureDestination: true,
    ...(!isWatched && { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } }),
  });
}

/**
 * What the service itself does on behalf of the function. It only writes below `aws/lambda/`, but when the mapping is
 * created it checks for the right to write into the entire bucket and to list it; without that, it answers
 * "The function execution role does not have permissions to call PutObject on S3".
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
function mappingAccess({ tableArn, streamArn }: StreamedTable, deadLetters: Bucket): Access[] {
  return [
    {
      actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      resources: [streamArn],
    },
    {
      actions: ['dynamodb:ListStreams'],
      resources: [`${tableArn}/stream/*`],
      wildcard: 'Listing the streams of a table concerns all of them.',
    },
    {
      actions: ['s3:PutObject'],
      resources: [`${deadLetters.bucketArn}/*`],
      wildcard: 'Lambda refuses the mapping unless its function may write anywhere in the bucket.',
    },
    { actions: ['s3:ListBucket'], resources: [deadLetters.bucketArn] },
  ];
}

/**
 * The alarms for records that never reached the consumer. A batch that Lambda gives up on goes to the dead letter bucket;
 * with schedules, the alarm for waiting dead letters reports it there. A batch that cannot be kept there is lost.
 *
 * @param unwatched the mapping, if no watchdog watches it
 */
export function mappingAlarms(
  consumer: LambdaFunction,
  unwatched: EventSourceMapping | undefined,
): AlarmDefinition[] {
  return [
    {
      name: 'records-dropped',
      description:
        "Lambda gave up on records and could not keep them in the dead letter bucket. The runbook repair finds and corrects what they changed. Check what the consumer's role may write.",
      runbook: 'repair.ts',
      metric: consumer.metric('DestinationDeliveryFailures', {
        statistic: 'Sum',
        period: Duration.minutes(5),
      }),
      when: { above: 0 },
    },
    ...(unwatched
      ? [
          {
            name: 'batches-given-up',
            description: `Lambda gave up on a batch and kept it under ${BUCKET_PREFIXES.givenUp} in the dead letter bucket. Replay it: until then the counts lack its records.`,
            runbook: 'replay-dead-letters.ts',
            metric: mappingMetric(unwatched, 'OnFailureDestinationDeliveredEventCount', Duration.minutes(5)),
            when: { above: 0 },
          },
          {
            name: 'not-polling',
            description:
              "Lambda has not polled the stream for five minutes, so the counts stand still. Check the mapping, the stream, and what the consumer's role may do.",
            runbook: 'doctor.ts',
            metric: mappingMetric(unwatched, 'PolledEventCount', Duration.minutes(1)),
            // No count is below 0: either the metric has a value, which shows that Lambda polls, or there is none.
            when: { below: 0 },
            of: { bad: 5, periods: 5 },
            silence: 'told' as const,
          },
        ]
      : []),
  ];
}

/**
 * What Lambda counts for the mapping. An empty answer of the stream is also published, as 0, so nights without files are
 * not silent.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
 */
function mappingMetric(
  { eventSourceMappingId }: EventSourceMapping,
  metricName: string,
  period: Duration,
): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { EventSourceMappingUUID: eventSourceMappingId },
    statistic: 'Sum',
    period,
  });
}
