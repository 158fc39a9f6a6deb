import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { type Access, grant } from './access.ts';
import type { DeployedFunction } from './functions.ts';
import { streamFilters } from './stream-filter.ts';
import { STREAM_SETTINGS } from './stream-settings.ts';
import type { TrackingTableArns } from './tracking-table.ts';

/** Where Lambda puts the batches it gives up; the form of the keys is Lambda's own. */
export const ON_FAILURE_PREFIX = 'aws/lambda/';

type StreamedTable = Pick<TrackingTableArns, 'tableArn' | 'streamArn'>;

/**
 * Hands the tracking table's stream to the consumer. What is given up goes to S3, which unlike a queue or a
 * topic gets the whole records and not only where they stood in a stream that forgets them after a day.
 */
export function streamMapping(
  { fn, role }: DeployedFunction,
  table: StreamedTable,
  deadLetters: Bucket,
): EventSourceMapping {
  for (const access of mappingAccess(table, deadLetters)) grant(role, access);
  return new EventSourceMapping(fn, 'Stream', {
    target: fn,
    eventSourceArn: table.streamArn,
    startingPosition: StartingPosition[STREAM_SETTINGS.startingPosition],
    batchSize: STREAM_SETTINGS.batchSize,
    maxBatchingWindow: Duration.seconds(STREAM_SETTINGS.maximumBatchingWindowSeconds),
    retryAttempts: STREAM_SETTINGS.maximumRetryAttempts,
    maxRecordAge: Duration.seconds(STREAM_SETTINGS.maximumRecordAgeSeconds),
    bisectBatchOnError: STREAM_SETTINGS.bisectBatchOnFunctionError,
    reportBatchItemFailures: STREAM_SETTINGS.reportBatchItemFailures,
    filters: streamFilters(),
    // CDK's own destination would let the function read, write and delete in the whole bucket.
    onFailure: { bind: () => ({ destination: deadLetters.bucketArn }) },
    supportS3OnFailureDestination: true,
    metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
  });
}

/** What the service itself does in the function's name. */
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
      resources: [`${deadLetters.bucketArn}/${ON_FAILURE_PREFIX}*`],
      wildcard: 'Lambda names each batch that it gives up after its shard and the time.',
    },
    { actions: ['s3:ListBucket'], resources: [deadLetters.bucketArn] },
  ];
}
