import { Refused } from '../text/refused.ts';
import { parseFieldTime } from '../text/time.ts';
import { parseStatus } from './status.ts';
import type { RecordKey, TrackingRecord } from './tracking-table.ts';

/** How the pipeline's stack makes its table: all keys are text, and the stream has old and new images. */
export const TRACKING_SCHEMA = {
  partitionKey: 'date_prefix',
  sortKey: 'file_key',
  statusIndex: { name: 'status-index', partitionKey: 'status', sortKey: 'date_prefix' },
  /** In epoch seconds. */
  timeToLive: 'ttl',
} as const;

/** What an item of the tracking table is about. Locks have no status and are never projected. */
export type RecordKind = 'file' | 'manifest' | 'lock';

/** What the key of a manifest's record begins with; the manifest's name follows. */
export const MANIFEST_PREFIX = 'MANIFEST#';
/** What a lock's date or key begins with. */
export const LOCK_PREFIX = 'LOCK#';

/** File keys are URL-encoded by S3 events, so a `#` in a key can only be a meta record's own. */
export function recordKind({ date_prefix, file_key }: RecordKey): RecordKind {
  if (file_key.startsWith(MANIFEST_PREFIX)) return 'manifest';
  if (date_prefix.startsWith(LOCK_PREFIX) || file_key.startsWith(LOCK_PREFIX)) return 'lock';
  return 'file';
}

/** What the projection keeps a head for; both live in the tracking table, and are counted apart. */
export type Entity = 'file' | 'manifest';

/** As what a record has its head; a lock has none, and is looked for among the files in vain. */
export function entityOf(key: RecordKey): Entity {
  return recordKind(key) === 'manifest' ? 'manifest' : 'file';
}

/**
 * Attributes that the State Manager adds to a record when an operator's change writes it. The stream carries
 * them into the timeline, which is how an operator's event is told from the pipeline's.
 */
export const CHANGE_ATTRIBUTES = {
  id: 'state_change_id',
  actor: 'state_change_actor',
  reason: 'state_change_reason',
  /** An undo gives the record its old times back, so only this one tells when an operator wrote. */
  time: 'state_change_time',
} as const;

/** Reads one attribute of a record as text, in whatever form the record is at hand. */
export type ReadText = (attribute: string) => string | undefined;

/** Reads the text among a record's attributes; what is of another type is undefined. */
export function textIn(record: TrackingRecord): ReadText {
  return (attribute) => {
    const value = record[attribute];
    return typeof value === 'string' ? value : undefined;
  };
}

const CREATION = ['created_at', 'upload_time'];

/** The attribute that holds when a status was taken, for those that have one of their own. */
export const STATUS_TIME_ATTRIBUTE: Readonly<Record<string, string>> = {
  manifested: 'manifest_time',
  processing: 'processing_start_time',
  completed: 'completed_time',
  failed: 'failed_time',
  quarantined: 'quarantined_time',
};

/** The time a record was first written, by its own word. */
export function creationTime(read: ReadText): string | undefined {
  return firstTime(CREATION, read);
}

/**
 * When the record took its present status, by its own word. A second attempt leaves the first one's times
 * in place, so a time that stood there before (`old`) is passed over.
 */
export function statusTime(status: string, read: ReadText, old?: ReadText): string | undefined {
  const own = STATUS_TIME_ATTRIBUTE[status] ?? 'updated_at';
  const names = [own, 'updated_at', ...(old ? [] : CREATION)];
  const fresh = old ? names.filter((name) => read(name) !== old(name)) : names;
  return firstTime(fresh, read);
}

function firstTime(names: readonly string[], read: ReadText): string | undefined {
  for (const name of names) {
    const time = parseFieldTime(read(name));
    if (time) return time;
  }
  return undefined;
}

/** When a record took its present status, by its own word: `…Z`; undefined when it has no readable time. */
export function sinceOf(record: TrackingRecord): string | undefined {
  return statusTime(parseStatus(record.status).status, textIn(record));
}

/**
 * Whether a record has had its status since before a moment, in milliseconds since the epoch. A time that is
 * missing or cannot be read counts as the oldest: such a record must not hide from whoever looks for old ones.
 */
export function isSinceBefore(record: TrackingRecord, millis: number): boolean {
  const since = sinceOf(record);
  return since === undefined || Date.parse(since) < millis;
}

/**
 * How long a record has been in its present status, in hours to two decimals.
 *
 * @param now milliseconds since the epoch
 * @returns undefined when none of its times can be read: such a record counts as the oldest
 */
export function hoursInStatus(record: TrackingRecord, now: number): number | undefined {
  const since = sinceOf(record);
  return since === undefined ? undefined : Math.round((now - Date.parse(since)) / 36_000) / 100;
}

/** The newest of all times in a record, in milliseconds since the epoch; 0 when none can be read. */
export function newestTime(record: TrackingRecord): number {
  const times = Object.values(record).flatMap((value) => parseFieldTime(value) ?? []);
  return times.reduce((newest, time) => Math.max(newest, Date.parse(time)), 0);
}

/** For a request that names a file which the tracking table does not have. */
export function fileNotFound({ date_prefix, file_key }: RecordKey): Refused {
  return new Refused(
    'FILE_NOT_FOUND',
    `No record of ${file_key} on ${date_prefix}.`,
    'file_key is stored URL-encoded (a space is + or %20) and without its folders; date_prefix is the first date in the object key.',
  );
}
