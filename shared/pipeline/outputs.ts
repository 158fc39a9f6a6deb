import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type Location, parsePath } from './names.ts';
import { creationTime, pastTime, valueIn } from './record.ts';
import { parseStatus } from './status.ts';
import { describeFault } from './storage.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** When the objects under a prefix were written. */
export type OutputListing =
  | {
      readonly found: 'yes';
      /** Milliseconds since the epoch, ascending. */
      readonly written: readonly number[];
    }
  | { readonly found: 'unknown'; readonly error: string };

/** A span of time, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is known of the output that a job was to write. */
export type OutputFacts = { readonly location: Location; readonly span: Span } & (
  | { readonly found: 'in_time' | 'at_other_times' | 'none'; readonly count: number }
  | { readonly found: 'unknown'; readonly error: string }
);

// Clocks of functions, jobs and S3 differ a little.
const SLACK_MILLIS = 5 * 60_000;

/** The prefix that a job writes to, unless the file's record names another: all jobs of a date share it. */
export function outputLocation(date_prefix: string, outputPath: unknown, outputBucket: string): Location {
  const named = parsePath(outputPath, outputBucket);
  return named ?? { bucket: outputBucket, key: `pipeline/output/merged-parquet-${date_prefix}/` };
}

/** Lists the objects under a prefix. Never throws for S3's sake. */
export async function listOutputs(s3: S3Client, { bucket, key }: Location): Promise<OutputListing> {
  try {
    const written: number[] = [];
    // A key may hold characters that XML cannot, which would fail the whole listing.
    const request = { Bucket: bucket, Prefix: key, EncodingType: 'url' as const };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, request)) {
      written.push(...Contents.map(({ LastModified }) => LastModified?.getTime() ?? 0));
    }
    return { found: 'yes', written: written.sort((a, b) => a - b) };
  } catch (error) {
    return { found: 'unknown', error: describeFault(error) };
  }
}

/**
 * Whether any output was written while a job ran. Since the jobs of a date share their prefix, an object that
 * was written then may be another job's; but when there is none, the job wrote nothing.
 */
export function outputsWithin(listing: OutputListing, location: Location, span: Span): OutputFacts {
  if (listing.found === 'unknown') return { found: 'unknown', error: listing.error, location, span };
  const { written } = listing;
  const count = written.filter((at) => at >= span.from - SLACK_MILLIS && at <= span.to + SLACK_MILLIS).length;
  if (count > 0) return { found: 'in_time', count, location, span };
  return { found: written.length > 0 ? 'at_other_times' : 'none', count: written.length, location, span };
}

/**
 * When the job ran that converted a file, as far as the records tell: from its start, or else from the
 * earliest that it can have begun, to when manifest and file were completed.
 *
 * @param now milliseconds since the epoch: the end where none is recorded
 */
export function jobSpan(record: TrackingRecord, manifest: TrackingRecord | undefined, now: number): Span {
  // An earlier attempt leaves its times in a record that is under way again.
  const isCompleted = parseStatus(record.status).status === 'completed';
  const completed = isCompleted ? millisOf(now, record.completed_time, record.updated_at) : undefined;
  const ends = [completed, millisOf(now, manifest?.completed_time)].filter((end) => end !== undefined);
  const to = ends.length > 0 ? Math.max(...ends) : now;
  const started = millisOf(now, manifest?.processing_start_time);
  // A manifest that was run again began after the file was completed.
  if (started !== undefined && started <= (completed ?? to)) return { from: started, to };
  const created = creationTime(valueIn(record), now);
  return { from: created === undefined ? UNKNOWN_START : Date.parse(created), to };
}

/** Where a span begins of which no record tells when: output of any time may be its job's. */
export const UNKNOWN_START = 0;

function millisOf(now: number, ...times: readonly unknown[]): number | undefined {
  for (const time of times) {
    const read = pastTime(time, now);
    if (read) return Date.parse(read);
  }
  return undefined;
}
