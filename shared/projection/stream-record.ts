import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { expiredAt } from '../pipeline/expiry.ts';
import type { FailureClass } from '../pipeline/failure-class.ts';
import { eventOf } from '../pipeline/lifecycle.ts';
import {
  CHANGE_ATTRIBUTES,
  creationTime,
  pastTime,
  type ReadText,
  type ReadValue,
  recordKind,
  statusTime,
  TRACKING_SCHEMA,
} from '../pipeline/record.ts';
import { failureOf } from '../pipeline/record-failure.ts';
import { parseStatus } from '../pipeline/status.ts';
import { isoTime, streamedMillis } from '../text/time.ts';
import { cutTo } from '../text/visible-text.ts';
import { attemptDetails } from './attempt-details.ts';
import { type Position, positionOf } from './position.ts';
import { type SeenSuffix, seenSuffix } from './suffixes.ts';
import type { TimelineEvent, Transition } from './transition.ts';

/** What a stream record means for the projection. */
export type ParsedRecord =
  | {
      readonly kind: 'transition';
      readonly transition: Transition;
      readonly suffix: SeenSuffix | undefined;
      /** Why the file failed or was refused, if it did so now. */
      readonly failure: FailureClass | undefined;
    }
  /** A lock, or an update that left the status unchanged: a quarter of the stream in practice. */
  | { readonly kind: 'no_transition'; readonly suffix?: SeenSuffix | undefined }
  /** Not a record of a tracking table's stream: it is kept as a dead letter. */
  | { readonly kind: 'malformed'; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

const NO_TRANSITION: ParsedRecord = { kind: 'no_transition' };
const TTL_SERVICE = 'dynamodb.amazonaws.com';
const LONGEST_REASON = 200;

/**
 * Parses one record as Lambda delivers it. Only the attributes that matter are read, in their DynamoDB form, so an attribute
 * of any other shape can neither throw nor cost time.
 */
export function parseStreamRecord(source: unknown): ParsedRecord {
  const record = fields(source);
  const change = fields(record.dynamodb);
  const keys = fields(change.Keys);
  const date_prefix = text(keys.date_prefix);
  const file_key = text(keys.file_key);
  if (date_prefix === undefined || file_key === undefined)
    return malformed('it has no date_prefix and file_key');
  const kind = recordKind({ date_prefix, file_key });
  if (kind === 'lock') return NO_TRANSITION;

  const old = images(record.eventName, change);
  if ('reason' in old) return malformed(old.reason);
  const from = old.before && parseStatus(text(old.before.status)).status;
  const stored = old.after && text(old.after.status);
  const to = old.after && parseStatus(stored).status;
  // A suffix may change while the status stays the same, and listings must look for it.
  const suffix = seenSuffix({ date_prefix, file_key }, stored);
  if (from === to) return suffix ? { kind: 'no_transition', suffix } : NO_TRANSITION;

  const position = positionOf(record.eventSourceARN, change.SequenceNumber);
  if (!position) return malformed('its stream ARN or sequence number is not of the documented form');
  const streamedAt = streamedMillis(change.ApproximateCreationDateTime);
  if (streamedAt === undefined) return malformed('its creation time is missing or cannot be read');
  const expired = to === undefined && isExpiry(record, old.before, streamedAt);
  const event = timelineEvent(old, from, to, position, streamedAt, expired);
  const fromSince =
    old.before && from !== undefined ? statusTime(from, valueReader(old.before), streamedAt) : undefined;
  const failure = failureOf(kind, to, attributeReader(old.after));
  return {
    kind: 'transition',
    suffix,
    failure,
    transition: {
      entity: kind,
      date_prefix,
      file_key,
      from,
      to,
      event,
      streamedAt,
      fromSince,
      fromClass: failureOf(kind, from, attributeReader(old.before))?.id,
      toClass: failure?.id,
      ...(kind === 'file' && sized(old, from, to, streamedAt)),
      ...(kind === 'file' && { fromPath: text(old.before?.file_path), toPath: text(old.after?.file_path) }),
      source,
    },
  };
}

/** What is counted of a file when it arrives, and when it is settled. */
function sized(
  { after }: Images,
  from: string | undefined,
  to: string | undefined,
  streamedAt: number,
): Partial<Pick<Transition, 'arrivedAt' | 'bytes'>> {
  if (!after || to === undefined) return {};
  if (from === undefined) return { bytes: bytesIn(valueReader(after)) };
  return to === 'completed' || to === 'failed'
    ? { arrivedAt: creationTime(valueReader(after), streamedAt) }
    : {};
}

const MEGABYTE = 1_048_576;

function bytesIn(read: ReadValue): number | undefined {
  const megabytes = Number(read('file_size_mb') ?? Number.NaN);
  const bytes = Math.round(megabytes * MEGABYTE);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}

interface Images {
  readonly before: Fields | undefined;
  readonly after: Fields | undefined;
}

function images(eventName: unknown, change: Fields): Images | { reason: string } {
  const before = eventName === 'INSERT' ? undefined : imageOf(change.OldImage);
  const after = eventName === 'REMOVE' ? undefined : imageOf(change.NewImage);
  if (eventName !== 'INSERT' && eventName !== 'MODIFY' && eventName !== 'REMOVE') {
    return { reason: `its event name is ${JSON.stringify(eventName)}, not INSERT, MODIFY or REMOVE` };
  }
  if ((eventName !== 'INSERT' && !before) || (eventName !== 'REMOVE' && !after)) {
    return { reason: 'an image is missing: the stream must carry NEW_AND_OLD_IMAGES' };
  }
  return { before, after };
}

function timelineEvent(
  { before, after }: Images,
  from: string | undefined,
  to: string | undefined,
  position: Position,
  streamedAt: number,
  expired: boolean,
): TimelineEvent {
  const readOld = before && valueReader(before);
  const own =
    after && to !== undefined ? ownTime(from, to, valueReader(after), streamedAt, readOld) : undefined;
  const { time: changed, ...change } = changeOf(after, before, streamedAt);
  return {
    event: eventOf(from, to, expired),
    status: to,
    time: changed ?? own ?? isoTime(streamedAt),
    position,
    ...change,
    ...attemptDetails(from, to, imageReader(before), imageReader(after)),
  };
}

/**
 * The time of an upload is the record's creation; the time of a later step is one that this step has set. A time later than
 * the stream recorded the change, by more than clock skew, does not belong to this step.
 */
function ownTime(
  from: string | undefined,
  to: string,
  read: ReadValue,
  streamedAt: number,
  readOld?: ReadValue,
): string | undefined {
  const creation = from === undefined && to === 'pending' ? creationTime(read, streamedAt) : undefined;
  return creation ?? statusTime(to, read, streamedAt, readOld);
}

type EventChange = Partial<Pick<TimelineEvent, 'changeId' | 'time' | 'actor' | 'reason'>>;

/** A record keeps the audit attributes of its last change forever; only the write that set them was the operator's. */
function changeOf(after: Fields | undefined, before: Fields | undefined, streamedAt: number): EventChange {
  const read: ReadText = (attribute) => text(after?.[attribute]);
  const changeId = read(CHANGE_ATTRIBUTES.id);
  if (!changeId || changeId === text(before?.[CHANGE_ATTRIBUTES.id])) return {};
  const time = pastTime(read(CHANGE_ATTRIBUTES.time), streamedAt);
  const actor = read(CHANGE_ATTRIBUTES.actor);
  const reason = cutTo(read(CHANGE_ATTRIBUTES.reason) ?? '', LONGEST_REASON);
  return { changeId, ...(time && { time }), ...(actor && { actor }), ...(reason && { reason }) };
}

/**
 * TTL removals are the service's own: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
 * A record without an identity, as from DynamoDB Local and some replays, is recognized by its expiry time.
 */
function isExpiry(record: Fields, before: Fields | undefined, streamedAt: number): boolean {
  if (record.userIdentity !== undefined && record.userIdentity !== null) {
    const identity = fields(record.userIdentity);
    return identity.type === 'Service' && identity.principalId === TTL_SERVICE;
  }
  const ttl = fields(before?.[TRACKING_SCHEMA.timeToLive]).N;
  return typeof ttl === 'string' && expiredAt(Number(ttl), streamedAt + CUT_TIME_MILLIS) !== undefined;
}

/** DynamoDB Local cuts creation times to the minute. */
const CUT_TIME_MILLIS = 59_000;

/** Attributes as a client returns them; anything that is not an attribute value is ignored. */
function attributeReader(image: Fields | undefined): (attribute: string) => unknown {
  return (attribute) => {
    const value = image?.[attribute];
    const plain = text(value);
    if (plain !== undefined || value === undefined) return plain;
    try {
      return unmarshall({ value: value as AttributeValue }).value;
    } catch {
      return undefined;
    }
  };
}

function imageReader(image: Fields | undefined): ReadText {
  return (attribute) => text(image?.[attribute]);
}

/** Text, or the digits of a number; other types hold no time. */
function valueReader(image: Fields): ReadValue {
  return (attribute) => text(image[attribute]) ?? fields(image[attribute]).N;
}

function text(attribute: unknown): string | undefined {
  const value = fields(attribute).S;
  return typeof value === 'string' ? value : undefined;
}

function imageOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

const NO_FIELDS: Fields = {};

function fields(value: unknown): Fields {
  return imageOf(value) ?? NO_FIELDS;
}

function malformed(reason: string): ParsedRecord {
  return { kind: 'malformed', reason };
}
