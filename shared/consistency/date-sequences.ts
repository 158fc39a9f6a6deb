import { paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { Deps, Table } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import { type ListedFolder, listedFolders } from '../pipeline/layout.ts';
import { realName } from '../pipeline/names.ts';
import { newestTime, recordKind } from '../pipeline/record.ts';
import { queryDate, type RecordKey, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { driftOf } from '../projection/drift.ts';
import type { Head } from '../projection/head.ts';
import { type HeadItem, headPartitions, readHeadItem } from '../projection/items.ts';
import { isDone } from './issues.ts';
import type { ListedObject, PairingSources, TrackedFile } from './pairing.ts';
import { joinSorted, mergeSorted, type Sequence } from './sorted-join.ts';

const RECORDS_PER_PAGE = 1_000;

/**
 * The objects, records and heads of a date, each read page by page in the order of their keys.
 *
 * @param changedBefore a record that changed later, in milliseconds since the epoch, is not held against its head
 */
export function dateSources(
  {
    tracking,
    projection,
    storage,
    profile,
    now,
  }: Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now'>,
  date: string,
  changedBefore: number,
): PairingSources {
  const { s3, buckets } = storage;
  const isRecent: IsRecent = (record) => newestTime(record, now) > changedBefore;
  const listings = (after: string) => [
    ...listedFolders(date, profile).map((folder) => listFolder(s3, buckets.input, 'input', folder, after)),
    ...listedFolders(date, profile).map(({ folder, ...rest }) =>
      listFolder(
        s3,
        buckets.quarantine,
        'quarantine',
        { ...rest, folder: profile.quarantine.prefix + folder },
        after,
      ),
    ),
  ];
  return {
    objects: (after) => mergeSorted(listings(after), ({ name }) => name),
    tracked: (after) =>
      trackedFiles(recordsOf(tracking, date, after), headsOf(projection, date, after), isRecent),
  };
}

/** An empty name is the folder itself, which consoles create as an object. */
async function* listFolder(
  s3: S3Client,
  bucket: string,
  place: ListedObject['place'],
  { folder, prefix, isFlat }: ListedFolder,
  after: string,
): AsyncGenerator<ListedObject, void> {
  const request = {
    Bucket: bucket,
    Prefix: folder + prefix,
    // A key may hold characters that XML cannot, which would fail the whole listing.
    EncodingType: 'url' as const,
    ...(isFlat && { Delimiter: '/' }),
    ...(after && { StartAfter: folder + after }),
  };
  for await (const { Contents = [], EncodingType } of paginateListObjectsV2({ client: s3 }, request)) {
    for (const { Key = '', LastModified } of Contents) {
      const key = EncodingType === 'url' ? realName(Key) : Key;
      const name = key.slice(folder.length);
      if (name === '' || name.endsWith('/')) continue;
      yield { name, location: { bucket, key }, modified: LastModified?.getTime() ?? 0, place };
    }
  }
}

/** Whether a record has changed so lately that its head may not show it yet. */
type IsRecent = (record: TrackingRecord) => boolean;

async function* trackedFiles(
  records: Sequence<TrackingRecord>,
  heads: Sequence<Head>,
  isRecent: IsRecent,
): AsyncGenerator<TrackedFile, void> {
  const keyOfRecord = ({ file_key }: TrackingRecord) => file_key;
  for await (const { key, left, right } of joinSorted(
    records,
    heads,
    keyOfRecord,
    ({ file_key }) => file_key,
  )) {
    yield trackedFile(key, left[0], right[0], isRecent);
  }
}

function trackedFile(
  file_key: string,
  record: TrackingRecord | undefined,
  head: Head | undefined,
  isRecent: IsRecent,
): TrackedFile {
  const path = record?.file_path;
  const isFile = record && recordKind(record) === 'file';
  const drift = driftOf(head, record);
  return {
    file_key,
    // Manifests have heads that may drift, and no object in the input bucket.
    ...(isFile && { record: { file_key, path: typeof path === 'string' ? path : undefined } }),
    ...(drift && !(record && isRecent(record)) && { drift }),
    isDone: !record && isDone(head),
  };
}

async function* recordsOf(table: Table, date: string, after: string): AsyncGenerator<TrackingRecord, void> {
  const from = after ? { date_prefix: date, file_key: after } : undefined;
  const load = (cursor: RecordKey | undefined) => queryDate(table, date, RECORDS_PER_PAGE, cursor);
  for await (const { records } of pages(load, from)) {
    yield* records.filter((record) => recordKind(record) !== 'lock');
  }
}

function headsOf(table: Table, date: string, after: string): Sequence<Head> {
  return mergeSorted(
    headPartitions(date).map(({ pk }) => headsIn(table, pk, after)),
    ({ file_key }) => file_key,
  );
}

async function* headsIn(table: Table, pk: string, after: string): AsyncGenerator<Head, void> {
  const query = {
    TableName: table.name,
    KeyConditionExpression: `pk = :pk${after ? ' AND sk > :after' : ''}`,
    ExpressionAttributeValues: { ':pk': pk, ...(after && { ':after': after }) },
  };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    yield* (Items as HeadItem[]).map(readHeadItem);
  }
}
