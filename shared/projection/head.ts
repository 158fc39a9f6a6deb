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

/** The status of a tombstone, a head whose record is gone: its history and position are kept for a while. */
export const REMOVED = 'removed';

/** How many of the latest events a head holds: about six keep it under 1 KB, which is one write unit. */
export const INLINE_EVENTS = 6;

/**
 * A tombstone must outlive everything that could still bring an old record of the file: stream retention
 * (1 day), replays of dead letters and the longest rebuild. A letter that is replayed later may bring a
 * removed file back, until a repair.
 */
export const TOMBSTONE_DAYS = 30;

/** The last known state of one file or manifest, as the stream tells it. */
export interface Head extends RecordKey {
  readonly entity: Entity;
  /** Without suffix; `removed` for a tombstone. */
  readonly status: string;
  /** Since when, as the record itself says, or else the stream; empty when neither does. */
  readonly since: string;
  /** Of the newest record applied. */
  readonly position: Position;
  /** The latest events, in stream order, at most `INLINE_EVENTS`. */
  readonly events: readonly TimelineEvent[];
  /** How many timeline pages hold the older ones. */
  readonly pages: number;
  /** Grows with every write: what an optimistic write is conditioned on. */
  readonly revision: number;
  /** Where it is counted besides by its status; an older version leaves it out, or as it was. */
  readonly counted?: Counted;
  /** In seconds since the epoch. Set only on tombstones; its presence marks one. */
  readonly expiresAt?: number;
}

/** The head's status as counters see it: a tombstone counts nowhere. */
export function liveStatus(head: Head | undefined): string | undefined {
  return head && head.expiresAt === undefined ? head.status : undefined;
}

/** The head as counters see it. */
export function liveHead(head: Head | undefined): CountedHead | undefined {
  return head && head.expiresAt === undefined ? head : undefined;
}

/** What a head is counted as beside its status, which it does not tell itself. */
export type CountedIn = Pick<Standing, 'classId' | 'senderId'>;

/**
 * A head that says where it is counted from now on.
 *
 * @param as left out: as it is counted
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

/** What the sender is counted as in whose counts a head is. */
export function countedSender({ counted }: Pick<Head, 'counted'>): string | undefined {
  return senderIdIn(counted?.n);
}

/**
 * Whether a head is counted as it stands. One that an older version wrote may be counted nowhere yet, or where it
 * stood before; and one that was written by another profile by no sender, or by another rule.
 *
 * @param ruleId of the rule for senders; undefined where they are not counted
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
 * The head that a tracking record gives when the stream never showed it: no events, and a position below
 * every stream record, so that whatever the stream still brings supersedes it.
 *
 * @param now milliseconds since the epoch: a time of the record that is still to come does not count
 * @param places of the classes of failures; one that is not there is told apart from others
 * @param senderIdOf what senders are counted as; left out: nothing
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
