import { bareName, eventSpelling, keysOfName, type Location } from '../pipeline/names.ts';
import { creationTime, valueIn } from '../pipeline/record.ts';
import { describeRefusal, type Refusal } from '../pipeline/refusal.ts';
import { nameObstacle, objectNameObstacle, UPLOAD_PLAINLY } from '../pipeline/retryable.ts';
import { isInFlight, parseStatus, type Status } from '../pipeline/status.ts';
import { uriOf } from '../pipeline/storage.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { type Head, liveStatus } from '../projection/head.ts';
import type { TimelineEvent } from '../projection/transition.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { commandText, fileArgs, flagArgs } from '../text/shell-text.ts';
import { dayOf, isCalendarDate, isoTime } from '../text/time.ts';
import type { ConsistencyIssue } from './issue-types.ts';
import { isAt, type ListedObject } from './pairing.ts';
import { isUploadedAgain, settledTime, takenAt } from './uploaded-again.ts';

/** What is known about a name: its record, or else the head that its record left, and the copies of refused objects. */
export interface KnownOfName {
  readonly record?: TrackingRecord | undefined;
  readonly head?: Head | undefined;
  readonly refusals?: readonly Refusal[] | undefined;
}

/** What issues depend on. */
export interface IssueRules {
  /** The bucket of a record's path that names none. */
  readonly inputBucket: string;
  readonly profile: Pick<PipelineProfile, 'builder' | 'quarantine'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What is wrong with unpaired objects of one name. A refused object and its copy make one issue. */
export function issuesOfObjects(
  objects: readonly ListedObject[],
  { record, head, refusals = [] }: KnownOfName,
  rules: IssueRules,
): ConsistencyIssue[] {
  const inputs = objects.filter(({ place }) => place === 'input');
  if (record) return inputs.flatMap((object) => issuesBesideRecord(object, record, rules));
  const done = doneAt(head);
  const isLeft = (time: number) => done !== undefined && !isUploadedAgain(time, done);
  // An object that is newer than the refusal is another upload.
  const isRefused = ({ location, modified }: ListedObject) =>
    refusals.some(({ originalKey, at }) => originalKey === location.key && modified <= at);
  return [
    ...refusals.filter(({ at }) => !isLeft(at)).map(refusedIssue),
    ...inputs
      .filter((object) => !isLeft(object.modified) && !isRefused(object))
      .map((object) => issueWithoutRecord(object, head, rules)),
  ];
}

/**
 * When a file settled whose record has since expired, as far as is known: that its objects are left means nothing. In
 * milliseconds since the epoch; undefined when it never settled, or somebody removed its record.
 */
export function doneAt(head: Head | undefined): number | undefined {
  if (!head || liveStatus(head) !== undefined || endOf(head)?.event === 'removed') return undefined;
  const last = lastEvent(head);
  return last?.status === undefined || isInFlight(last.status) ? undefined : Date.parse(last.time);
}

function issuesBesideRecord(
  object: ListedObject,
  record: TrackingRecord,
  { inputBucket, profile, now }: IssueRules,
): ConsistencyIssue[] {
  const path = typeof record.file_path === 'string' ? record.file_path : undefined;
  if (!isAt({ path }, object, inputBucket)) return [nameTakenIssue(object, record, now)];
  return isUploadedAgain(object.modified, takenAt(record, now))
    ? [uploadedAgainIssue(object, record, { profile, now })]
    : [];
}

/** An input object that is missing although its file is in flight. */
export function missingInputIssue(record: TrackingRecord, location: Location): ConsistencyIssue {
  const { date_prefix, file_key } = record;
  const { status } = parseStatus(record.status);
  const message = `${uriOf(location)} does not exist, but its record is ${status}. A job that does not find it fails with all files of its manifest.`;
  const next_step =
    status === 'pending'
      ? `Urgent: before a builder takes it, run ${toStatus(record, 'failed')}.`
      : `Urgent: when its job has ended, and before other files of its manifest are reset, run ${toStatus(record, 'failed')}.`;
  return { type: 'missing_in_s3', date_prefix, file_key, status, message, next_step };
}

/** An object that is newer than the content that was converted. */
export function uploadedAgainIssue(
  { location, modified }: Pick<ListedObject, 'location' | 'modified'>,
  record: TrackingRecord,
  { profile, now }: Pick<IssueRules, 'profile' | 'now'>,
): ConsistencyIssue {
  const { date_prefix, file_key } = record;
  const { status } = parseStatus(record.status);
  const settled = settledTime(record, now);
  const isAfter = isUploadedAgain(modified, settled);
  const when = isAfter
    ? `after its file was ${status}${settled === undefined ? '' : ` at ${isoTime(settled)}`}: the new content was never converted`
    : 'while its job ran: the new content may not have been converted';
  return {
    ...{ type: 'uploaded_again', date_prefix, file_key, status },
    message: `${uriOf(location)} was uploaded again at ${isoTime(modified)}, ${when}.`,
    next_step: nameObstacle(record, profile) ? UPLOAD_PLAINLY : nextAfterUpload(record, status),
  };
}

function nextAfterUpload(record: TrackingRecord, status: string): string {
  switch (status) {
    case 'completed':
      return `Reset it: ${toStatus(record, 'pending', ['--force'])}. The rows of the old content stay in the output: \`_source_file\` names them.`;
    case 'quarantined':
      return `If the new content is valid, reset it: ${toStatus(record, 'pending', ['--force'])}.`;
    default:
      return `Reset it: ${toStatus(record, 'pending')}.`;
  }
}

/** The command that gives a file a status, to be copied. */
function toStatus(
  { date_prefix, file_key }: TrackingRecord,
  status: Status,
  more: readonly string[] = [],
): string {
  return quoted('update-state', [...fileArgs(date_prefix, file_key), '--new-status', status, ...more]);
}

function quoted(runbook: string, args: readonly string[]): string {
  return `\`${commandText(runbook, args)}\``;
}

function nameTakenIssue(
  { location, modified }: ListedObject,
  record: TrackingRecord,
  now: number,
): ConsistencyIssue {
  const { date_prefix, file_key, file_path } = record;
  const { status } = parseStatus(record.status);
  const created = creationTime(valueIn(record), now);
  const isOlder = created !== undefined && modified < Date.parse(created);
  return {
    ...{ type: 'name_taken', date_prefix, file_key, status },
    message: `${uriOf(location)} has no record: the record of this name belongs to ${file_path}.`,
    next_step: isOlder
      ? 'It is older than that record. If no row of the output has it as `_source_file`, upload it under another name.'
      : 'Upload it under another name.',
  };
}

function refusedIssue(refusal: Refusal): ConsistencyIssue {
  const { originalKey, at, reason, originalBucket } = refusal;
  return {
    type: 'quarantined_without_record',
    ...filedAs(originalKey, at),
    message: describeRefusal(refusal),
    next_step: 'None: a refused file has no record.',
    ...(reason && { quarantine_reason: reason }),
    ...(originalBucket && { original_bucket: originalBucket }),
  };
}

function issueWithoutRecord(
  { location, modified }: ListedObject,
  head: Head | undefined,
  rules: IssueRules,
): ConsistencyIssue {
  const filed = filedAs(location.key, modified);
  const uri = uriOf(location);
  const end = endOf(head);
  const before = lastEvent(head)?.status;
  if (end?.event === 'expired' && before !== undefined && isInFlight(before)) {
    const message = `${uri} was never converted: its record expired at ${end.time} while it was ${before}.`;
    const next_step = tellOrUpload(filed, location, rules);
    return { type: 'expired_unconverted', ...filed, message, next_step };
  }
  const { why, first } =
    end && modified <= Date.parse(end.time) ? recordGone(end, head, modified) : EVENT_LOST;
  const notes = [...refusedLongAgo(modified, rules), ...dateNotes(filed.date_prefix, rules.now)];
  return {
    ...{ type: 'missing_in_db', ...filed },
    message: [`${uri} has no record: ${why}.`, ...notes].join(' '),
    next_step: tellOrUpload(filed, location, rules, first),
  };
}

const EVENT_LOST = {
  why: 'its event was lost or is waiting in the queue',
  first: "Redrive the queue's dead letters. ",
};

/** Why an object has no record any more: its event did arrive, so no dead letter has it. */
function recordGone(end: TimelineEvent, head: Head | undefined, modified: number) {
  if (end.event === 'removed') return { why: `its record was removed at ${end.time}`, first: '' };
  const gone = `its record expired at ${end.time}`;
  const done = doneAt(head);
  if (done === undefined) {
    const first = 'Only if no row of the output has it as `_source_file`: ';
    return { why: `${gone}, and in which status is not known`, first };
  }
  const again = `it was uploaded again at ${isoTime(modified)}, after its file had settled at ${isoTime(done)}`;
  return { why: `${gone}, and ${again}: the new content was never converted`, first: '' };
}

/** What makes the pipeline take an object; the builder must not be told about one that would fail its manifest. */
function tellOrUpload(
  { date_prefix }: { readonly date_prefix: string },
  location: Location,
  { profile }: IssueRules,
  first = '',
): string {
  if (objectNameObstacle(location, profile)) return UPLOAD_PLAINLY;
  const tell = first.endsWith(': ') ? 'tell' : 'Tell';
  return `${first}${tell} the builder about it, ${quoted('wake-builder', [date_prefix, ...flagArgs('--object', location.key)])}, or upload it again.`;
}

const DAY_MILLIS = 86_400_000;

function refusedLongAgo(modified: number, { profile, now }: IssueRules): string[] {
  const { expire_days } = profile.quarantine;
  if (expire_days === null || modified > now - expire_days * DAY_MILLIS) return [];
  return ['It may also have been refused: its copy would have expired since.'];
}

/** The pipeline cuts a date out of the key, whether or not it exists. */
function dateNotes(date: string, now: number): string[] {
  if (!isCalendarDate(date)) return [`${date} is not a date of the calendar.`];
  return date > dayOf(now) ? [`${date} is in the future.`] : [];
}

/**
 * The record that the pipeline makes of an object: without a date in its key it is filed under the day of its arrival.
 */
function filedAs(key: string, arrived: number): { date_prefix: string; file_key: string } {
  const day = dayOf(arrived);
  const date_prefix = keysOfName(key, undefined, day)[0]?.date_prefix ?? day;
  return { date_prefix, file_key: eventSpelling(bareName(key)) };
}

/** How the record disappeared, where the stream has shown it. */
function endOf(head: Head | undefined): TimelineEvent | undefined {
  const last = head?.events.at(-1);
  return last?.event === 'expired' || last?.event === 'removed' ? last : undefined;
}

function lastEvent(head: Head | undefined): TimelineEvent | undefined {
  return head?.events.findLast(({ status }) => status !== undefined);
}
