import type { LifecycleEvent } from '../pipeline/lifecycle.ts';
import type { Entity } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { Position } from './position.ts';

/** One line of a timeline. */
export interface TimelineEvent {
  readonly event: LifecycleEvent;
  /** The status reached, without its shard suffix; undefined if the record was removed. */
  readonly status: string | undefined;
  /** UTC, `…Z`, to the millisecond: the record's own time for that status, or else the stream's. */
  readonly time: string;
  readonly position: Position;
  /** Set if an operator's change wrote the record. */
  readonly changeId?: string;
  readonly actor?: string;
  readonly reason?: string;
  /**
   * The name of its manifest. A builder names it only after it has claimed the file, so the event after `manifested` carries
   * it; `namedEvents` moves it to where it belongs.
   */
  readonly manifest?: string;
  /** Why it failed or was refused, cut short. */
  readonly error?: string;
  /** The execution or job run that took it. */
  readonly run?: string;
}

/** One observed change of one record's status: an insert, a change or a removal. */
export interface Transition extends RecordKey {
  readonly entity: Entity;
  /** The previous status, without suffix; undefined if the record did not exist. */
  readonly from: string | undefined;
  /** The new status, without suffix; undefined if the record was removed. */
  readonly to: string | undefined;
  readonly event: TimelineEvent;
  /** When the stream recorded the change, in milliseconds since the epoch. */
  readonly streamedAt: number;
  /** Since when the record had been in the status that it left, `…Z`; undefined if its times do not say. */
  readonly fromSince: string | undefined;
  /** The class of the failure that it left. */
  readonly fromClass?: string | undefined;
  /** The class of its failure. A consumer replaces it with what it is counted as. */
  readonly toClass?: string | undefined;
  /** For files: where the object was and is, according to the record. */
  readonly fromPath?: string | undefined;
  readonly toPath?: string | undefined;
  /** What its sender was and is counted as; set by a consumer that counts by sender. */
  readonly fromSender?: string | undefined;
  readonly toSender?: string | undefined;
  /** When the file arrived, according to the record, `…Z`; set when the file is settled. */
  readonly arrivedAt?: string | undefined;
  /** The size of the file; set when it arrives, if its record says so. */
  readonly bytes?: number | undefined;
  /** The unchanged stream record, for a dead letter. */
  readonly source: unknown;
}
