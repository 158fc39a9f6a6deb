import type { S3Client } from '@aws-sdk/client-s3';
import { filledPage, objectPages } from '../aws/object-pages.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { bareName, type Location, parsePath } from './names.ts';
import { creationTime, pastTime, sinceOf, valueIn } from './record.ts';
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

/** What is known about the output that a job should have written. */
export type OutputFacts = {
  /** Where it was looked for: everywhere, or only where some from its time was found. */
  readonly locations: readonly Location[];
  readonly span: Span;
} & (
  | { readonly found: 'in_time' | 'at_other_times' | 'none'; readonly count: number }
  | { readonly found: 'unknown'; readonly error: string }
);

/** Whether this pipeline writes where we look: there is output of some date. */
export type OutputPlace = 'used' | 'unused' | 'unknown';

// Clocks of functions, jobs and S3 differ a little.
const SLACK_MILLIS = 5 * 60_000;

/**
 * The folders that a file's job may have written to: the one that its record names, and the folder of its date under
 * each prefix. All jobs of a date share it.
 */
export function outputLocations(
  { date_prefix, output_path }: TrackingRecord,
  outputBucket: string,
  { outputs }: Pick<PipelineProfile, 'outputs'>,
): readonly Location[] {
  const folder = outputs.folder.replaceAll('{date}', date_prefix);
  const usual = outputs.prefixes.map((prefix) => ({ bucket: outputBucket, key: prefix + folder }));
  const named = parsePath(output_path, outputBucket);
  // A writer may leave out the last slash, or name an object or a folder within.
  const isWithin = usual.some(
    ({ bucket, key }) => bucket === named?.bucket && `${named.key}/`.startsWith(key),
  );
  return named && !isWithin ? [named, ...usual] : usual;
}

/** Whether any output folder, of whatever date, has output in it: one small request per prefix. */
export async function checkOutputPlace(
  s3: S3Client,
  outputBucket: string,
  { outputs }: Pick<PipelineProfile, 'outputs'>,
): Promise<OutputPlace> {
  const common = outputs.folder.slice(0, outputs.folder.indexOf('{date}'));
  try {
    for (const prefix of outputs.prefixes) {
      const request = { Bucket: outputBucket, Prefix: prefix + common, MaxKeys: MOST_LOOKED_AT };
      const page = await filledPage(s3, { ...request, EncodingType: 'url' as const });
      if (page.Contents?.some(isOutput)) return 'used';
    }
    return 'unused';
  } catch {
    return 'unknown';
  }
}

// Markers of folders come first and may be several.
const MOST_LOOKED_AT = 100;

/**
 * Whether an object holds rows. Spark leaves markers beside them, also where it wrote none (`_SUCCESS`, `_temporary/`),
 * and consoles make a folder an empty object: readers of the output also ignore what begins with `_` or `.`.
 */
function isOutput({ Key = '', Size = 0 }: ListedKey): boolean {
  return Size > 0 && !/^[_.]/.test(bareName(Key)) && !Key.includes('/_temporary/');
}

interface ListedKey {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
}

/** Lists the output under a prefix. Never throws because of S3. */
export async function listOutputs(s3: S3Client, { bucket, key }: Location): Promise<OutputListing> {
  try {
    const written: number[] = [];
    // A key may hold characters that XML cannot, which would fail the whole listing.
    const request = { Bucket: bucket, Prefix: key, EncodingType: 'url' as const };
    for await (const { Contents = [] } of objectPages(s3, request)) {
      written.push(...Contents.filter(isOutput).map(({ LastModified }) => LastModified?.getTime() ?? 0));
    }
    return { found: 'yes', written: written.sort((a, b) => a - b) };
  } catch (error) {
    return { found: 'unknown', error: describeFault(error) };
  }
}

/**
 * Whether any output was written while a job ran, in one of the places where it may be. Since the jobs of a date
 * share their folder, an object that was written then may be another job's; but when there is none, the job wrote
 * nothing there.
 */
export function outputsWithin(
  listings: readonly { readonly location: Location; readonly listing: OutputListing }[],
  span: Span,
): OutputFacts {
  const locations = listings.map(({ location }) => location);
  let others = 0;
  let fault: string | undefined;
  for (const { location, listing } of listings) {
    if (listing.found === 'unknown') {
      fault ??= listing.error;
      continue;
    }
    const count = listing.written.filter((at) => isWithin(at, span)).length;
    if (count > 0) return { found: 'in_time', count, locations: [location], span };
    others += listing.written.length;
  }
  if (fault !== undefined) return { found: 'unknown', error: fault, locations, span };
  return { found: others > 0 ? 'at_other_times' : 'none', count: others, locations, span };
}

function isWithin(at: number, { from, to }: Span): boolean {
  return at >= from - SLACK_MILLIS && at <= to + SLACK_MILLIS;
}

/**
 * When the job ran that converted a file, as far as the records show: from its start, or else from the earliest time at
 * which it can have begun, to the completion of manifest and file. A file may be pending for days before it is claimed.
 *
 * @param now milliseconds since the epoch: the end where none is recorded
 */
export function jobSpan(record: TrackingRecord, manifest: TrackingRecord | undefined, now: number): Span {
  const { status } = parseStatus(record.status);
  // An earlier attempt leaves its times in a record that is in progress again.
  const isCompleted = status === 'completed';
  const completed = isCompleted ? millisOf(now, record.completed_time, record.updated_at) : undefined;
  const ends = [completed, millisOf(now, manifest?.completed_time)].filter((end) => end !== undefined);
  const to = ends.length > 0 ? Math.max(...ends) : now;
  const own = (isCompleted || status === 'processing') && record.processing_start_time;
  const started = millisOf(now, manifest?.processing_start_time, own);
  // A manifest that was run again began after the file was completed.
  if (started !== undefined && started <= (completed ?? to)) return { from: started, to };
  const created = millisOf(now, creationTime(valueIn(record), now));
  if (created === undefined) return { from: UNKNOWN_START, to };
  // The pipeline registers a manifest as it starts its execution, and claims the files before.
  const isClaimed = status === 'manifested' || status === 'processing';
  const claimed = isClaimed ? millisOf(now, manifest?.created_at, sinceOf(record, now)) : undefined;
  return { from: claimed !== undefined && claimed <= to ? Math.max(created, claimed) : created, to };
}

/** Where a span begins if no record says when: output of any time may be its job's. */
export const UNKNOWN_START = 0;

function millisOf(now: number, ...times: readonly unknown[]): number | undefined {
  for (const time of times) {
    const read = pastTime(time, now);
    if (read) return Date.parse(read);
  }
  return undefined;
}
