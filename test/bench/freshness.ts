import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { createBuckets } from '../../infra/local/tables.ts';
import { createPipeline } from '../../infra/simulator/pipeline.ts';
import { parseStreamRecord } from '../../shared/projection/stream-record.ts';
import { parseFieldTime } from '../../shared/text/time.ts';
import { type BenchDatabase, TRACKING_TABLE } from './bench-system.ts';
import { recordStream } from './recorded-life.ts';

/** A stream record, and when it was written in the pipeline's time, in milliseconds since the epoch. */
export interface TimedRecord {
  readonly record: DynamoDBRecord;
  readonly at: number;
}

const BEGIN = Date.parse('2026-11-23T10:00:00Z');
/** As in production. */
const FILES_PER_MANIFEST = 200;
/** A writer's clock may be off by this much; a time that is further off does not show when the record was written. */
const BELIEVABLE_MILLIS = 3_600_000;
/** Lambda's maximum payload: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_BYTES = 6_000_000;

/** Simulates the lives of files that arrive at a given rate, in virtual time, and returns what the stream recorded. */
export async function recordTimedLife(
  database: BenchDatabase,
  { filesPerDay, files }: { readonly filesPerDay: number; readonly files: number },
): Promise<TimedRecord[]> {
  const { dynamoDb, s3 } = database;
  const buckets = { input: 'input', manifest: 'manifest', output: 'output', quarantine: 'quarantine' };
  await createBuckets(s3, Object.values(buckets));
  const pipeline = createPipeline({
    documents: DynamoDBDocumentClient.from(dynamoDb),
    table: TRACKING_TABLE,
    s3,
    buckets,
    startMillis: BEGIN,
    rate: filesPerDay / 86_400,
    files,
    maxFiles: Math.min(FILES_PER_MANIFEST, files / 4),
    marksProcessing: true,
    weights: {},
  });
  await pipeline.finish();
  return timed(await recordStream(database));
}

/** Each record with the time of its transition; one without a time gets that of the record before it. */
function timed(records: readonly DynamoDBRecord[]): TimedRecord[] {
  let at = BEGIN;
  return records.map((record) => {
    const parsed = parseStreamRecord(record);
    const told = parsed.kind === 'transition' ? timeOf(parsed.transition.event.time) : Number.NaN;
    if (told > at && told < at + BELIEVABLE_MILLIS) at = told;
    return { record, at };
  });
}

function timeOf(text: string): number {
  return Date.parse(parseFieldTime(text) ?? '');
}

/** The batches that Lambda makes of a stream: a batch ends with its window, at its maximum size, or at 6 MB. */
export function batchesOf(
  records: readonly TimedRecord[],
  { windowSeconds, batchSize }: { readonly windowSeconds: number; readonly batchSize: number },
): DynamoDBRecord[][] {
  const batches: DynamoDBRecord[][] = [];
  let [ends, bytes] = [Number.NEGATIVE_INFINITY, 0];
  for (const { record, at } of records) {
    const size = Buffer.byteLength(JSON.stringify(record));
    const current = batches.at(-1);
    if (current && at < ends && current.length < batchSize && bytes + size <= MOST_BYTES) {
      current.push(record);
      bytes += size;
    } else {
      batches.push([record]);
      [ends, bytes] = [at + windowSeconds * 1_000, size];
    }
  }
  return batches;
}
