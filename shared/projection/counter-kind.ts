import type { Entity } from '../pipeline/record.ts';
import type { CountDelta } from './counters.ts';

// Separate from heads, because reading counts needs nothing of what they count.

/** The partition of the counters of one date, or of everything if no date is given. */
export function counterPartition(date_prefix: string | undefined): string {
  return date_prefix === undefined ? 'STATS#ALL' : `STATS#${date_prefix}`;
}

/** The partition of what passed through a date; separate, because it is larger and seldom read. */
export function flowPartition(date_prefix: string): string {
  return `FLOW#${date_prefix}`;
}

/** The prefix of the sort keys of failure classes. It sorts after other counters, so that those can be read without classes. */
export const CLASS_MARK = '~';

/** The prefix of the sort keys of counts by sender. It sorts after classes. */
export const SENDER_MARK = '~~';

/** Names a counter: all items of a partition whose sort key is this part and a slot, or, for '', only the slot. */
export interface CounterName {
  readonly pk: string;
  readonly part: string;
}

/** What is added to the attributes of one counter. */
export interface CounterChange extends CounterName {
  readonly add: CountDelta;
}

/** Where a head is counted, by kind of counter: as it was counted, whatever has changed since. */
export type Counted = Readonly<Record<string, string>>;

/** The facts about a head that decide where it is counted. */
export interface Standing {
  readonly entity: Entity;
  /** Without suffix. */
  readonly status: string;
  /** `…Z`, or empty if unknown. */
  readonly since: string;
  /** The class of its failure, as it is counted; undefined if it has none, or none is known. */
  readonly classId?: string | undefined;
  /** What its sender is counted as; undefined if senders are not counted. */
  readonly senderId?: string | undefined;
}

/** A live head, as counters see it. */
export interface CountedHead {
  readonly entity: Entity;
  readonly date_prefix: string;
  readonly status: string;
  /** Undefined if it is counted only by its status. */
  readonly counted?: Counted | undefined;
}

/** An entry into a class of failures. */
export interface Failure {
  /** As it is counted. */
  readonly classId: string;
  /** When it failed, `…Z`. */
  readonly at: string;
}

/** One step of a head, for counters that only grow. */
export interface CountedStep {
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** `…Z`. */
  readonly at: string;
  /** How long it was in `from`; undefined if unknown, as across a gap. Never negative. */
  readonly millis: number | undefined;
  /** At the step after which it is settled: how long ago it arrived. */
  readonly wholeMillis: number | undefined;
  /** How large the file is, at its arrival. */
  readonly bytes: number | undefined;
}

/** How a head moves; undefined stands for no live head (none, or a tombstone). */
export interface HeadMove {
  readonly entity: Entity;
  readonly date_prefix: string;
  readonly before: CountedHead | undefined;
  readonly after: CountedHead | undefined;
  /** The statuses of the events that are new to the timeline. */
  readonly arrivals: readonly (string | undefined)[];
  /** The failures among them; none by default. */
  readonly failures?: readonly Failure[];
  /** The steps that move it, in order; late events are not steps. */
  readonly steps: readonly CountedStep[];
}

/**
 * A kind of counter. What is subtracted when a head leaves is read from the head, never computed again: leaving subtracts
 * from exactly the counter that entering added to, and a recount can check it from the heads alone.
 */
export interface CounterKind {
  /** The kind's name in heads: one letter, because a head must stay small. */
  readonly name: string;
  /** Where such a head is to be counted, as text that the head keeps; undefined for nowhere. */
  placeOf?(standing: Standing): string | undefined;
  /** What a head adds for as long as it is counted there. */
  held?(head: CountedHead): readonly CounterChange[];
  /** What a move adds permanently. */
  passed?(move: HeadMove): readonly CounterChange[];
  /** Whether heads account for this attribute of a counter; that is true for all heads or for none. */
  isHeld?(part: string, attribute: string): boolean;
}
