import * as z from 'zod';
import type { StoredPlan } from '../changes/plan-table.ts';
import type { OperationDeps } from './operation.ts';

/** How fast a plan or a change goes. */
export const rate = z
  .int()
  .min(1)
  .max(1_000)
  .default(200)
  .describe('how many files in a second, at most: the pipeline writes to the same table');

/** A plan as callers see it. */
export function shownPlan(
  { id, state, header, actor, files, digest, tally, parts }: StoredPlan,
  { projection, goOn }: Pick<OperationDeps, 'projection' | 'goOn'>,
) {
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
    hint: hintOf(id, state, digest, files, goOn !== undefined),
  };
}

function hintOf(id: string, state: string, digest: string, files: number, goesOn: boolean): string {
  if (state === 'planning' && goesOn) return `Its files are still being looked for: ask get_plan.`;
  if (state === 'planning')
    return `Send {"operation": "continue_change", "change_id": "${id}"} to go on with it.`;
  if (files === 0) return 'No file was found that can be changed.';
  return `Send {"operation": "apply_plan", "plan_id": "${id}", "digest": "${digest}", "reason": "…"} to apply it.`;
}
