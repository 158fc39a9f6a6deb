import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { EventSourceMapping, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { BUCKET_PREFIXES } from '../shared/aws/deployment-names.ts';
import { type Access, grant } from './access.ts';
import type { AlarmDefinition } from './alarms.ts';
import type { DeployedFunction } from './functions/function.ts';
import type { Encrypted } from './key-access.ts';
import type { EnvironmentSettings } from './settings.ts';
import type { TrackingTableArns } from './storage.ts';
import { STREAM_SETTINGS, streamFilters, streamSettings } from './stream-settings.ts';

type StreamedTable = Pick<TrackingTableArns, 'tableArn' | 'streamArn'>;

/**
 * Hands the tracking table's stream to the consumer. What is given up goes to S3, which unlike a queue or a
 * topic gets the whole records and not only where they stood in a stream that forgets them after a day.
 */
export function streamMapping(
  { fn, role }: DeployedFunction,
  table: StreamedTable,
  deadLetters: Bucket,
  encrypted: readonly Encrypted[],
  { stream }: Pick<EnvironmentSettings, 'stream'>,
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
    metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
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

/** What tells that records never reached the consumer, or not as a whole. */
export function mappingAlarms(mapping: EventSourceMapping): AlarmDefinition[] {
  return [
    {
      name: 'batches-given-up',
      description: `Lambda has given a batch up and kept it under ${BUCKET_PREFIXES.givenUp} in the dead letter bucket. Replay it: until then the counts lack it.`,
      runbook: 'replay-dead-letters.ts',
      metric: givenUpMetric(mapping),
      when: { above: 0 },
    },
    {
      name: 'records-dropped',
      description:
        'Lambda has dropped records without keeping them. The runbook repair finds what they changed and puts it right.',
      runbook: 'repair.ts',
      metric: mappingMetric(mapping, 'DroppedEventCount'),
      when: { above: 0 },
    },
    {
      name: 'not-polling',
      description:
        'Lambda has not asked the stream for records for five minutes: the counts stand still. Look at the mapping, at the stream, and at what the role of the consumer may do.',
      runbook: 'doctor.ts',
      metric: pollsMetric(mapping),
      // No count is: the metric either says that Lambda asks, or there is none.
      when: { below: 0 },
      of: { bad: 5, periods: 5 },
      silence: 'told',
    },
  ];
}

/**
 * Also an empty answer of the stream is published, as 0: nights without files are no silence.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
 */
function pollsMetric(mapping: EventSourceMapping): Metric {
  return mappingMetric(mapping, 'PolledEventCount').with({ period: Duration.minutes(1) });
}

/** Batches that Lambda gave up and kept in the dead letter bucket. */
export function givenUpMetric(mapping: EventSourceMapping): Metric {
  return mappingMetric(mapping, 'OnFailureDestinationDeliveredEventCount');
}

/** What the mapping does with records; Lambda counts them per mapping when it is asked to. */
function mappingMetric({ eventSourceMappingId }: EventSourceMapping, metricName: string): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { EventSourceMappingUUID: eventSourceMappingId },
    statistic: 'Sum',
    period: Duration.minutes(5),
  });
}
