import type { Deps } from '../aws/deps.ts';
import type { Pace } from '../flow/pace.ts';
import type { ApprovalRule } from './approval-rule.ts';
import type { Actor, ChangeFile, Stage, StageRule } from './change.ts';

/** What changes work on; the buckets are looked at only for files that are put back to pending. */
export interface ChangeDeps
  extends Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'sleep'> {
  /** Which changes need an approval by somebody else; undefined where none does. */
  readonly approval: ApprovalRule | undefined;
}

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
  /**
   * How to wait for what becomes of a stage. Left out, the run looks once, and goes on where it is known; else it leaves
   * the change for the next run.
   */
  readonly waiting?: StageWaiting | undefined;
  /** Whether another run follows by itself: then a change that was not finished stays under way. */
  readonly isContinued?: boolean | undefined;
  /** Whether this run follows another by itself: nobody asked for it, and it is noted as no resumption. */
  readonly isFollowing?: boolean | undefined;
  /** Called with each file when it has its result, and with those that an earlier run gave one. */
  onFile?(file: ChangeFile): void;
}

/** Waiting for what becomes of a stage, in this very run. */
export interface StageWaiting {
  /** Milliseconds since the epoch. */
  clock(): number;
  /** Called with each stage when its files are written, and when it is judged. */
  onStage(stage: Stage, number: number): void;
}

/** How a new change is run. */
export interface ApplyOptions extends RunOptions {
  /** More files than these are refused before the first write. */
  readonly maxChanges: number;
  /** Whether the plan was kept since it was made: then files of which no version can be told are left out. */
  readonly isKept?: boolean | undefined;
  /** Grows step by step, where given. */
  readonly stageRule?: StageRule | undefined;
  /** The stored plan, where it is one, and who made it. */
  readonly planId?: string | undefined;
  readonly plannedBy?: Actor | undefined;
  /** What names the plan to a command, as `planWords` has it, where it is kept. */
  readonly planWords?: readonly string[] | undefined;
}

/** How far a run is. No file is touched while it is preparing. */
export interface Progress {
  readonly phase: 'preparing' | 'applying';
  readonly done: number;
  readonly total: number;
}
