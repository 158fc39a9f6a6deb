import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import { isInputListed, isTold, listedFolders, strayFolders } from '../pipeline/layout.ts';
import { newestTime, recordKind } from '../pipeline/record.ts';
import { isInFlight, parseStatus } from '../pipeline/status.ts';
import { queryDate, type RecordKey, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { driftOf } from '../projection/drift.ts';
import type { Head } from '../projection/head.ts';
import { headKeyCondition } from '../projection/head-range.ts';
import { type HeadItem, headPartitions, readHeadItem } from '../projection/items.ts';
import { compareBytes } from '../text/byte-order.ts';
import { doneAt } from './issues.ts';
import type { KeyRange } from './key-ranges.ts';
import { listFolder, listOtherFolders } from './list-objects.ts';
import type { ListedObject, PairingSources, TrackedFile, TrackedRecord } from './pairing.ts';
import { joinSorted, mergeSorted, type Sequence } from './sorted-join.ts';
import { type SubFolders, withSubFolders } from './sub-folders.ts';
import { takenAt } from './uploaded-again.ts';

const RECORDS_PER_PAGE = 1_000;
const DAY_MILLIS = 86_400_000;

type SourceDeps = Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now'>;

/** Which part of a date is read. */
interface SourceLimits {
  /** A record that changed later, in milliseconds since the epoch, is not compared with its head. */
  readonly changedBefore: number;
  /** The last key; undefined: to the end of the date. */
  readonly until?: string | undefined;
  readonly folders: SubFolders;
}

/** The objects, records and heads of a date, each read page by page in the order of their keys. */
export function dateSources(
  deps: SourceDeps,
  date: string,
  { changedBefore, until, folders }: SourceLimits,
): PairingSources {
  const { tracking, projection } = deps;
  return {
    objects: (after) => upTo(objectsOf(deps, date, folders, after), until),
    tracked: (after) =>
      trackedFiles(
        recordsOf(tracking, date, { after, until }),
        headsOf(projection, date, { after, until }),
        (key, record, head) => trackedFile(deps, key, record, head, changedBefore),
      ),
  };
}

/** The inputs of a date and the copies of refused ones. */
async function* objectsOf(
  { storage, profile }: SourceDeps,
  date: string,
  folders: SubFolders,
  after: string,
): AsyncGenerator<ListedObject, void> {
  const { s3, buckets } = storage;
  const input = { bucket: buckets.input, placeOf: (key: string) => placeOfInput(key, profile) };
  const quarantine = { bucket: buckets.quarantine, placeOf: () => 'quarantine' as const };
  const copies = profile.quarantine.prefix;
  const tops = listedFolders(date, profile);
  const inputs = withSubFolders(tops, profile.input.prefix, folders.inputs);
  const refused = withSubFolders(
    tops.map((top) => ({ ...top, folder: copies + top.folder })),
    copies + profile.input.prefix,
    folders.refused,
  );
  const listings = [
    ...[...inputs, ...strayFolders(date, profile)].map((folder) => listFolder(s3, input, folder, after)),
    listOtherFolders(s3, input, { root: profile.input.prefix, date, after }),
    ...refused.map((folder) => listFolder(s3, quarantine, folder, after)),
    listOtherFolders(s3, quarantine, { root: copies + profile.input.prefix, date, after }),
  ];
  yield* mergeSorted(listings, ({ name }) => name);
}

function placeOfInput(key: string, profile: Deps['profile']): ListedObject['place'] {
  return isTold(key, profile) ? 'input' : 'never_told';
}

async function* trackedFiles(
  records: Sequence<TrackingRecord>,
  heads: Sequence<Head>,
  asTracked: (key: string, record: TrackingRecord | undefined, head: Head | undefined) => TrackedFile,
): AsyncGenerator<TrackedFile, void> {
  const keyOf = ({ file_key }: RecordKey) => file_key;
  for await (const { key, left, right } of joinSorted(records, heads, keyOf, keyOf)) {
    yield asTracked(key, left[0], right[0]);
  }
}

function trackedFile(
  deps: SourceDeps,
  file_key: string,
  record: TrackingRecord | undefined,
  head: Head | undefined,
  changedBefore: number,
): TrackedFile {
  const isFile = record && recordKind(record) === 'file';
  const drift = driftOf(head, record);
  return {
    file_key,
    // Manifests have heads that may drift, and no object in the input bucket.
    ...(isFile && { record: trackedRecord(deps, record) }),
    ...(drift && !(record && newestTime(record, deps.now) > changedBefore) && { drift }),
    ...(!record && { doneAt: doneAt(head) }),
  };
}

function trackedRecord(deps: SourceDeps, record: TrackingRecord): TrackedRecord {
  const { file_key, file_path } = record;
  return {
    file_key,
    path: typeof file_path === 'string' ? file_path : undefined,
    takenAt: takenAt(record, deps.now),
    mayBeAlone: mayBeAlone(deps, record),
  };
}

/**
 * A settled file may lose its input at any time. So its object is not looked for if the listing would show it, or if it
 * has expired: most records of a healthy table are of this kind.
 */
function mayBeAlone({ storage, profile, now }: SourceDeps, record: TrackingRecord): boolean {
  if (isInFlight(parseStatus(record.status).status)) return false;
  if (isInputListed(record, storage, profile)) return true;
  const { expire_days } = profile.input;
  return expire_days !== null && newestTime(record, now) < now - expire_days * DAY_MILLIS;
}

async function* recordsOf(
  table: Table,
  date: string,
  { after, until }: KeyRange,
): AsyncGenerator<TrackingRecord, void> {
  const from = after ? { date_prefix: date, file_key: after } : undefined;
  const load = (cursor: RecordKey | undefined) => queryDate(table, date, RECORDS_PER_PAGE, cursor, until);
  for await (const { records } of pages(load, from)) {
    yield* records.filter((record) => recordKind(record) !== 'lock');
  }
}

function headsOf(table: Table, date: string, range: KeyRange): Sequence<Head> {
  return mergeSorted(
    headPartitions(date).map(({ pk }) => headsIn(table, pk, range)),
    ({ file_key }) => file_key,
  );
}

async function* headsIn(table: Table, pk: string, range: KeyRange): AsyncGenerator<Head, void> {
  const query = { TableName: table.name, ...headKeyCondition(pk, range) };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    yield* (Items as HeadItem[]).filter(({ sk }) => sk !== range.after).map(readHeadItem);
  }
}

/** The items of a sequence up to and including a key. */
async function* upTo(
  objects: Sequence<ListedObject>,
  until: string | undefined,
): AsyncGenerator<ListedObject, void> {
  for await (const object of objects) {
    if (until !== undefined && compareBytes(object.name, until) > 0) return;
    yield object;
  }
}
