import { field, Refused } from '../text/refused.ts';
import { parseFieldTime } from '../text/time.ts';
import { HEAD_SINCE } from './head-since.ts';
import { fitsSortKey } from './names.ts';
import { parseStatus } from './status.ts';
import type { RecordKey, TrackingRecord } from './tracking-table.ts';

/**
 * How the pipeline's stack makes its table: all keys are text, and the stream has old and new images. The profile names
 * the index.
 */
export const TRACKING_SCHEMA = {
  partitionKey: 'date_prefix',
  sortKey: 'file_key',
  statusIndex: { partitionKey: 'status', sortKey: 'date_prefix' },
  /** In epoch seconds. */
  timeToLive: 'ttl',
} as const;

/** What an item of the tracking table is about. Locks have no status and are never projected. */
export type RecordKind = 'file' | 'manifest' | 'lock';

/** What the key of a manifest's record begins with; the manifest's name follows. */
export const MANIFEST_PREFIX = 'MANIFEST#';
/** The whole key of the one record that older builders keep for the manifests of a date. */
export const MANIFEST_OF_DATE = 'MANIFEST';
/** What a lock's date or key begins with, or is. */
export const LOCK_PREFIX = 'LOCK#';
export const LOCK = 'LOCK';

/**
 * File keys are form-encoded by S3 events and end in `.ndjson`, so neither a `#` in a key nor one of these words as a
 * whole can be a file's own.
 */
export function recordKind({ date_prefix, file_key }: RecordKey): RecordKind {
  if (file_key === MANIFEST_OF_DATE || file_key.startsWith(MANIFEST_PREFIX)) return 'manifest';
  return [date_prefix, file_key].some((key) => key === LOCK || key.startsWith(LOCK_PREFIX)) ? 'lock' : 'file';
}

/** The key of a manifest's own record; undefined for a name with which it would be too long, so that none has it. */
export function manifestKey(date_prefix: string, name: string): RecordKey | undefined {
  const file_key = MANIFEST_PREFIX + name;
  return fitsSortKey(file_key) ? { date_prefix, file_key } : undefined;
}

/** What the projection keeps a head for; both are in the tracking table, and are counted separately. */
export type Entity = 'file' | 'manifest';

/** The entity under which a record has its head; a lock has none, so a search among the files finds nothing. */
export function entityOf(key: RecordKey): Entity {
  return recordKind(key) === 'manifest' ? 'manifest' : 'file';
}

/**
 * Attributes that the State Manager adds to a record when an operator's change writes it. The stream carries
 * them into the timeline, which distinguishes an operator's event from the pipeline's.
 */
export const CHANGE_ATTRIBUTES = {
  id: 'state_change_id',
  actor: 'state_change_actor',
  reason: 'state_change_reason',
  /** An undo restores the record's old times, so only this one says when an operator wrote. */
  time: 'state_change_time',
} as const;

/** Reads one attribute of a record as text, whatever form the record has. */
export type ReadText = (attribute: string) => string | undefined;

/** Reads one attribute of a record as it is: times are stored as text and as numbers. */
export type ReadValue = (attribute: string) => unknown;

/** Reads the text among a record's attributes; what is of another type is undefined. */
export function textIn(record: TrackingRecord): ReadText {
  return (attribute) => {
    const value = record[attribute];
    return typeof value === 'string' ? value : undefined;
  };
}

/** Reads a record's attributes, of whatever type. */
export function valueIn(record: TrackingRecord): ReadValue {
  return (attribute) => record[attribute];
}

/**
 * How far a writer's clock may be ahead. A time that is further in the future is a mistake: it would make a file look
 * new for as long as it is in the future. The tolerance equals the usual grace, in which no record is judged.
 */
const FUTURE_TOLERANCE_MILLIS = 15 * 60_000;

/**
 * Reads a time that must have passed.
 *
 * @param now milliseconds since the epoch
 * @returns `…Z`, or undefined when it cannot be read or is in the future
 */
export function pastTime(value: unknown, now: number): string | undefined {
  const time = parseFieldTime(value);
  return time !== undefined && Date.parse(time) <= now + FUTURE_TOLERANCE_MILLIS ? time : undefined;
}

const CREATION = ['created_at', 'upload_time'];

/** The attribute that holds the time of a status, for statuses that have one of their own. */
export const STATUS_TIME_ATTRIBUTE: Readonly<Record<string, string>> = {
  manifested: 'manifest_time',
  processing: 'processing_start_time',
  completed: 'completed_time',
  failed: 'failed_time',
  quarantined: 'quarantined_time',
};

/** The attribute that holds the time of a status; a status may be any text. */
export function timeAttributeOf(status: string): string | undefined {
  return Object.hasOwn(STATUS_TIME_ATTRIBUTE, status) ? STATUS_TIME_ATTRIBUTE[status] : undefined;
}

/** The time when a record was first written, according to itself. */
export function creationTime(read: ReadValue, now: number): string | undefined {
  return firstTime(CREATION, read, now);
}

/**
 * When the record took its present status, according to itself. A second attempt leaves the first one's times in place,
 * so a time that was there before (`old`) is ignored. The record's creation only counts if its writer gave no later
 * time: if there is a later one that cannot be read, the status is newer than the record.
 */
export function statusTime(
  status: string,
  read: ReadValue,
  now: number,
  old?: ReadValue,
): string | undefined {
  const later = [timeAttributeOf(status) ?? 'updated_at', 'updated_at'];
  if (old)
    return firstTime(
      later.filter((name) => read(name) !== old(name)),
      read,
      now,
    );
  const isNew = later.every((name) => isAbsent(read(name)));
  return isNew ? creationTime(read, now) : firstTime(later, read, now);
}

/** Whether an attribute holds nothing: some writers store NULL or an empty text instead of leaving it out. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function firstTime(names: readonly string[], read: ReadValue, now: number): string | undefined {
  for (const name of names) {
    const time = pastTime(read(name), now);
    if (time) return time;
  }
  return undefined;
}

/**
 * When a record took its present status: according to itself, or else to its head, if that was read (`withHeadSince`).
 *
 * @param now milliseconds since the epoch
 * @returns `…Z`; undefined when neither says: then the record's age is unknown
 */
export function sinceOf(record: TrackingRecord, now: number): string | undefined {
  return statusTime(parseStatus(record.status).status, valueIn(record), now) ?? record[HEAD_SINCE];
}

/**
 * How long a record has been in its present status, in hours to two decimals.
 *
 * @param now milliseconds since the epoch
 * @returns undefined when its age is unknown: such a record is never changed for its age
 */
export function hoursInStatus(record: TrackingRecord, now: number): number | undefined {
  const since = sinceOf(record, now);
  return since === undefined ? undefined : Math.max(0, rounded((now - Date.parse(since)) / 3_600_000));
}

/** Hundredths of an hour, and ten thousandths below that: there a hundredth, 36 seconds, would be too coarse. */
function rounded(hours: number): number {
  const digits = hours < 1 ? 10_000 : 100;
  return Math.round(hours * digits) / digits;
}

const TIME_ATTRIBUTE = /^(?:created_at|updated_at|.+_time)$/;

/**
 * The newest of a record's times that have passed, in milliseconds since the epoch; 0 when none can be read.
 * It shows that a record has changed recently, not how old it is.
 */
export function newestTime(record: TrackingRecord, now: number): number {
  const names = Object.keys(record).filter((name) => TIME_ATTRIBUTE.test(name));
  const times = names.flatMap((name) => pastTime(record[name], now) ?? []);
  return times.reduce((newest, time) => Math.max(newest, Date.parse(time)), 0);
}

/** The refusal of a request for a file that the tracking table does not have. */
export function fileNotFound({ date_prefix, file_key }: RecordKey): Refused {
  return new Refused(
    'FILE_NOT_FOUND',
    `No record of ${file_key} on ${date_prefix}.`,
    `Every spelling of the name was tried. ${field('date_prefix')} is the first text of the form dddd-dd-dd in the object key, or the day of the upload.`,
  );
}
