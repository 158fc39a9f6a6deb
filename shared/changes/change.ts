import type { GuardedWrite } from '../pipeline/guarded-write.ts';
import type { ResetObstacle } from '../pipeline/retryable.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';

/** Who makes a change. */
export interface Actor {
  /** An ARN wherever there is one. */
  readonly identity: string;
  /** How the identity is known, such as `sts`. */
  readonly source: string;
  /** AWS's own id of these credentials, where it was asked: what policies know as `aws:userid`. */
  readonly user_id?: string;
  /** Of the invocation, where Lambda was asked: CloudTrail can tell by it whose credentials these were. */
  readonly request_id?: string;
}

/** The source of an identity that only the machine tells; behind an endpoint of one's own its name is the id, too. */
export const OPERATING_SYSTEM = 'operating system';

/**
 * Where a change is. `preparing`: its audit is being written, and no file has been touched. `applying`: files
 * are being written, or the process that did so is gone. `stopped`: it ended early, or some files failed.
 * `done`: every file has its result. `closed`: it was undone or closed before it was done, and cannot go on.
 */
export type ChangeState = 'preparing' | 'applying' | 'stopped' | 'done' | 'closed';

/** Why a change ended early; `stage`: too many files of a stage failed, or it is unknown what became of them. */
export type StopCause = 'interrupted' | 'errors' | 'stage';

/** How many files have which result. */
export interface ResultCounts {
  readonly applied: number;
  readonly skipped: number;
  readonly failed: number;
}

/** How far a change came, as it was last noted: the next run goes on from there. */
export interface ChangeProgress {
  /** Of how many files of its plan the audit is written. */
  readonly prepared?: number | undefined;
  /** The last file, in the order of their keys, up to which all have their result. */
  readonly after?: RecordKey | undefined;
  /** What became of the files up to that one. */
  readonly counts?: ResultCounts | undefined;
}

/** How a change grows: a few files first, and more only while what became of them is good. */
export interface StageRule {
  /** How many files the first stage has; each later one has ten times as many as the one before. */
  readonly first: number;
  /** Of the files of a stage, fewer than this share may fail: 0.05 is 5%. */
  readonly badBelow: number;
  /** What is not known by then counts as failed. */
  readonly withinMinutes: number;
}

/** What became of the files that a stage has written. */
export interface StageTally {
  readonly good: number;
  readonly bad: number;
  /** It is not known yet. */
  readonly open: number;
}

/** Some files of a change that are written and judged together. */
export interface Stage {
  /** How many files it has. */
  readonly files: number;
  /** Its files are those after this one; the first when left out. */
  readonly after?: RecordKey | undefined;
  /** When all of them had their result; undefined before that. */
  readonly appliedAt?: string | undefined;
  readonly tally?: StageTally | undefined;
  readonly outcome?: 'passed' | 'failed' | undefined;
  readonly judgedAt?: string | undefined;
}

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
  /** When it was made, `…Z`: also the time that the records get, whenever each of them is written. */
  readonly createdAt: string;
  readonly table: string;
  /** How many files it is for. */
  readonly files: number;
  /** Of the plan. */
  readonly digest: string;
  /** The change that this one undoes. */
  readonly undoes?: string | undefined;
  /** How far it came; unknown while it is being applied, or when that was cut off. */
  readonly counts?: ResultCounts | undefined;
  readonly stopCause?: StopCause | undefined;
  /** Of the files that it is written with in a second, where its plan says so. */
  readonly rate?: number | undefined;
  /** The stored plan that it was made from. */
  readonly planId?: string | undefined;
  readonly progress?: ChangeProgress | undefined;
  /** All files are one stage when left out. */
  readonly stageRule?: StageRule | undefined;
  /** Every stage that was begun, in their order. */
  readonly stages?: readonly Stage[] | undefined;
  /** Who made its plan, where that was kept. */
  readonly plannedBy?: Actor | undefined;
  /** Who approved it before it was begun, where it needed that. */
  readonly approvedBy?: readonly (Actor & { readonly at: string; readonly reason: string })[] | undefined;
  /** Until when the state machine, or a runbook, is at it at least, `…Z`: before that nobody else needs to. */
  readonly busyUntil?: string | undefined;
  /** Who went on with it after it had ended early, and when. */
  readonly resumedBy?: readonly (Actor & { readonly at: string })[] | undefined;
  /** Who ended it although it was not done, when and why. */
  readonly closedBy?: (Actor & { readonly at: string; readonly reason: string }) | undefined;
}

/** What became of one file of a change. */
export type FileResult =
  | { readonly kind: 'applied' }
  /** It was not as planned any more, and was left as it is. */
  | {
      readonly kind: 'skipped';
      /** What it had become; undefined when its record is gone. */
      readonly became?: FoundFile | undefined;
      /** The attributes that were not as planned. */
      readonly differs: readonly string[];
      /** For people, what became of the first of them: `created_at: "2026-11-23…" → "2026-11-24…"`. */
      readonly changes?: readonly string[] | undefined;
      /** Why it was left out although it was as planned: it must not be put back to pending. */
      readonly leftOut?: ResetObstacle | undefined;
    }
  /** The write failed; whether it reached the table is decided when the change is resumed or undone. */
  | {
      readonly kind: 'failed';
      readonly error: string;
      /** DynamoDB will never take it, such as a record that would be too large: it is not tried again. */
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

/** One file of a change: what it was, what it becomes, and what came of it. */
export interface ChangeFile extends GuardedWrite {
  /** Why it was chosen. */
  readonly why: string;
  readonly forced: boolean;
  /** Undefined until the file is decided. */
  readonly result?: FileResult | undefined;
}

/** A failed file is tried again when its change is resumed, unless it failed for good; any other result is final. */
export function isFinal(result: FileResult | undefined): result is FileResult {
  return result !== undefined && (result.kind !== 'failed' || result.forGood === true);
}

/** The form of every change's id. */
export const CHANGE_ID_FORM = /^\d{8}T\d{9}Z-[A-Za-z0-9-]{1,64}$/;

/**
 * An id for a change: its time, so that ids sort as the changes were made, and a random part, so that no two
 * are alike.
 *
 * @param now milliseconds since the epoch
 * @param random a few letters or digits
 */
export function newChangeId(now: number, random: string): string {
  return `${new Date(now).toISOString().replace(/[-:.]/g, '')}-${random}`;
}
