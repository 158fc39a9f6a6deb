import * as z from 'zod';
import { howToApprove, whyApproval } from '../changes/approval.ts';
import { listApprovals } from '../changes/approval-table.ts';
import type { StoredPlan } from '../changes/plan-table.ts';
import type { OperationDeps } from './operation.ts';

/** The pace of a plan or a change. */
export const rate = z
  .int()
  .min(1)
  .max(1_000)
  .default(200)
  .describe('how many files per second at most: the pipeline writes to the same table');

/** The hint for a plan that is still searching for files. */
export const GOES_ON = 'It is still searching for files: call get_plan.';

/** The request that continues a plan or a change. */
export function continuing(id: string): string {
  return `{"operation": "continue_change", "change_id": "${id}"}`;
}

/** What a plan is shown with. */
type PlanView = Pick<OperationDeps, 'projection' | 'approval' | 'goOn'>;

/**
 * A plan as callers see it.
 *
 * @param planningHint what to do while it is still searching for files
 */
export async function shownPlan(
  plan: StoredPlan,
  { projection, approval: rule }: Pick<PlanView, 'projection' | 'approval'>,
  planningHint: string,
) {
  const { id, state, header, actor, files, digest, tally, parts } = plan;
  const { samples, groups, leftOut, refused, unchanged, ageUnknown, forced } = tally;
  return {
    plan_id: id,
    state,
    count: files,
    digest: state === 'planned' ? digest : null,
    groups: groups.map(({ date_prefix, from, to, files: count }) => ({
      date_prefix: date_prefix || null,
      from: from || null,
      to: to || null,
      count,
    })),
    samples,
    left_out: leftOut,
    ...(Object.keys(refused).length > 0 && { refused }),
    ...(unchanged > 0 && { unchanged }),
    // Where a plan was made in several runs, some may be counted twice.
    ...(ageUnknown > 0 && { age_unknown: ageUnknown }),
    ...(forced > 0 && { forced }),
    actor,
    created_at: header.created_at,
    kept_in: { table: projection.name, partition: `PLAN#${id}`, parts },
    ...(state === 'planned' && (await shownApproval(plan, projection, rule))),
    hint: state === 'planning' ? planningHint : hintOf(plan, rule),
  };
}

/** Why it needs approval, and who has approved it so far; nothing where it needs none. */
async function shownApproval(
  { files, digest, tally }: StoredPlan,
  projection: PlanView['projection'],
  rule: PlanView['approval'],
) {
  const why = whyApproval(rule, { files, forced: tally.forced });
  if (!rule || why === undefined) return {};
  const given = await listApprovals(projection, digest);
  const approved_by = given.map(({ approver, at, reason }) => ({ ...approver, at, reason }));
  return { approval: { needed_since: why, policy: rule.policy, approved_by } };
}

function hintOf({ id, digest, files, tally }: StoredPlan, rule: PlanView['approval']): string {
  if (files === 0) return 'No file was found that can be changed.';
  const apply = `{"operation": "apply_plan", "plan_id": "${id}", "digest": "${digest}", "reason": "…"}`;
  const why = whyApproval(rule, { files, forced: tally.forced });
  if (!rule || why === undefined) return `Send ${apply} to apply it.`;
  return `It needs approval first, since ${why}; then send ${apply}. ${howToApprove(rule, [id])}`;
}
