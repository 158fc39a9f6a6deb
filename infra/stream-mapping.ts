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
   * Whether the watchdog looks after the mapping. Else Lambda counts its events, which tells that it asks for them. The
   * guide has no charge for metrics of Lambda, but these come only when they are asked for, and may count as custom ones:
   * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html
   */
  readonly isWatched: boolean;
}

type StreamedTable = Pick<TrackingTableArns, 'tableArn' | 'streamArn'>;

/**
 * Hands the tracking table's stream to the consumer. What is given up goes to S3, which unlike a queue or a
 * topic gets the whole records and not only where they stood in a stream that forgets them after a day.
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
    // No greatest age is given: it is infinite then, and CDK takes no -1.
    bisectBatchOnError: STREAM_SETTINGS.bisectBatchOnFunctionError,
    reportBatchItemFailures: STREAM_SETTINGS.reportBatchItemFailures,
    filters: streamFilters(),
    // CDK's own destination would let the function read, write and delete in the whole bucket.
    onFailure: { bind: () => ({ destination: deadLetters.bucketArn }) },
    supportS3OnFailureDestination: true,
    ...(!isWatched && { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } }),
  });
}

/**
 * What the service itself does in the function's name. It delivers below `aws/lambda/` only, yet when the
 * mapping is created it checks for the right to write into the whole bucket, and to list it; without, it answers
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
      wildcard: 'To list the streams of a table concerns all of them.',
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
 * What tells that records never reached the consumer. A batch that Lambda gives up goes to the dead letter bucket, where
 * with schedules the alarm on waiting dead letters tells of it; one that cannot be kept there is lost.
 *
 * @param unwatched the mapping, where no watchdog looks after it
 */
export function mappingAlarms(
  consumer: LambdaFunction,
  unwatched: EventSourceMapping | undefined,
): AlarmDefinition[] {
  return [
    {
      name: 'records-dropped',
      description:
        'Lambda has given up records and could not keep them in the dead letter bucket. The runbook repair finds what they changed and puts it right. Look at what the role of the consumer may write.',
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
            description: `Lambda has given a batch up and kept it under ${BUCKET_PREFIXES.givenUp} in the dead letter bucket. Replay it: until then the counts lack it.`,
            runbook: 'replay-dead-letters.ts',
            metric: mappingMetric(unwatched, 'OnFailureDestinationDeliveredEventCount', Duration.minutes(5)),
            when: { above: 0 },
          },
          {
            name: 'not-polling',
            description:
              'Lambda has not asked the stream for records for five minutes: the counts stand still. Look at the mapping, at the stream, and at what the role of the consumer may do.',
            runbook: 'doctor.ts',
            metric: mappingMetric(unwatched, 'PolledEventCount', Duration.minutes(1)),
            // No count is: the metric either says that Lambda asks, or there is none.
            when: { below: 0 },
            of: { bad: 5, periods: 5 },
            silence: 'told' as const,
          },
        ]
      : []),
  ];
}

/**
 * What Lambda counts of the mapping. Also an empty answer of the stream is published, as 0: nights without files are no
 * silence.
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
