import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Deps } from '../aws/deps.ts';
import { isUploadedAgain, takenAt } from '../consistency/uploaded-again.ts';
import { inputLocations } from '../pipeline/layout.ts';
import type { Location } from '../pipeline/names.ts';
import { newestTime } from '../pipeline/record.ts';
import { isMissing } from '../pipeline/storage.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { ReadMeter } from './ranged-object.ts';

/** The key under which counted lines are stored: a file that is uploaded or retried is counted again. */
export function linesId(record: TrackingRecord, now: number): string {
  return `${record.file_key} ${newestTime(record, now)}`;
}

/** The lines of an input that are not blank, each of which a job turns into a row. */
export interface CountedLines {
  readonly lines: number;
  /** Whether it was counted to the end, or only up to the first line. */
  readonly isWhole: boolean;
}

/**
 * Counts the lines of a record's input by streaming it. Only the last piece is held.
 *
 * @param atMost stops after this many lines
 * @param writtenAt when the first rows of it were written, by the clock of S3; undefined where there are none
 * @returns undefined when it is gone, cannot be read, or was uploaded again since it was converted
 */
export async function countInputLines(
  { storage, profile, now }: Pick<Deps, 'storage' | 'profile' | 'now'>,
  record: TrackingRecord,
  meter: ReadMeter,
  { atMost, writtenAt = Number.POSITIVE_INFINITY }: { atMost: number; writtenAt: number | undefined },
): Promise<CountedLines | undefined> {
  for (const location of inputLocations(record, storage, profile)) {
    const input = await openInput(storage.s3, location);
    if (!input) continue;
    meter.requests += 1;
    // Both times are of S3: rows cannot be older than the input that they come from.
    if (input.modified > writtenAt || isUploadedAgain(input.modified, takenAt(record, now))) {
      // What is never read would keep its connection for good.
      input.body.destroy();
      return undefined;
    }
    return countLines(input.body, meter, atMost);
  }
  return undefined;
}

async function openInput(s3: S3Client, { bucket, key }: Location) {
  try {
    const { Body, LastModified } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const body = Body as Readable | undefined;
    return body && { body, modified: LastModified?.getTime() ?? 0 };
  } catch (error) {
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    if (isMissing(error) || $metadata?.httpStatusCode === 403) return undefined;
    throw error;
  }
}

const NEWLINE = 10;
// Blank, tab and carriage return.
const BLANKS: ReadonlySet<number | undefined> = new Set([32, 9, 13]);

async function countLines(
  body: AsyncIterable<Uint8Array>,
  meter: ReadMeter,
  atMost: number,
): Promise<CountedLines> {
  let lines = 0;
  let hasText = false;
  for await (const piece of body) {
    meter.bytes += piece.length;
    for (let at = 0; at < piece.length; ) {
      // The first character of a line nearly always shows that it is not blank: the rest is searched natively.
      while (!hasText && at < piece.length && piece[at] !== NEWLINE) hasText = !BLANKS.has(piece[at++]);
      const end = piece.indexOf(NEWLINE, at);
      if (end < 0) break;
      if (hasText) lines += 1;
      hasText = false;
      at = end + 1;
      if (lines >= atMost) return { lines, isWhole: false };
    }
  }
  return { lines: hasText ? lines + 1 : lines, isWhole: true };
}
