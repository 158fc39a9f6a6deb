import { readyPlan } from '../changes/apply.ts';
import { howToApprove, whyApproval } from '../changes/approval.ts';
import { begunChange, begunText, undoOf } from '../changes/begun-change.ts';
import { CHANGE_ID_FORM } from '../changes/change.ts';
import { type Plan, readPlanTarget } from '../changes/plan.ts';
import { ageInHours, checkHeader } from '../changes/plan-checks.ts';
import { planOfParts, type StoredPlan } from '../changes/plan-table.ts';
import { readPlan } from '../changes/saved-plan.ts';
import { visibleText } from '../text/visible-text.ts';
import type { RunContext } from './command.ts';
import { planReader } from './plan-file.ts';

/** A saved or stored plan. */
export interface KeptPlan extends Plan {
  /** How old it is. */
  readonly ageHours: number;
  /** Set where `plan_change` made it: what is stored about it. */
  readonly stored?: StoredPlan;
}

/**
 * Opens a plan as a flag names it: by an id from `plan_change`, as a file, or as `s3://BUCKET/KEY`.
 *
 * @throws Refused when there is none, or it is for another table, damaged, incomplete or too old
 */
export async function openPlan(
  { deps, now }: Pick<RunContext, 'deps' | 'now'>,
  name: string,
  maxAgeHours: number,
): Promise<KeptPlan> {
  const target = await readPlanTarget(deps.tracking);
  if (!CHANGE_ID_FORM.test(name))
    return readPlan(planReader(name, deps.storage.s3), { target, now, maxAgeHours });
  const stored = await readyPlan(deps, name);
  checkHeader(stored.header, { target, now, maxAgeHours });
  return { ...planOfParts(deps.projection, stored), ageHours: ageInHours(stored.header, now), stored };
}

/**
 * Says that a plan needs approval before it is applied, and how to get it; nothing where it needs none.
 *
 * @param words from `planWords`; undefined where it was not saved
 */
export function noteApproval(
  { deps, note }: Pick<RunContext, 'deps' | 'note'>,
  plan: Pick<Plan, 'files' | 'forced'>,
  words: readonly string[] | undefined,
): void {
  const why = whyApproval(deps.approval, plan);
  if (deps.approval && why !== undefined)
    note(`It needs approval first, since ${why}. ${howToApprove(deps.approval, words)}`);
}

/**
 * Says of a stored plan that was applied and is not to be resumed what became of it.
 *
 * @returns whether it is such a plan: applying it again would write nothing
 */
export async function noteOver(
  { deps, note, commandLine }: Pick<RunContext, 'deps' | 'note' | 'commandLine'>,
  { stored }: Pick<KeptPlan, 'stored'>,
): Promise<boolean> {
  const begun = stored && (await begunChange(deps, stored));
  if (begun?.state !== 'done' && begun?.state !== 'closed') return false;
  const text = visibleText(begunText(begun, await undoOf(deps, begun)));
  note(`${text} Nothing was written now. To see it: ${commandLine('changes', [begun.id])}`);
  return true;
}
