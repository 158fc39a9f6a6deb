import type { Entity } from '../pipeline/record.ts';
import type { CountDelta } from './counters.ts';

// Apart from heads: whoever reads counts needs nothing of what they count.

/** The partition of the counters of one date, or of everything when no date is given. */
export function counterPartition(date_prefix: string | undefined): string {
  return date_prefix === undefined ? 'STATS#ALL' : `STATS#${date_prefix}`;
}

/** The partition of what passed through a date: apart, for it is read seldom and is larger. */
export function flowPartition(date_prefix: string): string {
  return `FLOW#${date_prefix}`;
}

/** What the sort keys of classes of failures begin with: behind all other counters, so that those are read without them. */
export const CLASS_MARK = '~';

/** What the sort keys of counts by sender begin with: behind those of classes. */
export const SENDER_MARK = '~~';

/** Names a counter: all items of a partition whose sort key is this part and a slot, or for '' the slot alone. */
export interface CounterName {
  readonly pk: string;
  readonly part: string;
}

/** What is added to the attributes of one counter. */
export interface CounterChange extends CounterName {
  readonly add: CountDelta;
}

/** Where a head is counted, by the kind of counter: as it was counted, whatever the head has become since. */
export type Counted = Readonly<Record<string, string>>;

/** What a head says of itself, from which follows where it is counted. */
export interface Standing {
  readonly entity: Entity;
  /** Without suffix. */
  readonly status: string;
  /** `…Z`, or empty where it is unknown. */
  readonly since: string;
  /** The class of its failure, as it is counted; undefined where it has none, or none that is known. */
  readonly classId?: string | undefined;
  /** What its sender is counted as; undefined where senders are not counted. */
  readonly senderId?: string | undefined;
}

/** A live head, as counters see it. */
export interface CountedHead {
  readonly entity: Entity;
  readonly date_prefix: string;
  readonly status: string;
  /** Undefined where it is counted nowhere but by its status. */
  readonly counted?: Counted | undefined;
}

/** An entry into a class of failures. */
export interface Failure {
  /** As it is counted. */
  readonly classId: string;
  /** When it failed, `…Z`. */
  readonly at: string;
}

/** One step of a head, for what only grows. */
export interface CountedStep {
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** `…Z`. */
  readonly at: string;
  /** How long it was in `from`; undefined where that is unknown, as over a gap. Never negative. */
  readonly millis: number | undefined;
  /** How long ago it arrived, at the step after which it is settled. */
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
  /** The failures among them; left out: none. */
  readonly failures?: readonly Failure[];
  /** The steps that move it, in their order; late ones are none. */
  readonly steps: readonly CountedStep[];
}

/**
 * A kind of counter. What is subtracted when a head leaves is read from the head, never worked out again: leaving
 * empties the very counter that entering filled, and a recount proves it from the heads alone.
 */
export interface CounterKind {
  /** Names the kind in heads; one letter, for a head must stay small. */
  readonly name: string;
  /** Where a head that stands so is to be counted, as text that the head keeps; undefined: nowhere. */
  placeOf?(standing: Standing): string | undefined;
  /** What a head adds for as long as it is counted as it says. */
  held?(head: CountedHead): readonly CounterChange[];
  /** What a move adds for good. */
  passed?(move: HeadMove): readonly CounterChange[];
  /** Whether heads account for this attribute of a counter: all of them are held, or none. */
  isHeld?(part: string, attribute: string): boolean;
}
