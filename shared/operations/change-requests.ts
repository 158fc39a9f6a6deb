import { begunText, undoOf, undosOf } from '../changes/begun-change.ts';
import {
  type Change,
  type ChangeFile,
  type ChangeProgress,
  type FileResult,
  type FoundFile,
  maxFailedPercent,
  type Stage,
  type StageRule,
} from '../changes/change.ts';
import { noteBusy } from '../changes/change-table.ts';
import type { RunOptions } from '../changes/context.ts';
import { parseStatus } from '../pipeline/status.ts';
import { plainAttributes, type RawAttributes, type RecordKey } from '../pipeline/tracking-table.ts';
import { plainValues } from '../text/plain-value.ts';
import { isoTime } from '../text/time.ts';
import type { OperationDeps } from './operation.ts';

// A tracking table with on-demand capacity takes a multiple of this besides the pipeline's own writes.
const FILES_PER_SECOND = 200;
const CONCURRENCY = 16;

/** How changes run within one invocation: at the rate at which they began, and stopped before it times out. */
export function runOptions({ signal }: OperationDeps): RunOptions {
  return { concurrency: CONCURRENCY, usualRate: FILES_PER_SECOND, signal };
}

/** The same where the service continues by itself after this invocation. */
export function onwardOptions(deps: OperationDeps): RunOptions {
  return { ...runOptions(deps), isContinued: deps.goOn !== undefined };
}

/** Whether files of a change still have to be written when it is resumed. */
export function isUnderWay({ state }: Pick<Change, 'state'>): boolean {
  return state === 'preparing' || state === 'applying';
}

// The longest an invocation may take, and how long the state machine waits before it retries a failed one.
const LONGEST_INVOCATION_MILLIS = 15 * 60_000;
const RETRY_MILLIS = 5 * 60_000;

/** Until when the state machine runs a change, counted from an invocation that it waits for. */
export function busyUntil({ now, remainingMillis }: OperationDeps, waitSeconds = 0): string {
  const left = Math.min(remainingMillis(), LONGEST_INVOCATION_MILLIS);
  return isoTime(now + left + waitSeconds * 1_000 + RETRY_MILLIS);
}

/** Whether the state machine or a runbook is running a change: a second run would write to the table twice as fast. */
export function isBusy(
  change: Pick<Change, 'state' | 'busyUntil'>,
  { now }: Pick<OperationDeps, 'now'>,
): boolean {
  return isUnderWay(change) && change.busyUntil !== undefined && Date.parse(change.busyUntil) > now;
}

/** Lets the state machine continue a change that has files left. */
export async function handOver(deps: OperationDeps, change: Change): Promise<void> {
  if (!deps.goOn || !isUnderWay(change)) return;
  // Stored once it has begun: a change that nobody continues must not look as if somebody did.
  await deps.goOn(change.id, executionName(change));
  await noteBusy(deps.projection, change.id, busyUntil(deps));
}

/**
 * The name of the execution that continues a change. There is one for each time that somebody asked for it: no
 * execution starts under a name that was used before, even if that one has ended.
 */
function executionName({ id, resumedBy = [] }: Pick<Change, 'id' | 'resumedBy'>): string {
  return resumedBy.length === 0 ? `apply-${id}` : `resume-${resumedBy.length}-${id}`;
}

/** A change by one operation, with its actor; if no reason was given, the reason says so. */
export function changeRequestOf(
  { actor, newId }: OperationDeps,
  operation: string,
  reason: string | undefined,
) {
  return { id: newId(), actor, reason: reason ?? `${operation} without a reason` };
}

/** A change as callers see it. */
export function shownChange(change: Change) {
  const { id, createdAt, stopCause, resumedBy, closedBy, digest: _digest, ...others } = change;
  const {
    planId,
    plannedBy,
    approvedBy,
    busyUntil: _busyUntil,
    progress,
    stageRule,
    stages,
    ...rest
  } = others;
  return {
    change_id: id,
    ...rest,
    created_at: createdAt,
    ...(planId !== undefined && { plan_id: planId }),
    ...(plannedBy && { planned_by: plannedBy }),
    ...(approvedBy && { approved_by: approvedBy }),
    ...(progress && { progress: shownProgress(progress) }),
    ...(stageRule && { stages: shownStages(stageRule, stages) }),
    ...(stopCause && { stop_cause: stopCause }),
    ...(resumedBy && { resumed_by: resumedBy }),
    ...(closedBy && { closed_by: closedBy }),
  };
}

function shownProgress({ prepared, counts }: ChangeProgress) {
  return { ...(prepared !== undefined && { prepared }), ...(counts && { ...counts }) };
}

function shownStages(rule: StageRule, stages: readonly Stage[] = []) {
  const { first, withinMinutes: within_minutes } = rule;
  const shown = stages.map(({ files, appliedAt, tally, outcome, judgedAt }) => ({
    files,
    ...(appliedAt && { applied_at: appliedAt }),
    ...(tally && { became: tally }),
    ...(judgedAt && { judged_at: judgedAt }),
    outcome: outcome ?? (appliedAt ? 'waiting' : 'applying'),
  }));
  return { first, max_failed_percent: maxFailedPercent(rule), within_minutes, begun: shown };
}

export type ShownChange = ReturnType<typeof shownChange>;

/** One file of a change as callers see it: statuses without suffix, values as JSON has them. */
export function shownChangeFile({ key, why, forced, before, after, result }: ChangeFile): ShownChangeFile {
  return {
    ...key,
    result: result?.kind ?? 'planned',
    ...(result?.kind === 'skipped' && shownSkipped(result)),
    ...(result?.kind === 'applied' && result.at !== undefined && { written_at: result.at }),
    ...(result?.kind === 'failed' && { error: result.error }),
    why,
    ...(forced && { forced }),
    before: shownAttributes(before),
    after: shownAttributes(after),
  };
}

function shownSkipped({ became, differs, changes, leftOut }: Extract<FileResult, { kind: 'skipped' }>) {
  const why = leftOut
    ? { code: leftOut.code, left_out: leftOut.sentence }
    : { became: became ?? null, ...(changes && { changes }) };
  return { differs, ...why };
}

/** What callers see of one file of a change. */
export interface ShownChangeFile extends RecordKey {
  readonly result: FileResult['kind'] | 'planned';
  /** What it had become; null when its record was gone. A file that was left out had not changed. */
  readonly became?: FoundFile | null;
  /** The attributes that were not as planned, and how the first of them had changed. */
  readonly differs?: readonly string[];
  readonly changes?: readonly string[];
  /** The code of what it was left out for, and the sentence about it. */
  readonly code?: string;
  readonly left_out?: string;
  readonly written_at?: string;
  readonly error?: string;
  readonly why: string;
  readonly forced?: boolean;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** What a file that was skipped is now, and what had changed; and the error of one that failed. */
export function detailOf({ result, error, left_out, became, changes = [] }: ShownChangeFile): string {
  if (error !== undefined) return error;
  if (result !== 'skipped') return '';
  if (left_out !== undefined) return `left out: ${left_out}`;
  return became ? [`is ${became.status} now`, ...changes].join('; ') : 'its record is gone';
}

/** How a change ended, and how to resume one that ended early. */
export function shownEnding(change: Change, deps?: Pick<OperationDeps, 'goOn' | 'now'>) {
  const { id, state, stopCause, stages = [] } = change;
  const ending = { change_id: id, state };
  if (state === 'done') return ending;
  if (state === 'closed') {
    const hint = 'It was undone or closed meanwhile, and cannot be resumed: get_change shows what it wrote.';
    return { ...ending, hint };
  }
  if (deps && isUnderWay(change) && (deps.goOn || isBusy(change, deps)))
    return { ...ending, hint: 'It continues by itself: get_change shows its progress.' };
  if (stopCause === 'stage') {
    const { good = 0, bad = 0, open = 0 } = stages.at(-1)?.tally ?? {};
    return {
      ...ending,
      stop_cause: stopCause,
      hint: `In the last stage ${good} files succeeded, ${bad} failed, and ${open} are unknown: undo the change, or find out why. resume_change checks the stage again, and continues only if it has passed.`,
    };
  }
  const hint =
    state === 'preparing'
      ? 'It was interrupted before any file was changed: send the request again; close_change closes this one.'
      : `Send {"operation": "resume_change", "change_id": "${id}"} to resume it, or undo it; close_change closes it as it is.`;
  return { ...ending, ...(stopCause && { stop_cause: stopCause }), hint };
}

/** Says of a change that was done before it was asked for again that nothing was written now. */
export async function shownRepeat(deps: Pick<OperationDeps, 'projection'>, begun: Change | undefined) {
  if (begun?.state !== 'done') return {};
  return { hint: `${begunText(begun, await undoOf(deps, begun))} Nothing was written now.` };
}

/** How many changes are looked through for the undo of one that is shown. */
export const MOST_LOOKED_THROUGH = 2_000;

/** Which of some changes were undone, by their ids; not complete if too many changes came later. */
export async function readUndos(
  deps: Pick<OperationDeps, 'projection'>,
  changes: readonly Pick<ShownChange, 'change_id'>[],
) {
  const ids = changes.map(({ change_id }) => change_id);
  const { byUndone, isComplete } = await undosOf(deps, ids, MOST_LOOKED_THROUGH);
  return { undos: new Map([...byUndone].map(([id, undo]) => [id, shownChange(undo)])), isComplete };
}

/** Attributes as JSON has them; numbers to the last digit, as text where JavaScript would round them. */
export function shownAttributes(attributes: RawAttributes): Record<string, unknown> {
  const plain = plainValues(plainAttributes(attributes));
  if ('status' in plain) plain.status = parseStatus(plain.status).status;
  return plain;
}
