import type { Decision, HeadTask } from './apply.ts';
import { countedSteps } from './counted-steps.ts';
import type { CountedHead, CounterChange, Failure } from './counter-kind.ts';
import { changesOf, countedAs } from './counter-kinds.ts';
import type { Folded } from './fold.ts';
import {
  asCounted,
  type CountedIn,
  countedIn,
  type Head,
  INLINE_EVENTS,
  liveHead,
  liveStatus,
  REMOVED,
  tombstoneExpiry,
} from './head.ts';
import { advanceHead, replaceHead } from './head-writes.ts';
import { comparePositions, LOWEST_POSITION, type Position } from './position.ts';
import type { TimelineEvent, Transition } from './transition.ts';

/** What applying a fold did, in numbers for the metrics. */
export interface Outcome {
  /** Transitions that moved the head. */
  readonly applied: number;
  /** Transitions that had been applied before. */
  readonly duplicates: number;
  /** Events older than the head and missing from its timeline; they are added to it, and the status is unchanged. */
  readonly late: number;
  /** 1 if the head was not where the records said: some were missed, and the counts were corrected. */
  readonly gapsClosed: number;
}

/** The next state of a head, or nothing to write if everything was known. */
export interface Advanced {
  readonly outcome: Outcome;
  readonly write?: {
    readonly head: Head;
    /** Events that no longer fit inline, by page; page numbers start at `head.pages - pages.length`. */
    readonly pages: readonly (readonly TimelineEvent[])[];
    /** What is added to counters. */
    readonly changes: readonly CounterChange[];
  };
}

// After a reset, a new attempt begins (manifested, processing, completed). Room for it is made now, while the head is
// loaded, so that a blind transaction does not find the list full later.
const ROOM_AFTER_RESET = 3;

/**
 * Decides from the current head what a fold adds to it. Pure. Safe for any redelivery and any order: newer events move the
 * head, older unknown ones go into the timeline, and the rest is already known.
 *
 * @param known positions of the events in the head's pages; only needed if `needsPages` says so
 * @param now milliseconds since the epoch, for a tombstone's expiry
 */
export function advance(
  head: Head | undefined,
  folded: Folded,
  known: ReadonlySet<Position>,
  now: number,
): Advanced {
  const reached = head?.position ?? LOWEST_POSITION;
  const newer = folded.transitions.filter(({ event }) => event.position > reached);
  const older = folded.transitions.filter(({ event }) => event.position <= reached);
  const late = older.filter(({ event }) => !isKnown(head, known, event.position));
  const outcome = {
    applied: newer.length,
    duplicates: older.length - late.length,
    late: late.length,
    gapsClosed: isGap(head, newer[0]) ? 1 : 0,
  };
  const added = [...late, ...newer];
  if (added.length === 0) return { outcome };
  return { outcome, write: nextHead(head, folded, added, newer, now) };
}

/** Whether only the pages show if a record was applied: it is not newer than the head, and the head does not list it. */
export function needsPages(head: Head | undefined, folded: Folded): boolean {
  if (!head || head.pages === 0) return false;
  const older = folded.transitions.filter(({ event }) => event.position <= head.position);
  return older.some(({ event }) => !isKnown(head, NOTHING_KNOWN, event.position));
}

const NOTHING_KNOWN: ReadonlySet<Position> = new Set();

function isKnown(head: Head | undefined, known: ReadonlySet<Position>, position: Position): boolean {
  return known.has(position) || Boolean(head?.events.some((event) => event.position === position));
}

/** A missing head is no gap: the file is older than the deployment, or its insert is late. */
function isGap(head: Head | undefined, first: Transition | undefined): boolean {
  return Boolean(head && first && first.from !== liveStatus(head));
}

function nextHead(
  head: Head | undefined,
  { entity, date_prefix, file_key, countsFlow = false }: Folded,
  added: readonly Transition[],
  newer: readonly Transition[],
  now: number,
) {
  const last = newer.at(-1);
  const events = [...(head?.events ?? []), ...added.map(({ event }) => event)];
  const { inline, pages } = splitPages(events.sort((a, b) => comparePositions(a.position, b.position)));
  const from = liveStatus(head);
  const to = last ? last.to : from;
  const moved = {
    entity,
    date_prefix,
    file_key,
    status: to ?? REMOVED,
    since: last?.event.time ?? head?.since ?? '',
    position: last?.event.position ?? head?.position ?? LOWEST_POSITION,
    events: inline,
    pages: (head?.pages ?? 0) + pages.length,
    revision: (head?.revision ?? 0) + 1,
    ...(to === undefined && { expiresAt: (last ? undefined : head?.expiresAt) ?? tombstoneExpiry(now) }),
  };
  const next = asCounted(moved, countedAfter(head, last));
  const arrivals = added.map((transition) => transition.to);
  const steps = countsFlow ? countedSteps(newer, { status: from, since: head?.since ?? '' }) : [];
  const changes = changesOf({
    entity,
    date_prefix,
    before: liveHead(head),
    after: liveHead(next),
    arrivals,
    failures: failuresIn(added),
    steps,
  });
  return { head: next, pages, changes };
}

/** From its newest record; a late one does not change it. */
function countedAfter(head: Head | undefined, last: Transition | undefined): CountedIn {
  if (last) return { classId: last.toClass, senderId: last.toSender };
  return head ? countedIn(head) : {};
}

function failuresIn(transitions: readonly Transition[]): Failure[] {
  return transitions.flatMap(({ toClass, event }) =>
    toClass === undefined ? [] : [{ classId: toClass, at: event.time }],
  );
}

/**
 * Keeps the newest events inline and cuts the older ones into pages of a write unit each. The last status stays inline: a
 * tombstone must say without its pages in which status the record went.
 */
function splitPages(events: readonly TimelineEvent[]): { inline: TimelineEvent[]; pages: TimelineEvent[][] } {
  const inline = [...events];
  const pages: TimelineEvent[][] = [];
  while (inline.length > INLINE_EVENTS) {
    const last = inline.findLastIndex(({ status }) => status !== undefined);
    pages.push(inline.splice(0, last > 0 ? Math.min(last, INLINE_EVENTS) : INLINE_EVENTS));
  }
  const opensAttempt = inline.at(-1)?.event === 'reset';
  if (opensAttempt && inline.length > INLINE_EVENTS - ROOM_AFTER_RESET) {
    pages.push(inline.splice(0, inline.length - 1));
  }
  return { inline, pages };
}

/** The task of applying one batch's transitions of one record. */
export interface FoldTask extends HeadTask<Outcome> {
  readonly folded: Folded;
}

/**
 * @param table the projection table's name
 * @param now milliseconds since the epoch, for a tombstone's expiry
 */
export function foldTask(table: string, folded: Folded, now: number): FoldTask {
  return {
    entity: folded.entity,
    date_prefix: folded.date_prefix,
    file_key: folded.file_key,
    folded,
    blind: () => blindDecision(table, folded, now),
    needsPages: (head) => needsPages(head, folded),
    decide: (head, known) => decide(table, folded, head, known, now),
  };
}

/**
 * The decision for a fold that continues where its head is believed to be. The head itself is needed to know what to write
 * if the events may not fit inline, or after a reset, when a new attempt needs room. It is also needed to know where it is
 * counted if the record does not say since when it had its status, or if durations are counted, to the millisecond.
 */
function blindDecision(table: string, folded: Folded, now: number): Decision<Outcome> | undefined {
  const { entity, date_prefix, transitions, countsFlow = false } = folded;
  const [first] = transitions;
  const events = transitions.map(({ event }) => event);
  if (events.length > INLINE_EVENTS || events.some(({ event }) => event === 'reset')) return undefined;
  if (first.from === undefined) return decide(table, folded, undefined, new Set(), now);
  const before = believed(folded, first.from, first.fromSince ?? '', {
    classId: first.fromClass,
    senderId: first.fromSender,
  });
  const isTimed = countsFlow && entity === 'file';
  // Only for ages: a failed head needs no time, even though it says in which class it is counted.
  if (before.counted?.a !== undefined && (first.fromSince === undefined || isTimed)) return undefined;
  const last = transitions.at(-1) ?? first;
  const after =
    last.to === undefined
      ? undefined
      : believed(folded, last.to, last.event.time, countedAfter(undefined, last));
  const arrivals = transitions.map(({ to }) => to);
  const failures = failuresIn(transitions);
  return {
    outcome: { applied: events.length, duplicates: 0, late: 0, gapsClosed: 0 },
    write: {
      asOf: streamedUpTo(folded),
      items: [advanceHead(table, folded, { before, after }, now)],
      changes: changesOf({ entity, date_prefix, before, after, arrivals, failures, steps: [] }),
    },
  };
}

function believed(
  { entity, date_prefix }: Folded,
  status: string,
  since: string,
  as: CountedIn,
): CountedHead {
  return { entity, date_prefix, status, counted: countedAs({ entity, status, since, ...as }) };
}

function decide(
  table: string,
  folded: Folded,
  head: Head | undefined,
  known: ReadonlySet<string>,
  now: number,
): Decision<Outcome> {
  const { outcome, write } = advance(head, folded, known, now);
  if (!write) return { outcome };
  const items = replaceHead(table, write.head, head, write.pages);
  return { outcome, write: { asOf: streamedUpTo(folded), items, changes: write.changes } };
}

function streamedUpTo({ transitions }: Folded): number {
  return Math.max(...transitions.map(({ streamedAt }) => streamedAt));
}
