import type { Deps } from '../aws/deps.ts';
import type { Pace } from '../flow/pace.ts';
import type { Actor, ChangeFile } from './change.ts';

/** What changes work on; the buckets are looked at only for files that are put back to pending. */
export type ChangeDeps = Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'sleep'>;

/** Who wants a change and why, and its id: one that is taken means to go on with the change that has it. */
export interface ChangeRequest {
  readonly id: string;
  readonly actor: Actor;
  readonly reason: string;
}

/** How a change is run; the pace is that of preparing as of applying. */
export interface RunOptions extends Pace {
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
  /** Whether the plan was kept since it was made: then files of which no version can be told are left out. */
  readonly isKept?: boolean | undefined;
}

/** How far a run is. No file is touched while it is preparing. */
export interface Progress {
  readonly phase: 'preparing' | 'applying';
  readonly done: number;
  readonly total: number;
}
