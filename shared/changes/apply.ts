import { readRawRecord } from '../pipeline/tracking-table.ts';
import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import { requireApproval, whyApproval } from './approval.ts';
import type { Actor, Change } from './change.ts';
import { readChange, requireChange } from './change-table.ts';
import { completionReader } from './completion.ts';
import type { ApplyOptions, ChangeDeps, ChangeRequest, RunOptions } from './context.ts';
import { decideFile, decideKept } from './decide.ts';
import { resumePrepared, runChange, type Source } from './engine.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { checkHeader, refuseOtherTable, refuseTooMany } from './plan-checks.ts';
import { planOfParts, requirePlan, type StoredPlan } from './plan-table.ts';
import { planWords } from './plan-words.ts';
import { undoSource } from './undo.ts';

/**
 * Applies a plan as one change. Given the id of an interrupted change, and its plan, it resumes it:
 * files that have a result keep it, and none is written twice.
 *
 * @returns the change as it ended
 * @throws Refused before anything is written, when the plan is empty, too large or for another table
 */
export async function applyPlan(
  deps: ChangeDeps,
  plan: Plan,
  request: ChangeRequest,
  options: ApplyOptions,
): Promise<Change> {
  const { tracking, now } = deps;
  refuseOtherTable(plan.header, { table: tracking.name });
  if (plan.files === 0) throw emptySelection();
  refuseTooMany(plan.files, options.maxChanges);
  const approvedBy = await approvedFor(deps, plan, request, options);
  const draft: Change = {
    ...request,
    state: 'preparing',
    origin: plan.header.origin,
    createdAt: isoTime(now),
    table: tracking.name,
    files: plan.files,
    digest: plan.digest,
    ...(options.planId !== undefined && { planId: options.planId }),
    ...(options.plannedBy && { plannedBy: options.plannedBy }),
    ...(approvedBy.length > 0 && { approvedBy }),
    ...(options.stageRule && { stageRule: options.stageRule }),
  };
  const source = planSource(deps, plan, options.isKept ? decideKept : decideFile);
  return runChange(deps, draft, source, options);
}

/** Who approved a plan that needs approval. A change that was begun was approved then. */
async function approvedFor(
  deps: ChangeDeps,
  plan: Plan,
  { id, actor }: ChangeRequest,
  { plannedBy, planWords: words }: ApplyOptions,
): Promise<NonNullable<Change['approvedBy']>> {
  if (whyApproval(deps.approval, plan) === undefined) return [];
  const begun = await readChange(deps.projection, id);
  if (begun?.digest === plan.digest) return begun.approvedBy ?? [];
  const request = { planner: plannedBy, applier: actor, planWords: words };
  const approvals = await requireApproval(deps, plan, request);
  return approvals.map(({ approver, at, reason }) => ({ ...approver, at, reason }));
}

/** The files of a plan, each decided from its record as it is now. */
function planSource({ tracking }: ChangeDeps, plan: Plan, decideEntry: typeof decideFile): Source<PlanEntry> {
  const readCompletion = completionReader(tracking);
  return {
    items: (from) => plan.entries(from),
    decide: async (entry, change) => {
      const record = await readRawRecord(tracking, entry);
      return decideEntry(entry, record, change, await readCompletion(entry, record));
    },
  };
}

function emptySelection(): Refused {
  return new Refused(
    'EMPTY_SELECTION',
    'No file was selected, so there is nothing to change.',
    'Say which files to change; there is no way to select all of them.',
  );
}

/**
 * Applies a stored plan, once: called again, it resumes the change that it began.
 *
 * @param digest that of the plan that was reviewed
 * @throws Refused when there is no such plan, it has another digest, is not complete, or is too old
 */
export async function applyStoredPlan(
  deps: ChangeDeps,
  { planId, digest, maxAgeHours }: PlanChoice,
  request: Pick<ChangeRequest, 'actor' | 'reason'>,
  options: RunOptions & Pick<ApplyOptions, 'stageRule' | 'planWords'>,
): Promise<Change> {
  const { tracking, projection, now } = deps;
  const stored = await readyPlan(deps, planId);
  if (stored.digest !== digest) throw otherDigest(stored, digest);
  checkHeader(stored.header, { target: { table: tracking.name }, now, maxAgeHours });
  const plan = planOfParts(projection, stored);
  const words = options.planWords ?? planWords(planId, { stageRule: options.stageRule, maxAgeHours });
  const kept = { planId, planWords: words, plannedBy: stored.actor, isKept: true };
  const applying = { ...options, ...kept, maxChanges: stored.files };
  return applyPlan(deps, plan, { ...request, id: planId }, applying);
}

/** A stored plan that is complete. @throws Refused when it is not */
export async function readyPlan(
  { projection }: Pick<ChangeDeps, 'projection'>,
  planId: string,
): Promise<StoredPlan> {
  const stored = await requirePlan(projection, planId);
  if (stored.state === 'planning') throw notReady(planId);
  return stored;
}

/** Which plan is meant, and that it is the one that was reviewed. */
export interface PlanChoice {
  readonly planId: string;
  readonly digest: string;
  readonly maxAgeHours?: number | undefined;
}

function notReady(id: string): Refused {
  return new Refused(
    'PLAN_NOT_READY',
    `The plan ${id} is not complete: it is still searching for files.`,
    'Call get_plan until its state is "planned"; continue_change continues it.',
  );
}

function otherDigest({ id, digest }: Pick<Plan, 'digest'> & { readonly id: string }, given: string): Refused {
  return new Refused(
    'OTHER_PLAN',
    `The plan ${id} has the digest ${digest}, received: ${given}. Nothing was written.`,
    'Review the plan with get_plan, and apply it with its present digest.',
  );
}

/**
 * Resumes an interrupted change from its audit: the plan is needed only if not all files were prepared, and where it is
 * stored, it is found.
 *
 * @returns the change as it ended; at once when it is done
 * @throws Refused when there is no such change, it was closed, or it was interrupted before its audit was complete, so
 *   that only its plan has the rest
 */
export async function resumeChange(
  deps: ChangeDeps,
  id: string,
  actor: Actor,
  options: RunOptions,
): Promise<Change> {
  const change = await requireChange(deps, id);
  if (change.state !== 'preparing') return resumePrepared(deps, change, actor, options);
  if (change.undoes !== undefined)
    return runChange(deps, { ...change, actor }, undoSource(deps, change.undoes), options);
  if (change.planId === undefined) throw planNeeded(change);
  const plan = planOfParts(deps.projection, await requirePlan(deps.projection, change.planId));
  if (plan.digest !== change.digest) throw otherDigest({ id, digest: plan.digest }, change.digest);
  return runChange(deps, { ...change, actor }, planSource(deps, plan, decideKept), options);
}

function planNeeded({ id }: Change): Refused {
  return new Refused(
    'PLAN_NEEDED',
    `The change ${id} was interrupted during preparation: no file was changed.`,
    'Apply its plan again with this id; or close it, and make a new plan.',
  );
}
