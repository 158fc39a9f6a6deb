import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Condition } from './batch.ts';
import type { LambdaStreamRecord } from './event.ts';

export interface Discard {
  condition: Condition;
  records: readonly LambdaStreamRecord[];
  invokeCount: number;
  functionError?: string;
  functionArn: string;
  streamArn: string;
  shardId: string;
  requestId: string;
  at: Date;
}

/**
 * What Lambda sends to an S3 on-failure destination. The form is AWS's example; that an age discard has no
 * response context, and a reported failure a null functionError, was recorded on AWS by LocalStack's tests.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export function failureRecord(discard: Discard) {
  const first = discard.records.at(0)?.dynamodb;
  const last = discard.records.at(-1)?.dynamodb;
  return {
    requestContext: {
      requestId: discard.requestId,
      functionArn: discard.functionArn,
      condition: discard.condition,
      approximateInvokeCount: Math.max(1, discard.invokeCount),
    },
    ...(discard.condition === 'RetryAttemptsExhausted' && {
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        functionError: discard.functionError ?? null,
      },
    }),
    version: '1.0',
    timestamp: discard.at.toISOString(),
    DDBStreamBatchInfo: {
      shardId: discard.shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: arrival(last?.ApproximateCreationDateTime),
      batchSize: discard.records.length,
      streamArn: discard.streamArn,
    },
    // A string of JSON, not an object: "the original invocation record as an escaped JSON string".
    payload: JSON.stringify({ Records: discard.records }),
  };
}

/** `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<unique>`, in UTC. */
export function failureKey(mappingId: string, shardId: string, at: Date, uniqueId: string): string {
  const second = at.toISOString().slice(0, 19);
  const day = second.slice(0, 10).replaceAll('-', '/');
  // The folder is Lambda's own: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
  return `aws/lambda/${mappingId}/${shardId}/${day}/${second.replaceAll(':', '.')}-${uniqueId}`;
}

function arrival(epochSeconds = 0): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

export interface OnFailureDestination {
  s3: S3Client;
  bucket: string;
  /** The event source mapping's UUID, part of every key. */
  mappingId: string;
}

/** Keeps discarded records in S3 as Lambda does; resolves to the object's key. */
export async function sendToDestination(
  { s3, bucket, mappingId }: OnFailureDestination,
  discard: Discard,
  uniqueId: string,
): Promise<string> {
  const key = failureKey(mappingId, discard.shardId, discard.at, uniqueId);
  const body = JSON.stringify(failureRecord(discard));
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }),
  );
  return key;
}
