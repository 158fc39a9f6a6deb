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
  /** Set where files were gathered to be sorted or filtered: those above are a page of them. */
  readonly gathered?: Gathered;
}

/** What was looked at to sort or filter files. */
export interface Gathered {
  /** How many files were looked at; where `next_token` is there, there are more. */
  readonly looked: number;
  /** How many of them are listed, on all pages. */
  readonly listed: number;
  /** Of those, where the page begins. */
  readonly at: number;
  /** How many were left out of a list by age, since their age is unknown. */
  readonly ageUnknown: number;
  /** How many files each group has, by what they are sorted by. */
  readonly groups: ReadonlyMap<string, number>;
}

/** On one page. */
export const LISTED = 50;
/** So many files are looked at for one list: some 250 read units. What is sorted is sorted among them. */
export const MOST_GATHERED = 2_000;
const GATHERED_AT_ONCE = 500;
// A class is searched for among 5,000 records at each request.
const MOST_REQUESTS = 6;
const MOST_GATHERED_BYTES = 3_000_000;

/** What is asked for, with what is meant where it is not said: files of a class failed, and who waits longest comes first. */
export function askedFiles(request: FilesRequest): FilesRequest {
  const status = request.status ?? (request.class ? 'failed' : undefined);
  const sort = request.sort ?? (status && isInFlight(status) ? 'age' : undefined);
  return { ...request, ...(status && { status }), ...(sort && { sort }) };
}

/** Whether files have to be gathered, since no index has them in that order or by that condition. */
export function isGathered({ sort, older, manifest }: FilesRequest): boolean {
  return sort !== undefined || older !== undefined || manifest !== undefined;
}

/** A page of what is asked for, as it is listed or out of what was gathered. */
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

/** Where a page begins that there is: a list that has become shorter shows its last one. */
function pageWithin(at: number, listed: number): number {
  return Math.max(0, Math.min(at, Math.floor((listed - 1) / LISTED) * LISTED));
}

/** Files as they were gathered, sorted and filtered. */
interface GatheredFiles extends Pick<Gathered, 'looked' | 'ageUnknown'> {
  readonly records: readonly TrackingRecord[];
  readonly next_token?: string | undefined;
  readonly incomplete?: string | undefined;
}

/**
 * Looks at the first files of a selection, and gives those that are meant in their order. Of a file whose own times
 * cannot be read the head is asked, which is one more read.
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

/** A page as the operations give it: files of a status by date, or all of a date by name. */
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
