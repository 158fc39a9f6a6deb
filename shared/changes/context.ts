import type { TrackingTable } from '../pipeline/tracking-table.ts';
import type { Actor, ChangeFile } from './change.ts';
import type { ChangeTable } from './change-items.ts';

/** What changes work on, and everything that a test wants to hold still. */
export interface ChangeContext {
  readonly tracking: TrackingTable;
  readonly projection: ChangeTable;
  /** Milliseconds since the epoch, read once per invocation. */
  readonly now: number;
  sleep(millis: number): Promise<unknown>;
}

/** Who wants a change and why, and its id: one that is taken means to go on with the change that has it. */
export interface Order {
  readonly id: string;
  readonly actor: Actor;
  readonly reason: string;
}

/** How a change is run. */
export interface RunOptions {
  /** Files under way at once; 8 when left out. */
  readonly concurrency?: number | undefined;
  /** Files begun in a second at most, in preparing as in applying; unbounded when left out. */
  readonly ratePerSecond?: number | undefined;
  /** Ends the run when so many files have failed; 10 when left out. */
  readonly maxErrors?: number | undefined;
  /** Ends the run: what is under way is finished, and the change can be resumed. */
  readonly signal?: AbortSignal | undefined;
  onProgress?(progress: Progress): void;
  /** Called with each file when it has its result, and with those that an earlier run gave one. */
  onFile?(file: ChangeFile): void;
}

/** How a new change is run. */
export interface ApplyOptions extends RunOptions {
  /** More files than these are refused before the first write. */
  readonly maxChanges: number;
}

/** How far a run is. No file is touched while it is preparing. */
export interface Progress {
  readonly phase: 'preparing' | 'applying';
  readonly done: number;
  readonly total: number;
}
