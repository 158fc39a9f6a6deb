import { listDate } from '../operations/get-file-state.ts';
import { queryByStatus } from '../operations/query-by-status.ts';
import { isInManifest } from '../pipeline/in-manifest.ts';
import { sinceOf } from '../pipeline/record.ts';
import { isInFlight } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { withHeadTimes } from '../projection/known-age.ts';
import { durationMillis } from '../text/time-text.ts';
import { groupOf, inOrder } from './file-order.ts';
import type { FieldsOf, FileOrder } from './requests.ts';
import type { Source } from './view.ts';

export type FilesRequest = FieldsOf<'files'>;

/** A page of files, and where the next one begins. */
export interface FileList {
  readonly files: readonly TrackingRecord[];
  readonly next_token?: string;
  /** Why files are missing from it. */
  readonly incomplete?: string;
  /** Set if files were gathered to be sorted or filtered; `files` is one page of them. */
  readonly gathered?: Gathered;
}

/** What was read to sort or filter files. */
export interface Gathered {
  /** How many files were read; there are more if `next_token` is set. */
  readonly looked: number;
  /** How many of them are listed, on all pages. */
  readonly listed: number;
  /** Where the page begins among those listed. */
  readonly at: number;
  /** How many were left out of a list by age because their age is unknown. */
  readonly ageUnknown: number;
  /** How many files each group has, by the group's id. */
  readonly groups: ReadonlyMap<string, number>;
}

/** Files on one page. */
export const LISTED = 50;
/** The most files read for one list, about 250 read units. Only these are sorted. */
export const MOST_GATHERED = 2_000;
const GATHERED_AT_ONCE = 500;
// Each request for a class searches 5,000 records.
const MOST_REQUESTS = 6;
const MOST_GATHERED_BYTES = 3_000_000;

/** The request with its defaults: files of a class are failed ones, and files in flight are sorted by age. */
export function askedFiles(request: FilesRequest): FilesRequest {
  const status = request.status ?? (request.class ? 'failed' : undefined);
  const sort = request.sort ?? (status && isInFlight(status) ? 'age' : undefined);
  return { ...request, ...(status && { status }), ...(sort && { sort }) };
}

/** Whether files must be gathered first, because no index has that order or condition. */
export function isGathered({ sort, older, manifest }: FilesRequest): boolean {
  return sort !== undefined || older !== undefined || manifest !== undefined;
}

/** One page of the requested files: read directly, or taken from what was gathered. */
export async function readFileList(request: FilesRequest, source: Source): Promise<FileList> {
  if (isGathered(request)) {
    const { records, ...gathered } = await gatherFiles(request, source);
    const at = pageWithin(Number(request.at ?? 0), records.length);
    return {
      files: records.slice(at, at + LISTED),
      ...(gathered.next_token && { next_token: gathered.next_token }),
      ...(gathered.incomplete && { incomplete: gathered.incomplete }),
      gathered: {
        looked: gathered.looked,
        listed: records.length,
        at,
        ageUnknown: gathered.ageUnknown,
        groups: countGroups(records, request.sort),
      },
    };
  }
  const list = await readPage(request, source, LISTED, request.next);
  return { ...list, files: await withHeadTimes(source.projection, list.files, source.now) };
}

/** Where an existing page begins: a list that has become shorter shows its last page. */
function pageWithin(at: number, listed: number): number {
  return Math.max(0, Math.min(at, Math.floor((listed - 1) / LISTED) * LISTED));
}

/** Gathered files, filtered and sorted. */
interface GatheredFiles extends Pick<Gathered, 'looked' | 'ageUnknown'> {
  readonly records: readonly TrackingRecord[];
  readonly next_token?: string | undefined;
  readonly incomplete?: string | undefined;
}

/**
 * Reads the first files of a selection and returns those that match, sorted. For a file whose own times cannot be
 * read, its head is read too.
 */
export async function gatherFiles(request: FilesRequest, source: Source): Promise<GatheredFiles> {
  const { looked, ...rest } = await lookThrough(request, source);
  const { manifest, older, sort } = request;
  const meant = looked.filter(
    ({ manifest_path: path }) => manifest === undefined || isInManifest(path, manifest),
  );
  const timed = await withHeadTimes(source.projection, meant, source.now);
  const millis = older === undefined ? undefined : durationMillis(older);
  const isOlder = (since: string | undefined) =>
    millis === undefined || (since !== undefined && source.now - Date.parse(since) > millis);
  const records = timed.filter((record) => isOlder(sinceOf(record, source.now)));
  const undated = timed.filter((record) => sinceOf(record, source.now) === undefined).length;
  return {
    ...rest,
    looked: looked.length,
    ageUnknown: millis === undefined ? 0 : undated,
    records: inOrder(records, sort, source.now),
  };
}

async function lookThrough(request: FilesRequest, source: Source) {
  const looked: TrackingRecord[] = [];
  let next_token = request.next;
  let incomplete: string | undefined;
  let bytes = 0;
  for (let requests = 0; requests < MOST_REQUESTS; requests++) {
    const page = await readPage(request, source, GATHERED_AT_ONCE, next_token);
    looked.push(...page.files);
    bytes += Buffer.byteLength(JSON.stringify(page.files));
    ({ next_token, incomplete } = page);
    if (!next_token || looked.length >= MOST_GATHERED || bytes > MOST_GATHERED_BYTES) break;
  }
  return { looked, next_token, incomplete };
}

/** A page as the operations return it: files of a status by date, or all files of a date by name. */
function readPage(
  { date, status, class: ofClass }: FilesRequest,
  source: Source,
  limit: number,
  next_token: string | undefined,
): Promise<FileList> {
  const page = { limit, next_token };
  if (!status) return listDate(source, date ?? '', page);
  const date_range = date ? { start: date, end: date } : undefined;
  return queryByStatus.run(source, { status, class: ofClass, date_range, ...page });
}

function countGroups(
  records: readonly TrackingRecord[],
  sort: FileOrder | undefined,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) {
    const group = groupOf(record, sort);
    if (group) counts.set(group.id, (counts.get(group.id) ?? 0) + 1);
  }
  return counts;
}
