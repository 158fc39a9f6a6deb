import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { CountedHead, CounterChange } from './counter-kind.ts';
import type { Folded } from './fold.ts';
import { type Head, INLINE_EVENTS, REMOVED, tombstoneExpiry } from './head.ts';
import { headItem, headKey, pageKey, storeEvent } from './items.ts';
import type { TimelineEvent } from './transition.ts';

export type WriteItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** The guarded writes that change one head, and what they do to the counters. */
export interface HeadWrite {
  /** The head's own write comes first: its condition is the one that can fail. */
  readonly items: readonly [WriteItem, ...WriteItem[]];
  readonly changes: readonly CounterChange[];
  /** Stream time of the newest record applied, milliseconds since the epoch; undefined if there was none. */
  readonly asOf: number | undefined;
}

// A file that changed hundreds of times leaves some pages behind when it is removed: a transaction has room for 100 items,
// and pages of a removed file do no harm.
const PAGES_EXPIRED_AT_ONCE = 40;

/**
 * Replaces a head, with the events that no longer fit inline as pages, if it has not changed since it was read.
 *
 * @param seen the head as it was read; undefined if there was none
 * @param pages the newest of the head's pages, written together with it
 */
export function replaceHead(
  table: string,
  next: Head,
  seen: Head | undefined,
  pages: readonly (readonly TimelineEvent[])[] = [],
): [WriteItem, ...WriteItem[]] {
  const put: WriteItem = {
    Put: {
      TableName: table,
      Item: headItem(next),
      ConditionExpression: seen ? 'revision = :seen' : 'attribute_not_exists(pk)',
      ...(seen && { ExpressionAttributeValues: { ':seen': seen.revision } }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
  return [put, ...newPages(table, next, pages), ...expiringPages(table, seen, next)];
}

/** Where a head is believed to be, and where it goes; `after` is undefined if its record is removed. */
export interface BlindMove {
  readonly before: CountedHead;
  readonly after: CountedHead | undefined;
}

/**
 * Advances a head without reading it, if it is where the fold begins and is counted as believed. A tombstone, a position
 * that was already applied, another status, another count or a full list of events each make the condition fail, which
 * returns the head.
 */
export function advanceHead(
  table: string,
  folded: Folded,
  { before, after }: BlindMove,
  now: number,
): WriteItem {
  const [first] = folded.transitions;
  const last = folded.transitions.at(-1) ?? first;
  return {
    Update: {
      TableName: table,
      Key: headKey(folded),
      UpdateExpression:
        'SET #status = :to, since = :since, #position = :last, events = list_append(events, :events), ' +
        `revision = revision + :one${after ? '' : ', expires_at = :expires'}` +
        `${after?.counted ? ', c = :counted' : ' REMOVE c'}`,
      ConditionExpression:
        '#position < :first AND #status = :from AND attribute_not_exists(expires_at) AND size(events) <= :room' +
        (before.counted ? ' AND c = :seen' : ' AND attribute_not_exists(c)') +
        (after ? '' : ' AND attribute_not_exists(pages)'),
      ExpressionAttributeNames: { '#status': 'status', '#position': 'position' },
      ExpressionAttributeValues: {
        ':to': after?.status ?? REMOVED,
        ':since': last.event.time,
        ':first': first.event.position,
        ':last': last.event.position,
        ':events': folded.transitions.map(({ event }) => storeEvent(event)),
        ':one': 1,
        ':from': before.status,
        ':room': INLINE_EVENTS - folded.transitions.length,
        ...(after?.counted && { ':counted': after.counted }),
        ...(before.counted && { ':seen': before.counted }),
        ...(!after && { ':expires': tombstoneExpiry(now) }),
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** Pages need no condition of their own: they are only written if the condition on the head holds. */
function newPages(table: string, head: Head, pages: readonly (readonly TimelineEvent[])[]): WriteItem[] {
  const first = head.pages - pages.length;
  return pages.map((events, i) => ({
    Put: { TableName: table, Item: { ...pageKey(head, first + i), events: events.map(storeEvent) } },
  }));
}

/** A tombstone's pages expire with it. */
function expiringPages(table: string, seen: Head | undefined, next: Head): WriteItem[] {
  if (next.expiresAt === undefined || seen?.expiresAt !== undefined) return [];
  const count = Math.min(seen?.pages ?? 0, PAGES_EXPIRED_AT_ONCE);
  return Array.from({ length: count }, (_, page) => ({
    Update: {
      TableName: table,
      Key: pageKey(next, page),
      UpdateExpression: 'SET expires_at = :expires',
      ExpressionAttributeValues: { ':expires': next.expiresAt },
    },
  }));
}
