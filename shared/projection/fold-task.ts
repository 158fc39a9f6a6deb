import type { Decision, HeadTask } from './apply.ts';
import { moveDelta } from './counters.ts';
import type { Folded } from './fold.ts';
import { type Head, INLINE_EVENTS } from './head.ts';
import { advanceHead, replaceHead } from './head-writes.ts';
import { needsPages, type Outcome, settle } from './settle.ts';

/** The task of applying what one batch says of one record. */
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
    datePrefix: folded.datePrefix,
    fileKey: folded.fileKey,
    folded,
    blind: () => blindDecision(table, folded, now),
    needsPages: (head) => needsPages(head, folded),
    decide: (head, known) => decide(table, folded, head, known, now),
  };
}

/**
 * The decision for a fold that continues where its head is believed to be. Only the head itself can tell
 * what to write when the events may not fit inline, or after a reset, when a new attempt needs room.
 */
function blindDecision(table: string, folded: Folded, now: number): Decision<Outcome> | undefined {
  const [first] = folded.transitions;
  const events = folded.transitions.map(({ event }) => event);
  if (events.length > INLINE_EVENTS || events.some(({ event }) => event === 'reset')) return undefined;
  if (first.from === undefined) return decide(table, folded, undefined, new Set(), now);
  const last = folded.transitions.at(-1) ?? first;
  const arrivals = folded.transitions.map(({ to }) => to);
  return {
    outcome: { applied: events.length, duplicates: 0, late: 0, healed: 0 },
    write: {
      ...countedWith(folded),
      items: [advanceHead(table, folded, first.from, now)],
      delta: moveDelta(folded.entity, first.from, last.to, arrivals),
    },
  };
}

function decide(
  table: string,
  folded: Folded,
  head: Head | undefined,
  known: ReadonlySet<string>,
  now: number,
): Decision<Outcome> {
  const { outcome, write } = settle(head, folded, known, now);
  if (!write) return { outcome };
  const items = replaceHead(table, write.head, head, write.pages);
  return { outcome, write: { ...countedWith(folded), items, delta: write.delta } };
}

/** What the counters of a fold's transaction are told besides the amounts. */
function countedWith({ datePrefix, transitions }: Folded) {
  return {
    datePrefix,
    suffixes: transitions.map(({ suffix }) => suffix),
    asOf: Math.max(...transitions.map(({ streamedAt }) => streamedAt)),
  };
}
