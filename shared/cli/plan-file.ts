import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { PlanEntry, PlanHeader } from '../changes/plan.ts';
import { planLines } from '../changes/saved-plan.ts';
import { linesOf } from '../flow/lines.ts';
import { errorText } from '../text/error-text.ts';
import { usageError } from '../text/refused.ts';

/**
 * Writes a plan to a file as it is made, entry by entry, and passes each on: however many files there are,
 * none is held. An existing file is not overwritten, and one that is not written to its end is removed.
 *
 * @throws Refused when the file is there already, or cannot be written
 */
export async function* savePlan(
  path: string,
  header: PlanHeader,
  entries: AsyncIterable<PlanEntry>,
): AsyncGenerator<PlanEntry, void> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    throw usageError(`--plan-out: ${errorText(error)}.`, 'Name a file that does not exist yet.');
  });
  const passed: PlanEntry[] = [];
  let complete = false;
  async function* noted() {
    for await (const entry of entries) {
      passed.push(entry);
      yield entry;
    }
  }
  try {
    for await (const line of planLines(header, noted())) {
      await file.write(line);
      yield* passed.splice(0);
    }
    complete = true;
  } finally {
    await file.close();
    // A part of a plan is not a plan, and would be in the way of the next one.
    if (!complete) await rm(path, { force: true });
  }
}

/**
 * Reads a saved plan line by line, from the start at each call.
 *
 * @param source a file, or an object as `s3://BUCKET/KEY`
 */
export function planReader(source: string, s3: S3Client): () => AsyncIterable<string> {
  return async function* () {
    const input = S3_URI.test(source) ? await openObject(s3, source) : createReadStream(source);
    try {
      yield* linesOf(input.setEncoding('utf8'));
    } catch (error) {
      throw unreadable(error);
    } finally {
      input.destroy();
    }
  };
}

const S3_URI = /^s3:\/\/([^/]+)\/(.+)$/s;

async function openObject(s3: S3Client, uri: string): Promise<Readable> {
  const [, Bucket, Key] = S3_URI.exec(uri) ?? [];
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return Body as Readable;
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown) {
  return usageError(`--plan: ${errorText(error)}.`, 'Name a plan that --plan-out or a sweep saved.');
}

/** A place for a plan that is applied at once, and forgotten afterwards. */
export async function withTemporaryFile<T>(work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'state-manager-plan-'));
  try {
    return await work(join(folder, 'plan.ndjson'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
