/**
 * What one sequence of transactions keeps from each to the next: the slot of its counters, and how many heads it takes
 * at a time. A consumer process has one for as long as it lives.
 */
export interface Writer {
  /** The slot that its next transaction counts in, of every counter. */
  slot(): number;
  /** How many heads its next transaction takes, at most. */
  heads(): number;
  committed(): void;
  /** Another transaction had one of its counters. */
  metOnCounters(): void;
  /** A recount keeps its slot closed. */
  metClosed(): void;
  /** A head was not as it was believed to be. */
  conditionFailed(): void;
}

/** What a new writer knows of others. */
export interface WriterStart {
  readonly slots: readonly number[];
  readonly width: number;
}

/** More slots than that are never written: reading them all would cost more than conflicts do. */
export const MOST_SLOTS = 128;
// A transaction takes 100 actions. Of those of one date mostly six are counters, at least two: of everything and of
// the date, its statuses, and the ages of one hour or two.
const MOST_HEADS = 94;
// A failed condition cancels, and is paid for, as a whole.
const FEWEST_HEADS = 25;
const GROWTH = 4;
// Who meets somebody again so soon needs more slots to choose from, not only another one.
const SOON = 50;

/**
 * A writer that keeps its slot for as long as it is alone there. Each writer finds out for itself how many slots it
 * takes: after a conflict it moves to another one, among four times as many when conflicts repeat. So each comes to a
 * slot of its own, none ever talks to another, and where there is one writer there is one slot.
 *
 * @param start where it may begin, and how many slots there are; without it in the first, as if it were alone
 * @param random evenly distributed in [0, 1)
 */
export function createWriter(random: () => number, start: WriterStart = { slots: [], width: 1 }): Writer {
  const pick = (count: number) => Math.floor(random() * count);
  let slot = start.slots[pick(start.slots.length)] ?? 0;
  let width = Math.max(1, start.width);
  let heads = MOST_HEADS;
  let sinceMet = 0;
  let sinceClosed = 1;

  return {
    slot: () => slot,
    heads: () => heads,
    committed() {
      sinceMet += 1;
      sinceClosed += 1;
      heads = Math.min(MOST_HEADS, heads * 2);
    },
    metOnCounters() {
      if (sinceMet < SOON || width === 1) width = Math.min(MOST_SLOTS, width * GROWTH);
      sinceMet = 0;
      slot = (slot + 1 + pick(width - 1)) % width;
    },
    metClosed() {
      // All that are sent away at a time move by as much: none comes to where another one is sent from its own.
      slot = sinceClosed > 0 ? (slot + MOST_SLOTS / 2) % MOST_SLOTS : pick(MOST_SLOTS);
      sinceClosed = 0;
    },
    conditionFailed() {
      heads = Math.max(FEWEST_HEADS, Math.ceil(heads / 2));
    },
  };
}
