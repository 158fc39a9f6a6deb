import type { LifecycleEvent } from '../pipeline/lifecycle.ts';
import type { Entity } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { Position } from './position.ts';

/** One line of a timeline. */
export interface TimelineEvent {
  readonly event: LifecycleEvent;
  /** The status reached, without its shard suffix; undefined when the record was removed. */
  readonly status: string | undefined;
  /** UTC, `…Z`, milliseconds: the record's own time for that status, else the stream's. */
  readonly time: string;
  readonly position: Position;
  /** Set when an operator's change wrote the record. */
  readonly changeId?: string;
  readonly actor?: string;
  readonly reason?: string;
  /**
   * The name of its manifest. A builder names it only after it has claimed the file, so the event that follows
   * `manifested` carries it; `namedEvents` puts it where it belongs.
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
  /** The status before, without suffix; undefined when the record did not exist. */
  readonly from: string | undefined;
  /** The status after, without suffix; undefined when the record is gone. */
  readonly to: string | undefined;
  readonly event: TimelineEvent;
  /** When the stream took the change down, in milliseconds since the epoch. */
  readonly streamedAt: number;
  /** Since when the record had been in the status it left, `…Z`; undefined when its times do not say. */
  readonly fromSince: string | undefined;
  /** The class of the failure that it left. */
  readonly fromClass?: string | undefined;
  /** The class of its failure. A consumer puts in its place what it is counted as. */
  readonly toClass?: string | undefined;
  /** Where its object was and is, by its record; of files. */
  readonly fromPath?: string | undefined;
  readonly toPath?: string | undefined;
  /** What its sender was and is counted as. A consumer that counts by sender puts it there. */
  readonly fromSender?: string | undefined;
  readonly toSender?: string | undefined;
  /** When the record arrived, by its own word, `…Z`; told where a file is settled. */
  readonly arrivedAt?: string | undefined;
  /** How large the file is; told where it arrives, if its record says so. */
  readonly bytes?: number | undefined;
  /** The stream record as it came, for a dead letter. */
  readonly source: unknown;
}
