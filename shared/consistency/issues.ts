import { bareName, eventSpelling } from '../pipeline/names.ts';
import { isInFlight, parseStatus } from '../pipeline/status.ts';
import { uriOf } from '../pipeline/storage.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { type Head, liveStatus } from '../projection/head.ts';
import type { TimelineEvent } from '../projection/transition.ts';
import { isAt, type ListedObject } from './pairing.ts';

/** How S3 and the tracking table disagree about one file. */
export const ISSUE_TYPES = [
  /** The record's input object does not exist. */
  'missing_in_s3',
  /** The object has no record: the pipeline does not know of it. */
  'missing_in_db',
  /** The same, while its copy is in quarantine: it was refused on arrival. */
  'quarantined_without_record',
  /** The object's record expired before the file was converted. */
  'expired_unconverted',
  /** Another object of the same name has the record, so that this one is never converted. */
  'name_taken',
] as const;
export type IssueType = (typeof ISSUE_TYPES)[number];

/** One disagreement. */
export interface ConsistencyIssue {
  readonly type: IssueType;
  /** As the tracking table has it, or would have it. */
  readonly file_key: string;
  /** Of the record, without suffix. */
  readonly status?: string;
  /** One sentence. */
  readonly message: string;
}

/** What is known of a name: its record, or else the head that its record left. */
export interface KnownOfName {
  readonly record?: TrackingRecord | undefined;
  readonly head?: Head | undefined;
}

/**
 * What is wrong with objects of one name that are in no pair. A refused object and its copy make one issue.
 *
 * @param inputBucket where a record's path leads that names no bucket
 */
export function issuesOfObjects(
  objects: readonly ListedObject[],
  { record, head }: KnownOfName,
  inputBucket: string,
): ConsistencyIssue[] {
  if (record) return objects.flatMap((object) => issueBesideRecord(object, record, inputBucket));
  if (isDone(head)) return [];
  const copies = objects.filter(({ place }) => place === 'quarantine');
  return (copies.length > 0 ? copies : objects).map((object) => issueWithoutRecord(object, head));
}

/** Whether a record is gone after its file had settled, by expiry as far as is known: that its objects are left means nothing. */
export function isDone(head: Head | undefined): boolean {
  if (!head || liveStatus(head) !== undefined || endOf(head)?.event === 'removed') return false;
  const before = lastStatus(head);
  return before !== undefined && !isInFlight(before);
}

function issueBesideRecord(
  object: ListedObject,
  record: TrackingRecord,
  inputBucket: string,
): ConsistencyIssue[] {
  const { file_key, file_path } = record;
  const path = typeof file_path === 'string' ? file_path : undefined;
  if (object.place === 'quarantine' || isAt({ path }, object, inputBucket)) return [];
  const { status } = parseStatus(record.status);
  const message = `${uriOf(object.location)} is not known: the record of its name is that of ${path}.`;
  return [{ type: 'name_taken', file_key, status, message }];
}

function issueWithoutRecord(object: ListedObject, head: Head | undefined): ConsistencyIssue {
  const file_key = eventSpelling(bareName(object.name));
  const uri = uriOf(object.location);
  const end = endOf(head);
  const before = lastStatus(head);
  if (end?.event === 'expired' && before !== undefined && isInFlight(before)) {
    const message = `${uri} was never converted: its record expired at ${end.time} while it was ${before}.`;
    return { type: 'expired_unconverted', file_key, message };
  }
  const message = `${uri} has no record${end ? `; it was removed at ${end.time}` : ''}.`;
  return {
    type: object.place === 'quarantine' ? 'quarantined_without_record' : 'missing_in_db',
    file_key,
    message,
  };
}

/** How the record went, where the stream has shown it. */
function endOf(head: Head | undefined): TimelineEvent | undefined {
  const last = head?.events.at(-1);
  return last?.event === 'expired' || last?.event === 'removed' ? last : undefined;
}

function lastStatus(head: Head | undefined): string | undefined {
  return head?.events.findLast(({ status }) => status !== undefined)?.status;
}
