import type { GuardedWrite } from '../pipeline/guarded-write.ts';
import type { ResetObstacle } from '../pipeline/retryable.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';

/** Who makes a change. */
export interface Actor {
  /** An ARN wherever there is one. */
  readonly identity: string;
  /** How the identity is known, such as `sts`. */
  readonly source: string;
  /** AWS's own id of these credentials, if STS was asked: `aws:userid` in policies. */
  readonly user_id?: string;
  /** The id of the Lambda invocation, if there was one: CloudTrail shows by it whose credentials these were. */
  readonly request_id?: string;
}

/** The source of an identity that only the machine knows; behind an endpoint of one's own, its name is also the id. */
export const OPERATING_SYSTEM = 'operating system';

/**
 * Where a change is. `preparing`: its audit is being written, and no file has been touched. `applying`: files
 * are being written, or the process that wrote them is gone. `stopped`: it ended early, or some files failed.
 * `done`: every file has its result. `closed`: it was undone or closed before it was done, and cannot be resumed.
 */
export type ChangeState = 'preparing' | 'applying' | 'stopped' | 'done' | 'closed';

/** Why a change ended early; `stage`: too many files of a stage failed, or their outcome is unknown. */
export type StopCause = 'interrupted' | 'errors' | 'stage';

/** How many files have which result. */
export interface ResultCounts {
  readonly applied: number;
  readonly skipped: number;
  readonly failed: number;
}

/** How far a change has come, as last stored: the next run continues from there. */
export interface ChangeProgress {
  /** For how many files of its plan the audit is written. */
  readonly prepared?: number | undefined;
  /** The last file, in the order of their keys, up to which all have their result. */
  readonly after?: RecordKey | undefined;
  /** The results of the files up to that one. */
  readonly counts?: ResultCounts | undefined;
}

/** How a change grows: a few files first, and more only while their outcome is good. */
export interface StageRule {
  /** How many files the first stage has; each later one has ten times as many as the one before. */
  readonly first: number;
  /** The share of a stage's files that may fail must stay below this: 0.05 is 5%. */
  readonly badBelow: number;
  /** What is unknown by then counts as failed. */
  readonly withinMinutes: number;
}

/** The share of a stage that may fail, in percent: 7 for 0.07, where JavaScript computes 7.000000000000001. */
export function maxFailedPercent({ badBelow }: Pick<StageRule, 'badBelow'>): number {
  return Number((badBelow * 100).toFixed(6));
}

/** The outcome of the files that a stage has written. */
export interface StageTally {
  readonly good: number;
  readonly bad: number;
  /** The outcome is not known yet. */
  readonly open: number;
}

/** Some files of a change that are written and judged together. */
export interface Stage {
  /** How many files it has. */
  readonly files: number;
  /** Its files are those after this one; the first when left out. */
  readonly after?: RecordKey | undefined;
  /** When all of them had a result; undefined before that. */
  readonly appliedAt?: string | undefined;
  readonly tally?: StageTally | undefined;
  readonly outcome?: 'passed' | 'failed' | undefined;
  readonly judgedAt?: string | undefined;
}

/** The origin of a change that has cleared locks, which are not put back. */
export const LOCKS_ORIGIN = 'locks';

/** What a change is, without its files. */
export interface Change {
  /** Unique; later changes have greater ids. */
  readonly id: string;
  readonly state: ChangeState;
  readonly actor: Actor;
  readonly reason: string;
  /** The operation or runbook that chose the files. */
  readonly origin: string;
  /** What was done, in words, where no file was changed. */
  readonly about?: string | undefined;
  /** When it was made, `…Z`. */
  readonly createdAt: string;
  readonly table: string;
  /** How many files it is for. */
  readonly files: number;
  /** Of the plan. */
  readonly digest: string;
  /** The change that this one undoes. */
  readonly undoes?: string | undefined;
  /** How far it has come; unknown while it is being applied, or when that was interrupted. */
  readonly counts?: ResultCounts | undefined;
  readonly stopCause?: StopCause | undefined;
  /** How many files are written per second; unknown for a change of an older version. */
  readonly rate?: number | undefined;
  /** The stored plan that it was made from. */
  readonly planId?: string | undefined;
  readonly progress?: ChangeProgress | undefined;
  /** All files are one stage when left out. */
  readonly stageRule?: StageRule | undefined;
  /** Every stage that was begun, in order. */
  readonly stages?: readonly Stage[] | undefined;
  /** Who made its plan, where that is known. */
  readonly plannedBy?: Actor | undefined;
  /** Who approved it before it was begun, where approval was needed. */
  readonly approvedBy?: readonly (Actor & { readonly at: string; readonly reason: string })[] | undefined;
  /** Until when the state machine or a runbook is running it, `…Z`: until then nobody needs to resume it. */
  readonly busyUntil?: string | undefined;
  /** Who resumed it after it had ended early, and when. */
  readonly resumedBy?: readonly Resumption[] | undefined;
  /** Who closed it before it was done, when and why. */
  readonly closedBy?: (Actor & { readonly at: string; readonly reason: string }) | undefined;
}

/** That somebody resumed a change. */
export interface Resumption extends Actor {
  readonly at: string;
  readonly reason?: string | undefined;
}

/** Whether a change may have written any file; one without files is a note, an acknowledgement or the like. Pure. */
export function mayBeUndone({
  state,
  origin,
  files,
  counts,
}: Pick<Change, 'state' | 'origin' | 'files' | 'counts'>): boolean {
  if (state === 'preparing' || files === 0 || origin === LOCKS_ORIGIN) return false;
  return state !== 'done' || counts?.applied !== 0;
}

/**
 * What prevents a change from being resumed: nothing is left to do; it was closed or undone; or it was interrupted while it
 * was being prepared, and only its plan, which is not stored, has the rest. Undefined: nothing does. Pure.
 */
export function obstacleToResuming({
  state,
  undoes,
  planId,
}: Pick<Change, 'state' | 'undoes' | 'planId'>): 'done' | 'closed' | 'plan_needed' | undefined {
  if (state === 'done' || state === 'closed') return state;
  const needsPlan = state === 'preparing' && undoes === undefined && planId === undefined;
  return needsPlan ? 'plan_needed' : undefined;
}

/** The result of one file of a change. */
export type FileResult =
  | {
      readonly kind: 'applied';
      /** When it was written, `…Z`; unknown for a file that gets no time. */
      readonly at?: string | undefined;
    }
  /** It was no longer as planned, and was left as it is. */
  | {
      readonly kind: 'skipped';
      /** What it had changed to; undefined when its record is gone. */
      readonly became?: FoundFile | undefined;
      /** The attributes that were not as planned. */
      readonly differs: readonly string[];
      /** For people, how the first of them changed: `created_at: "2026-11-23…" → "2026-11-24…"`. */
      readonly changes?: readonly string[] | undefined;
      /** Why it was left out although it was as planned: it must not be reset. */
      readonly leftOut?: ResetObstacle | undefined;
    }
  /** The write failed; whether it reached the table is decided when the change is resumed or undone. */
  | {
      readonly kind: 'failed';
      readonly error: string;
      /** DynamoDB will never accept it, such as a record that would be too large: it is not tried again. */
      readonly forGood?: boolean | undefined;
    };

/** A record that was not as planned. */
export interface FoundFile {
  /** Without suffix. */
  readonly status: string;
  readonly updated_at?: string | undefined;
  /** The last change that wrote it. */
  readonly change_id?: string | undefined;
}

/** One file of a change: what it was, what it becomes, and its result. */
export interface ChangeFile extends GuardedWrite {
  /** Why it was chosen. */
  readonly why: string;
  readonly forced: boolean;
  /** The attributes in `after` that get the time of the write. */
  readonly timed?: readonly string[] | undefined;
  /** Undefined until the file is decided. */
  readonly result?: FileResult | undefined;
}

/** The same file, with the time of its write where that is known. Pure. */
export function asWritten(file: ChangeFile): ChangeFile {
  const { after, timed = [], result } = file;
  if (result?.kind !== 'applied' || result.at === undefined || timed.length === 0) return file;
  const time = { S: result.at };
  return { ...file, after: { ...after, ...Object.fromEntries(timed.map((name) => [name, time])) } };
}

/** A failed file is tried again when its change is resumed, unless it failed for good; any other result is final. */
export function isFinal(result: FileResult | undefined): result is FileResult {
  return result !== undefined && (result.kind !== 'failed' || result.forGood === true);
}

/** The form of every change's id. */
export const CHANGE_ID_FORM = /^\d{8}T\d{9}Z-[A-Za-z0-9-]{1,64}$/;

/**
 * An id for a change: its time, so that ids sort in the order of the changes, and a random part, so that no two are
 * alike.
 *
 * @param now milliseconds since the epoch
 * @param random a few letters or digits
 */
export function newChangeId(now: number, random: string): string {
  return `${new Date(now).toISOString().replace(/[-:.]/g, '')}-${random}`;
}
