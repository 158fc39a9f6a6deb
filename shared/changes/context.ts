import type { Deps } from '../aws/deps.ts';
import type { Pace } from '../flow/pace.ts';
import type { ApprovalRule } from './approval-rule.ts';
import type { Actor, ChangeFile, Stage, StageRule } from './change.ts';

/** What changes work on; the buckets are read only for files that are reset. */
export interface ChangeDeps
  extends Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'clock' | 'sleep'> {
  /** Which changes need approval by somebody else; undefined where none does. */
  readonly approval: ApprovalRule | undefined;
}

/** Who wants a change and why, and its id: the id of an existing change means to resume that change. */
export interface ChangeRequest {
  readonly id: string;
  readonly actor: Actor;
  readonly reason: string;
}

/** How a change is run; the pace holds for preparing as well as for applying. */
export interface RunOptions extends Pace {
  /** The most files written per second; left out, as in its last run. */
  readonly ratePerSecond?: number | undefined;
  /** The same for a new change, and for one that does not say how it began. */
  readonly usualRate?: number | undefined;
  /** Ends the run when this many files have failed; 10 when left out. */
  readonly maxErrors?: number | undefined;
  /** Ends the run: work in progress is finished, and the change can be resumed. */
  readonly signal?: AbortSignal | undefined;
  onProgress?(progress: Progress): void;
  /** Called when the run has to wait for so many seconds before it may begin. */
  onWait?(seconds: number): void;
  /**
   * How to wait for the outcome of a stage. Left out, the run checks once, and continues if the outcome is known;
   * otherwise it leaves the change to the next run.
   */
  readonly waiting?: StageWaiting | undefined;
  /** Whether another run follows by itself: then an unfinished change keeps its state. */
  readonly isContinued?: boolean | undefined;
  /** Whether this run follows another by itself: nobody asked for it, so it is not recorded as a resumption. */
  readonly isFollowing?: boolean | undefined;
  /** Why it is resumed, where somebody said so. */
  readonly resumedFor?: string | undefined;
  /** Called with each file when it has its result, and with those that have one from an earlier run. */
  onFile?(file: ChangeFile): void;
}

/** Waiting for the outcome of a stage, in this same run. */
export interface StageWaiting {
  /** Milliseconds since the epoch. */
  clock(): number;
  /** Called with each stage when its files are written, and when it is judged. */
  onStage(stage: Stage, number: number): void;
}

/** How a new change is run. */
export interface ApplyOptions extends RunOptions {
  /** A plan with more files is refused before the first write. */
  readonly maxChanges: number;
  /** Whether the plan was made some time ago: then files whose version cannot be told are left out. */
  readonly isKept?: boolean | undefined;
  /** Grows step by step, where given. */
  readonly stageRule?: StageRule | undefined;
  /** The stored plan, where it is one, and who made it. */
  readonly planId?: string | undefined;
  readonly plannedBy?: Actor | undefined;
  /** What names the plan to a command, from `planWords`, where it was saved. */
  readonly planWords?: readonly string[] | undefined;
}

/** How far a run is. No file is touched while it is preparing. */
export interface Progress {
  readonly phase: 'preparing' | 'applying';
  readonly done: number;
  readonly total: number;
}
