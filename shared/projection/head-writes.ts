import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { type CountDelta, moveDelta, sumDeltas } from './counters.ts';
import type { Folded } from './fold.ts';
import { type Head, INLINE_EVENTS, REMOVED, tombstoneExpiry } from './head.ts';
import { counterKey, headItem, headKey, pageKey, storeEvent } from './items.ts';
import { type Outcome, type Settlement, settle } from './settle.ts';

export type WriteItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** The guarded writes that apply one fold, and what they do to the counters. The head's comes first. */
export interface HeadWrite {
  readonly folded: Folded;
  readonly items: readonly [WriteItem, ...WriteItem[]];
  readonly delta: CountDelta;
  readonly outcome: Outcome;
}

// A file that flapped hundreds of times leaves its oldest pages behind when it is removed: a transaction
// has room for 100 items, and pages of a removed file harm nothing.
const PAGES_EXPIRED_AT_ONCE = 40;

/**
 * The write for a fold that continues where its head is believed to be, made without reading it: the
 * condition checks the belief, and a failed one returns the head.
 *
 * @returns undefined when only the head itself can tell what to write: events that will not fit inline, or
 *   a reset, after which a new attempt needs room
 */
export function blindWrite(table: string, folded: Folded, now: number): HeadWrite | undefined {
  const [first] = folded.transitions;
  const events = folded.transitions.map(({ event }) => event);
  if (events.length > INLINE_EVENTS || events.some(({ event }) => event === 'reset')) return undefined;
  if (first.from === undefined) return settledWrite(table, folded, undefined, new Set(), now).write;
  const last = folded.transitions.at(-1) ?? first;
  const outcome = { applied: events.length, duplicates: 0, late: 0, healed: 0 };
  const arrivals = folded.transitions.map(({ to }) => to);
  const delta = moveDelta(folded.entity, first.from, last.to, arrivals);
  return { folded, items: [advance(table, folded, first.from, now)], delta, outcome };
}

/** The settlement of a fold with its head, and the write for it unless all was known. */
export function settledWrite(
  table: string,
  folded: Folded,
  head: Head | undefined,
  known: ReadonlySet<string>,
  now: number,
): { outcome: Outcome; write?: HeadWrite } {
  const settlement = settle(head, folded, known, now);
  const { outcome, write } = settlement;
  if (!write) return { outcome };
  const items: [WriteItem, ...WriteItem[]] = [
    replace(table, write.head, head),
    ...newPages(table, write),
    ...expiringPages(table, head, write.head),
  ];
  return { outcome, write: { folded, items, delta: write.delta, outcome } };
}

/**
 * The counter updates of one transaction: one item for everything, and one for each date it touches.
 *
 * @param asOf stream time of the newest record, milliseconds since the epoch
 */
export function counterWrites(
  table: string,
  writes: readonly HeadWrite[],
  slot: number,
  asOf: number,
  now: number,
): WriteItem[] {
  const deltas = new Map<string | undefined, CountDelta[]>();
  for (const { folded, delta } of writes) {
    for (const date of [undefined, folded.datePrefix]) {
      deltas.set(date, [...(deltas.get(date) ?? []), delta]);
    }
  }
  return [...deltas].flatMap(([date, parts]) => {
    const delta = sumDeltas(parts);
    if (Object.keys(delta).length === 0) return [];
    const suffixes = date === undefined ? suffixesOf(writes) : [];
    return [addCounts(table, date, slot, { delta, suffixes, asOf, now })];
  });
}

const USUAL_SUFFIX = /^#\d{1,3}$/;

/** Only what looks like a shard: a counter item must stay under one write unit whatever is written as status. */
function suffixesOf(writes: readonly HeadWrite[]): string[] {
  const suffixes = writes.flatMap(({ folded }) => folded.transitions.map(({ suffix }) => suffix));
  return [...new Set(suffixes)].filter((suffix) => USUAL_SUFFIX.test(suffix));
}

function advance(table: string, folded: Folded, from: string, now: number): WriteItem {
  const [first] = folded.transitions;
  const last = folded.transitions.at(-1) ?? first;
  const removal = last.to === undefined;
  return {
    Update: {
      TableName: table,
      Key: headKey(folded.entity, folded),
      UpdateExpression:
        'SET #status = :to, since = :since, #position = :last, events = list_append(events, :events), ' +
        `revision = revision + :one${removal ? ', expires_at = :expires' : ''}`,
      // A tombstone, an already applied position, another status, a full list: each needs the head itself.
      ConditionExpression:
        '#position < :first AND #status = :from AND attribute_not_exists(expires_at) AND size(events) <= :room' +
        (removal ? ' AND attribute_not_exists(pages)' : ''),
      ExpressionAttributeNames: { '#status': 'status', '#position': 'position' },
      ExpressionAttributeValues: {
        ':to': last.to ?? REMOVED,
        ':since': last.event.time,
        ':first': first.event.position,
        ':last': last.event.position,
        ':events': folded.transitions.map(({ event }) => storeEvent(event)),
        ':one': 1,
        ':from': from,
        ':room': INLINE_EVENTS - folded.transitions.length,
        ...(removal && { ':expires': tombstoneExpiry(now) }),
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

function replace(table: string, next: Head, seen: Head | undefined): WriteItem {
  return {
    Put: {
      TableName: table,
      Item: headItem(next),
      ConditionExpression: seen ? 'revision = :seen' : 'attribute_not_exists(pk)',
      ...(seen && { ExpressionAttributeValues: { ':seen': seen.revision } }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** Needs no condition of its own: only the writer whose head condition holds gets to number a page. */
function newPages(table: string, { head, pages }: NonNullable<Settlement['write']>): WriteItem[] {
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

interface CounterUpdate {
  readonly delta: CountDelta;
  readonly suffixes: readonly string[];
  readonly asOf: number;
  readonly now: number;
}

function addCounts(
  table: string,
  date: string | undefined,
  slot: number,
  { delta, suffixes, asOf, now }: CounterUpdate,
): WriteItem {
  const added: Record<string, unknown> = {
    ...delta,
    ...(suffixes.length > 0 && { suffixes: new Set(suffixes) }),
  };
  const names = Object.keys(added);
  return {
    Update: {
      TableName: table,
      Key: counterKey(date, slot),
      UpdateExpression: `SET as_of = :as_of, applied_at = :now ADD ${names.map((_, i) => `#a${i} :a${i}`).join(', ')}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#a${i}`, name])),
      ExpressionAttributeValues: {
        ':as_of': asOf,
        ':now': now,
        ...Object.fromEntries(names.map((name, i) => [`:a${i}`, added[name]])),
      },
    },
  };
}
