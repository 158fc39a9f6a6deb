import { isDeepStrictEqual } from 'node:util';
import { type Entity, recordKind, sinceOf } from '../pipeline/record.ts';
import { failureOf } from '../pipeline/record-failure.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { RecordKey, TrackingRecord } from '../pipeline/tracking-table.ts';
import type { Counted, CountedHead, Standing } from './counter-kind.ts';
import { countedAs } from './counter-kinds.ts';
import { type ClassPlaces, hasClass, placeOf } from './failure-counts.ts';
import type { SenderIds } from './known-senders.ts';
import { LOWEST_POSITION, type Position } from './position.ts';
import { hasSender, ruleOf, senderIdIn } from './sender-counts.ts';
import type { TimelineEvent } from './transition.ts';

/** The status of a tombstone, a head whose record was removed; its history and position are kept for a while. */
export const REMOVED = 'removed';

/** How many of the latest events a head holds: about six keep it under 1 KB, which is one write unit. */
export const INLINE_EVENTS = 6;

/**
 * A tombstone must outlive everything that could still bring an old record of the file: stream retention (1 day), replays
 * of dead letters and the longest rebuild. A letter that is replayed later may bring a removed file back, until a repair.
 */
export const TOMBSTONE_DAYS = 30;

/** The last known state of one file or manifest, according to the stream. */
export interface Head extends RecordKey {
  readonly entity: Entity;
  /** Without suffix; `removed` for a tombstone. */
  readonly status: string;
  /** Since when, according to the record itself, or else to the stream; empty if neither says. */
  readonly since: string;
  /** The position of the newest record applied. */
  readonly position: Position;
  /** The latest events, in stream order, at most `INLINE_EVENTS`. */
  readonly events: readonly TimelineEvent[];
  /** How many timeline pages hold the older ones. */
  readonly pages: number;
  /** Increases with every write: the condition of optimistic writes. */
  readonly revision: number;
  /** Where it is counted besides by its status; an older version leaves it out, or unchanged. */
  readonly counted?: Counted;
  /** In seconds since the epoch. Set only on tombstones; its presence marks one. */
  readonly expiresAt?: number;
}

/** The head's status for counters: a tombstone is counted nowhere. */
export function liveStatus(head: Head | undefined): string | undefined {
  return head && head.expiresAt === undefined ? head.status : undefined;
}

/** The head for counters. */
export function liveHead(head: Head | undefined): CountedHead | undefined {
  return head && head.expiresAt === undefined ? head : undefined;
}

/** What a head is counted as besides its status; it does not follow from the head's other fields. */
export type CountedIn = Pick<Standing, 'classId' | 'senderId'>;

/**
 * The head with where it is counted from now on.
 *
 * @param as by default, what it is already counted as
 */
export function asCounted(head: Head, as: CountedIn = countedIn(head)): Head {
  const { counted: _, ...rest } = head;
  const counted = head.expiresAt === undefined ? countedAs({ ...rest, ...as }) : undefined;
  return counted ? { ...rest, counted } : rest;
}

/** What a head is counted as. */
export function countedIn(head: Pick<Head, 'counted'>): CountedIn {
  return { classId: countedClass(head), senderId: countedSender(head) };
}

/** The class of failures that a head is counted in. */
export function countedClass({ counted }: Pick<Head, 'counted'>): string | undefined {
  return counted?.f?.slice(1);
}

/** What the sender of a head is counted as. */
export function countedSender({ counted }: Pick<Head, 'counted'>): string | undefined {
  return senderIdIn(counted?.n);
}

/**
 * Whether a head is counted according to its current state. A head from an older version may not be counted yet, or may be
 * counted by an earlier state; one from another profile may have no sender, or one by another rule.
 *
 * @param ruleId of the rule for senders; undefined if they are not counted
 */
export function isCountedAsItStands(head: Head, ruleId: string | undefined): boolean {
  if (head.expiresAt !== undefined) return head.counted === undefined;
  const as = countedIn(head);
  if (as.classId === undefined && hasClass(head.entity, head.status)) return false;
  if (hasSender(head.entity) && ruleOf(as.senderId) !== ruleId) return false;
  return isDeepStrictEqual(head.counted, countedAs({ ...head, ...as }));
}

/** When a tombstone written at `now` (milliseconds) expires, in seconds since the epoch. */
export function tombstoneExpiry(now: number): number {
  return Math.floor(now / 1000) + TOMBSTONE_DAYS * 86_400;
}

/**
 * The head made from a tracking record that the stream never showed: no events, and a position below every stream record,
 * so that anything the stream still brings supersedes it.
 *
 * @param now milliseconds since the epoch; a future time in the record is ignored
 * @param places what failure classes are counted as; a class that is not in it is counted as itself
 * @param senderIdOf what senders are counted as; by default, they are not counted
 * @returns undefined for locks, which have no head
 */
export function headOfRecord(
  record: TrackingRecord,
  now: number,
  places: ClassPlaces = new Map(),
  senderIdOf: SenderIds = () => undefined,
): Head | undefined {
  const kind = recordKind(record);
  if (kind === 'lock') return undefined;
  const { status } = parseStatus(record.status);
  const head = {
    entity: kind,
    date_prefix: record.date_prefix,
    file_key: record.file_key,
    status,
    since: sinceOf(record, now) ?? '',
    position: LOWEST_POSITION,
    events: [],
    pages: 0,
    revision: 1,
  };
  const failure = failureOf(kind, status, (attribute) => record[attribute]);
  return asCounted(head, { classId: placeOf(places, failure?.id), senderId: senderIdOf(record) });
}
