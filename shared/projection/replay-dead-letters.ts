import { DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { classifyFault } from '../aws/faults.ts';
import { namedErrorText } from '../text/error-text.ts';
import { type ConsumeDeps, type ConsumeReport, consumeBatch } from './consume.ts';
import type { DeadLetterStore } from './dead-letters.ts';

/** The result of replaying one letter. */
export interface LetterReplay {
  readonly key: string;
  /** `refused` letters stay; `unapplied` ones may work next time; `failed` ones threw an error. */
  readonly result: 'applied' | 'refused' | 'unapplied' | 'unreadable' | 'failed';
  readonly records: number;
  readonly report: ConsumeReport | undefined;
  /** Why it was not applied, in one sentence. */
  readonly reason: string | undefined;
}

/**
 * Runs the records of one letter through the consumer's own code again. A letter that is applied, or was applied in the
 * meantime, is deleted from the bucket; an event older than its head goes to its place in the timeline.
 *
 * @throws if the projection table is unreachable, which is not the letter's fault; any other error is the result of this
 * letter, and the next one can be replayed
 */
export async function replayDeadLetter(
  key: string,
  store: DeadLetterStore,
  deps: ConsumeDeps,
): Promise<LetterReplay> {
  try {
    return await replay(key, store, deps);
  } catch (error) {
    if (isOutOfReach(error)) throw error;
    return { key, result: 'failed', records: 0, report: undefined, reason: namedErrorText(error) };
  }
}

async function replay(key: string, store: DeadLetterStore, deps: ConsumeDeps): Promise<LetterReplay> {
  const records = recordsIn(await readObject(store, key));
  if (!records) {
    const reason = 'The object is neither a dead letter nor a batch that Lambda gave up on.';
    return { key, result: 'unreadable', records: 0, report: undefined, reason };
  }
  const report = await consumeBatch(records, { ...deps, isReplay: true }, store);
  const told = { key, records: records.length, report };
  const [unapplied] = report.unapplied;
  if (unapplied) return { ...told, result: 'unapplied', reason: namedErrorText(unapplied.error) };
  const [refused] = report.deadLetters;
  // Refused records are kept again under a key that depends on their content, so only a copy may be deleted.
  if (!report.deadLetters.some((letter) => letter.key === key)) {
    await store.s3.send(new DeleteObjectCommand({ Bucket: store.bucket, Key: key }));
  }
  return { ...told, result: refused ? 'refused' : 'applied', reason: refused?.reason };
}

/** Whether the projection table or the network has a problem. A fault of S3 concerns only one object, and so one letter. */
function isOutOfReach(error: unknown): boolean {
  if (error instanceof S3ServiceException) return false;
  const fault = classifyFault(error);
  return error instanceof DynamoDBServiceException ? fault !== 'rejected' : fault === 'busy';
}

async function readObject({ s3, bucket }: DeadLetterStore, key: string): Promise<unknown> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return parsed((await Body?.transformToString()) ?? '');
}

/** The stream records of a letter; Lambda writes the invocation's payload as text or as an object. */
function recordsIn(letter: unknown): readonly unknown[] | undefined {
  const { records, payload } = asObject(letter);
  if (Array.isArray(records)) return records;
  const { Records } = asObject(typeof payload === 'string' ? parsed(payload) : payload);
  return Array.isArray(Records) ? Records : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
