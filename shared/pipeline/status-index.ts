import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { TrackingTable } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import { recordKind } from './record.ts';
import { storedStatus } from './status.ts';
import { keyOf, type RecordKey, type TrackingRecord } from './tracking-table.ts';

/** The shard suffixes in use besides the usual ones, as the stream has shown them. */
export interface KnownSuffixes {
  readonly file: readonly string[];
  readonly manifest: readonly string[];
  /**
   * More are in use than are stored: files with one of the others are counted, but not found by a listing by status.
   */
  readonly areMore: boolean;
}

export const USUAL_SUFFIXES_ONLY: KnownSuffixes = { file: [], manifest: [], areMore: false };

/** Why listings by status are incomplete, and what to do; undefined when they are complete. */
export function incompleteListing({ areMore }: KnownSuffixes): string | undefined {
  if (!areMore) return undefined;
  return (
    'More shard suffixes are in use than are stored: files with another one are counted, but not listed by status. ' +
    'List the files by date instead (get_file_state with date_prefix, or the runbook files with --date), and ' +
    'reset them by name.'
  );
}

/** Dates from `start` to `end`, both included, YYYY-MM-DD; either may be left open. */
export interface DateRange {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** Which records of the index are listed. */
export interface StatusQuery extends StoredStatus {
  readonly range: DateRange;
}

/** A status, in every form in which it may be stored. */
interface StoredStatus {
  readonly kind: 'file' | 'manifest';
  /** Without suffix. */
  readonly status: string;
  readonly suffixes: KnownSuffixes;
}

/** Where a listing continues: for each stored status the last record that was listed. */
export type StatusCursor = Readonly<Record<string, RecordKey>>;

/** Part of a listing, ordered by date, then shard, then the order of the index. */
export interface StatusPage {
  readonly records: readonly TrackingRecord[];
  /** Undefined when the listing is complete. */
  readonly next: StatusCursor | undefined;
}

/** What ends a page before it is full. */
interface ListingBounds {
  /** How many bytes of JSON the records may have together; the first one may have more. */
  readonly bytes?: number;
  /** Aborted when time is up: the page then has what was found so far, possibly nothing. */
  readonly signal?: AbortSignal | undefined;
  /** How many pages of a shard are read in a row to find the next record, since a shard may have mostly others. */
  readonly pages?: number;
}

/**
 * The records of one status, whatever shard they are in: every page of every shard is read until `limit`
 * records are found or there are no more. The index lags behind the table by moments, as every index does.
 */
export async function listByStatus(
  table: TrackingTable,
  query: StatusQuery,
  limit: number,
  after: StatusCursor = {},
  { bytes: mostBytes = Number.POSITIVE_INFINITY, ...bounds }: ListingBounds = {},
): Promise<StatusPage> {
  const cursors = storedStatuses(table, query).map((stored) => startCursor(stored, after[stored]));
  const pageSize = Math.ceil((limit * 1.2) / cursors.length) + 1;
  const records: TrackingRecord[] = [];
  let bytes = 0;
  for (;;) {
    await Promise.all(cursors.map((cursor) => fill(table, query, cursor, pageSize, bounds)));
    if (cursors.some(isUnread)) return { records, next: cursorBefore(cursors, cursorAfter(records, after)) };
    const earliest = earliestOf(cursors);
    if (!earliest) return { records, next: undefined };
    if (records.length >= limit) return { records, next: cursorAfter(records, after) };
    const [record] = earliest.waiting;
    bytes += record && mostBytes < Number.POSITIVE_INFINITY ? bytesOf(record) : 0;
    if (bytes > mostBytes && records.length > 0) return { records, next: cursorAfter(records, after) };
    records.push(earliest.waiting.shift() as TrackingRecord);
  }
}

function bytesOf(record: TrackingRecord): number {
  return Buffer.byteLength(JSON.stringify(record)) + 1;
}

/** Whether time or pages ran out before anything of a shard was found, so that the next record is unknown. */
function isUnread({ waiting, readAfter }: Cursor): boolean {
  return waiting.length === 0 && readAfter !== false;
}

/** Moves past what was read of such shards, too: it is not part of the listing. */
function cursorBefore(cursors: readonly Cursor[], after: StatusCursor): StatusCursor {
  const read = cursors.filter(isUnread).flatMap(({ stored, readAfter }) => {
    const { date_prefix, file_key } = (readAfter || {}) as Partial<RecordKey>;
    return date_prefix === undefined || file_key === undefined ? [] : [[stored, { date_prefix, file_key }]];
  });
  return { ...after, ...Object.fromEntries(read) };
}

/** Where a listing that began at `after` continues after these of its records. */
export function cursorAfter(records: readonly TrackingRecord[], after: StatusCursor = {}): StatusCursor {
  const last = records.map((record) => [record.status, keyOf(record)]);
  return { ...after, ...Object.fromEntries(last) };
}

/** All records of one status in the order of `listByStatus`, holding no more than a page of each shard. */
export async function* eachByStatus(
  table: TrackingTable,
  query: StatusQuery,
  pageSize = 1_000,
  after?: StatusCursor,
): AsyncGenerator<TrackingRecord, void> {
  const load = (cursor: StatusCursor | undefined) => listByStatus(table, query, pageSize, cursor);
  for await (const { records } of pages(load, after)) yield* records;
}

/** The statuses as stored that a listing covers. Manifest records are sharded only where the stream has shown it. */
function storedStatuses(
  { usualSuffixes }: TrackingTable,
  { kind, status, suffixes }: StoredStatus,
): string[] {
  const usual = kind === 'file' ? usualSuffixes : [];
  const all = new Set(['', ...usual, ...[...suffixes[kind]].sort()]);
  return [...all].map((suffix) => storedStatus(status, suffix));
}

/** One shard's part of a listing. */
interface Cursor {
  readonly stored: string;
  /** Read and not listed yet. */
  readonly waiting: TrackingRecord[];
  /** Where reading the index continues; false when it was read to its end. */
  readAfter: Record<string, unknown> | undefined | false;
}

function startCursor(stored: string, last: RecordKey | undefined): Cursor {
  return { stored, waiting: [], readAfter: last && { ...last, status: stored } };
}

async function fill(
  table: TrackingTable,
  { kind, range }: StatusQuery,
  cursor: Cursor,
  pageSize: number,
  { signal, pages: most = Number.POSITIVE_INFINITY }: ListingBounds,
): Promise<void> {
  for (let pages = 0; isUnread(cursor) && pages < most && !(pages > 0 && signal?.aborted); pages++) {
    const { Items = [], LastEvaluatedKey } = await table.docs.send(
      new QueryCommand({
        TableName: table.name,
        IndexName: table.index,
        ...keyCondition(cursor.stored, range),
        ExclusiveStartKey: cursor.readAfter || undefined,
        Limit: pageSize,
      }),
    );
    const records = Items as TrackingRecord[];
    cursor.waiting.push(...records.filter((record) => recordKind(record) === kind));
    cursor.readAfter = LastEvaluatedKey ?? false;
  }
}

/** The date is the index's range key, which is allowed in a key condition but not in a filter. */
function keyCondition(stored: string, { start, end }: DateRange) {
  const range = [
    ...(start && end ? [' AND date_prefix BETWEEN :start AND :end'] : []),
    ...(start && !end ? [' AND date_prefix >= :start'] : []),
    ...(!start && end ? [' AND date_prefix <= :end'] : []),
  ];
  return {
    KeyConditionExpression: `#status = :status${range.join('')}`,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':status': stored,
      ...(start && { ':start': start }),
      ...(end && { ':end': end }),
    },
  };
}

function earliestOf(cursors: readonly Cursor[]): Cursor | undefined {
  const dated = cursors.filter(({ waiting }) => waiting.length > 0);
  return dated.reduce<Cursor | undefined>(
    (first, cursor) => (first && dateOf(first) <= dateOf(cursor) ? first : cursor),
    undefined,
  );
}

function dateOf({ waiting }: Cursor): string {
  return waiting[0]?.date_prefix ?? '';
}

/**
 * The first date that has records of a status, including meta records: a query for one item in each shard, however many
 * there are. Stepping from date to date finds all dates of a status.
 *
 * @param bound the date comes `after` one, or is not before `start`; without either, it is the first of all
 */
export async function nextDateOf(
  table: TrackingTable,
  status: StoredStatus,
  bound: DateBound,
): Promise<string | undefined> {
  const dates = await Promise.all(
    storedStatuses(table, status).map((stored) => nextDateIn(table, stored, bound)),
  );
  return dates.flat().sort()[0];
}

interface DateBound {
  readonly after?: string | undefined;
  readonly start?: string | undefined;
}

async function nextDateIn(
  table: TrackingTable,
  stored: string,
  { after, start }: DateBound,
): Promise<string[]> {
  const bound = after ?? start;
  const { Items = [] } = await table.docs.send(
    new QueryCommand({
      TableName: table.name,
      IndexName: table.index,
      KeyConditionExpression: `#status = :status${bound ? ` AND date_prefix ${after ? '>' : '>='} :bound` : ''}`,
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': stored, ...(bound && { ':bound': bound }) },
      Limit: 1,
    }),
  );
  return Items.map(({ date_prefix }) => String(date_prefix));
}
