import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Discard, failureKey, failureRecord } from './failure-record.ts';

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
