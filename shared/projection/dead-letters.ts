import { createHash } from 'node:crypto';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { BUCKET_PREFIXES } from '../aws/deployment-names.ts';
import { objectPages } from '../aws/object-pages.ts';
import { dayOf, isoTime, streamedMillis } from '../text/time.ts';

/** Where dead letters go. */
export interface DeadLetterStore {
  readonly s3: S3Client;
  readonly bucket: string;
}

/** Records that could not be applied, complete: nothing that arrived is lost. */
export interface DeadLetter {
  /** Why, in one sentence, for people. */
  readonly reason: string;
  /** The stream records as they arrived, all of one file. */
  readonly records: readonly unknown[];
}

/**
 * Keeps a dead letter as one JSON object. Its name depends only on its content, so a batch that is delivered again writes
 * the same object, not a second one.
 *
 * @param now milliseconds since the epoch, noted in the object
 * @returns the object's key
 * @throws whatever S3 throws: the caller must then leave the records in the stream
 */
export async function keepDeadLetter(
  store: DeadLetterStore,
  letter: DeadLetter,
  now: number,
): Promise<string> {
  const key = deadLetterKey(letter);
  await store.s3.send(
    new PutObjectCommand({
      Bucket: store.bucket,
      Key: key,
      ContentType: 'application/json',
      Body: JSON.stringify({ version: 1, kept_at: isoTime(now), ...letter }),
    }),
  );
  return key;
}

/** `dead-letters/<day of the first record, UTC>/<hash of the records>.json` */
function deadLetterKey({ records }: DeadLetter): string {
  const hash = createHash('sha256').update(JSON.stringify(records)).digest('hex').slice(0, 32);
  return `${BUCKET_PREFIXES.deadLetters}${dayOfRecord(records[0])}/${hash}.json`;
}

function dayOfRecord(record: unknown): string {
  const created = (record as { dynamodb?: { ApproximateCreationDateTime?: unknown } } | undefined)?.dynamodb
    ?.ApproximateCreationDateTime;
  const millis = streamedMillis(created);
  return millis === undefined ? 'undated' : dayOf(millis);
}

/** A waiting dead letter, from the consumer or from Lambda. */
export interface WaitingLetter {
  readonly key: string;
  readonly bytes: number;
  /** When it was kept, according to S3. */
  readonly keptAt: Date | undefined;
}

/** All waiting letters, in the order of their keys. */
export async function* listDeadLetters({ s3, bucket }: DeadLetterStore): AsyncGenerator<WaitingLetter, void> {
  for (const Prefix of [BUCKET_PREFIXES.deadLetters, BUCKET_PREFIXES.givenUp]) {
    for await (const { Contents = [] } of objectPages(s3, { Bucket: bucket, Prefix })) {
      for (const { Key, Size = 0, LastModified } of Contents) {
        if (Key) yield { key: Key, bytes: Size, keptAt: LastModified };
      }
    }
  }
}

/** How many letters are waiting. */
export async function countDeadLetters(store: DeadLetterStore): Promise<number> {
  let waiting = 0;
  for await (const _ of listDeadLetters(store)) waiting += 1;
  return waiting;
}
