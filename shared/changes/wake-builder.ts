import { createHash } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import type { Invoke } from '../aws/invoke.ts';
import { withBackoff } from '../flow/pace.ts';
import { builderEvent } from '../pipeline/builder-event.ts';
import { filedDays } from '../pipeline/filed-days.ts';
import { inputLocations, isTold } from '../pipeline/layout.ts';
import {
  bareName,
  dateOfName,
  eventKey,
  eventSpelling,
  firstKnown,
  type Location,
  parsePath,
  possibleFileKeys,
} from '../pipeline/names.ts';
import { objectNameObstacle, obstacleToReset, type ResetObstacle } from '../pipeline/retryable.ts';
import { parseStatus } from '../pipeline/status.ts';
import { type KnownSuffixes, listByStatus } from '../pipeline/status-index.ts';
import { checkAnyOf, checkObject } from '../pipeline/storage.ts';
import { keyOf, type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { errorText } from '../text/error-text.ts';
import { Refused } from '../text/refused.ts';
import { commandText } from '../text/shell-text.ts';
import { dayOf, isoTime } from '../text/time.ts';
import type { FileResult } from './change.ts';
import { markChangeFile, putChangeFile } from './change-file-table.ts';
import { createChange, moveChange } from './change-table.ts';
import type { ChangeDeps, ChangeRequest } from './context.ts';

/** What waking the builder would do. */
export interface WakePlan {
  /** The file that the event names: one that is pending already, or that of the requested object. */
  readonly file: RecordKey;
  /** How many files of the date are pending, counted up to what a manifest takes. */
  readonly pending: number;
  /** The pending files, of those that were checked, that would fail the whole manifest that takes them. */
  readonly harmful: readonly HarmfulFile[];
  readonly event: ReturnType<typeof builderEvent>;
}

/** A pending file that would fail its whole manifest, and why. */
export interface HarmfulFile {
  readonly key: RecordKey;
  readonly obstacle: ResetObstacle;
}

/** Which date the builder is woken for. */
export interface WakeFor {
  readonly date: string;
  readonly region: string;
  /** The id of the event. */
  readonly id: string;
  /** Known shard suffixes besides the usual ones. */
  readonly suffixes: KnownSuffixes;
  /** The key or `s3://` address of an input object without a record, to be named in the event. */
  readonly object?: string | undefined;
}

// At least this many pending files are checked; more where a manifest takes more.
const LEAST_CHECKED = 50;
const CONCURRENT_CHECKS = 16;

/**
 * Makes the event that wakes the builder for a date. It names the object of a file that is already pending there: one
 * builder ignores the event of a file that it knows, another writes its record again, still pending. Or it names the
 * requested object, whose own event was lost.
 *
 * @throws Refused when no file is pending there, or none of them has an object that the builder would take; or when
 *   the builder should not be told about the object
 */
export async function planWake(deps: ChangeDeps, wakeFor: WakeFor): Promise<WakePlan> {
  const { date, suffixes, object, ...made } = wakeFor;
  if (object !== undefined) return planNotice(deps, { ...wakeFor, object });
  const { records, pending, harmful } = await checkPending(deps, date, suffixes);
  if (records.length === 0)
    throw nothingPending(`No file of ${date} is pending, so there is nothing to wake the builder for.`);
  const isHarmful = new Set(harmful.map(({ key }) => key.file_key));
  for (const record of records) {
    if (isHarmful.has(record.file_key)) continue;
    // A builder checks the object of the event, so that must exist.
    const object = await notifiedObject(deps, record);
    if (!object) continue;
    return { file: keyOf(record), pending, harmful, event: builderEvent(object, { ...made, now: deps.now }) };
  }
  throw nothingPending(
    `None of the ${records.length} pending files of ${date} that were checked has a readable name and an input object.`,
  );
}

/** The event of an object that has no record. The event of a known file would reset its progress. */
async function planNotice(
  deps: ChangeDeps,
  { date, suffixes, object, ...made }: WakeFor & { readonly object: string },
): Promise<WakePlan> {
  const { tracking, storage, profile, now } = deps;
  const location = parsePath(object, storage.buckets.input);
  if (location?.bucket !== storage.buckets.input || !isTold(location.key, profile))
    throw notTold(date, `S3 never tells the builder about ${object}.`);
  const unreadable = objectNameObstacle(location, profile);
  if (unreadable) throw notTold(date, `The builder cannot read ${object}: ${unreadable.sentence}.`);
  const named = dateOfName(location.key);
  if (named !== undefined && named !== date)
    throw notTold(date, `${object} is a file of ${named}, not of ${date}.`);
  const check = await checkObject(storage.s3, location);
  if (check.found !== 'yes') throw notTold(date, `${object} was not found.`);
  const days = named === undefined ? filedDays(check.modified, now) : [named];
  const record = await recordOfObject(tracking, location.key, days);
  if (record)
    throw notTold(
      date,
      `${record.file_key} already has a record, with the status ${parseStatus(record.status).status}, on ${record.date_prefix}.`,
    );
  // Without a date in its key, the builder files it under the day on which it takes the event.
  const file = { date_prefix: named ?? dayOf(now), file_key: eventSpelling(bareName(location.key)) };
  const notified = await notify(deps, location, eventKey(location.key));
  const { pending, harmful } = await checkPending(deps, file.date_prefix, suffixes);
  return { file, pending, harmful, event: builderEvent(notified, { ...made, now }) };
}

/** The record of an object, under any date and in any spelling that it may be filed under. */
async function recordOfObject(tracking: Table, key: string, days: readonly string[]) {
  const names = possibleFileKeys(bareName(key));
  const keys = days.flatMap((date_prefix) => names.map((file_key) => ({ date_prefix, file_key })));
  return firstKnown(keys, (each) => readRecord(tracking, each));
}

/** The pending files of a date, as many as the next manifest takes: how many they are, and which are harmful. */
async function checkPending(deps: ChangeDeps, date: string, suffixes: KnownSuffixes) {
  const { max_files } = deps.profile.builder;
  const query = { kind: 'file' as const, status: 'pending', suffixes, range: { start: date, end: date } };
  const { records } = await listByStatus(deps.tracking, query, Math.max(LEAST_CHECKED, max_files));
  const harmful = await harmfulAmong(deps, records);
  return { records, pending: Math.min(records.length, max_files), harmful };
}

/** The builder takes all of them, whichever the event names, and a job fails as a whole if it cannot read one. */
async function harmfulAmong(
  { storage, profile }: ChangeDeps,
  records: readonly TrackingRecord[],
): Promise<readonly HarmfulFile[]> {
  const look = (location: Location) => checkObject(storage.s3, location);
  const checked = await pMap(
    records,
    async (record) => {
      const input = await checkAnyOf(look, inputLocations(record, storage, profile));
      const obstacle = obstacleToReset(record, { input, execution: undefined }, profile);
      return obstacle && obstacle.code !== 'INPUT_UNKNOWN' ? [{ key: keyOf(record), obstacle }] : [];
    },
    { concurrency: CONCURRENT_CHECKS },
  );
  return checked.flat();
}

function notTold(date: string, message: string): Refused {
  return new Refused(
    'NOTHING_PENDING',
    `${message} Nothing was sent.`,
    `To see the objects that have no record: ${commandText('check-consistency', [date])}`,
  );
}

function nothingPending(message: string): Refused {
  return new Refused(
    'NOTHING_PENDING',
    `${message} Nothing was sent.`,
    `To see what is pending: ${commandText('files', ['--status', 'pending'])}`,
  );
}

async function notifiedObject(deps: ChangeDeps, record: TrackingRecord) {
  const { storage, profile } = deps;
  const { s3, buckets } = storage;
  const look = (location: Location) => checkObject(s3, location);
  const check = await checkAnyOf(look, inputLocations(record, storage, profile));
  if (check.found !== 'yes') return undefined;
  const stored = parsePath(record.file_path, buckets.input)?.key;
  return notify(deps, check.location, stored ?? eventKey(check.location.key));
}

/** An object with its true size: a builder refuses one whose size is not what it should be. */
async function notify({ storage }: ChangeDeps, { bucket, key }: Location, spelled: string) {
  const { ContentLength = 0, ETag = '' } = await storage.s3.send(
    new HeadObjectCommand({ Bucket: bucket, Key: key }),
  );
  return { bucket, key: spelled, bytes: ContentLength, etag: ETag.replaceAll('"', '') };
}

/**
 * Wakes the builder. This is recorded as a change, which shows who did it and why, but it writes no record, so there is
 * nothing to resume and nothing to undo.
 *
 * @returns what the function answered
 * @throws Refused when the function cannot be invoked or failed; the change says so
 */
export async function wakeBuilder(
  deps: ChangeDeps,
  { file, event }: WakePlan,
  request: ChangeRequest,
  invoke: Invoke,
): Promise<unknown> {
  const { tracking, projection, now } = deps;
  await createChange(projection, {
    ...request,
    state: 'done',
    origin: 'wake-builder',
    createdAt: isoTime(now),
    table: tracking.name,
    files: 1,
    digest: createHash('sha256').update(JSON.stringify(event)).digest('hex'),
  });
  const why = 'named in the event that woke the builder';
  await putChangeFile(projection, request.id, { key: file, before: {}, after: {}, why, forced: false });
  const answer = await invoke(event).catch(async (error: unknown) => {
    await end(deps, request.id, file, { kind: 'failed', error: errorText(error) });
    throw error;
  });
  // The event was sent, whatever becomes of its result.
  const became = { status: 'pending' };
  await end(deps, request.id, file, { kind: 'skipped', became, differs: [] });
  return answer;
}

async function end(
  deps: ChangeDeps,
  id: string,
  file: RecordKey,
  result: FileResult & { readonly kind: 'skipped' | 'failed' },
): Promise<void> {
  const { projection } = deps;
  const counts = { applied: 0, skipped: 0, failed: 0, [result.kind]: 1 };
  await withBackoff(() => markChangeFile(projection, id, file, result), deps);
  await withBackoff(() => moveChange(projection, id, { from: ['done'], state: 'done', counts }), deps);
}
