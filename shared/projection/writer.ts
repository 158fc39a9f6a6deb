/**
 * What a sequence of transactions keeps from one to the next: the slot of its counters, and how many heads a transaction
 * takes. A consumer process has one for as long as it lives.
 */
export interface Writer {
  /** The slot, of every counter, that its next transaction counts in. */
  slot(): number;
  /** The most heads that its next transaction takes. */
  heads(): number;
  committed(): void;
  /** Another transaction was using one of its counters. */
  metOnCounters(): void;
  /** A recount keeps its slot closed. */
  metClosed(): void;
  /** A head was not as believed. */
  conditionFailed(): void;
}

/** What a new writer knows of other writers. */
export interface WriterStart {
  readonly slots: readonly number[];
  readonly width: number;
}

/** The most slots that are ever used: reading more would cost more than conflicts do. */
export const MOST_SLOTS = 128;
// A transaction may have 100 actions. For one date, usually six of them are counters, at least two: the statuses, and the
// ages of one hour or two, of everything and of the date.
const MOST_HEADS = 94;
// A failed condition cancels the entire transaction, which is still paid for.
const FEWEST_HEADS = 25;
const GROWTH = 4;
// A writer with another conflict this soon needs more slots to choose from, not only another slot.
const SOON = 50;

/**
 * A writer that keeps its slot for as long as it is alone there. Each writer finds out by itself how many slots are needed:
 * after a conflict it moves to another slot, among four times as many if conflicts repeat. So each ends up in a slot of its
 * own without talking to the others, and a single writer uses a single slot.
 *
 * @param start where it may begin, and how many slots there are; by default the first slot, as if it were alone
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
      // All writers that are sent away at the same time move by the same distance, so they do not collide.
      slot = sinceClosed > 0 ? (slot + MOST_SLOTS / 2) % MOST_SLOTS : pick(MOST_SLOTS);
      sinceClosed = 0;
    },
    conditionFailed() {
      heads = Math.max(FEWEST_HEADS, Math.ceil(heads / 2));
    },
  };
}
