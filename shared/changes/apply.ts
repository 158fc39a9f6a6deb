import { readRawRecord } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import type { Actor, Change } from './change.ts';
import { requireChange } from './change-table.ts';
import type { ApplyOptions, ChangeContext, Order, RunOptions } from './context.ts';
import { decideFile } from './decide.ts';
import { resumePrepared, runChange } from './engine.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { refuseOtherTable, refuseTooMany } from './plan-checks.ts';
import { ChangeRefused } from './refused.ts';
import { undoSource } from './undo.ts';

/**
 * Applies a plan as one change. Given the id of a change that was cut off, and its plan, it goes on with it:
 * files that have a result keep it, and none is written twice.
 *
 * @returns the change as it ended
 * @throws ChangeRefused before anything is written, when the plan is empty, too large or for another table
 */
export async function applyPlan(
  context: ChangeContext,
  plan: Plan,
  order: Order,
  options: ApplyOptions,
): Promise<Change> {
  const { tracking, now } = context;
  refuseOtherTable(plan.header, { table: tracking.name });
  if (plan.files === 0) throw emptySelection();
  refuseTooMany(plan.files, options.maxChanges);
  const draft: Change = {
    ...order,
    state: 'preparing',
    origin: plan.header.origin,
    createdAt: isoTime(now),
    table: tracking.name,
    files: plan.files,
    digest: plan.digest,
  };
  const source = {
    items: () => plan.entries(),
    decide: async (entry: PlanEntry, change: Change) =>
      decideFile(entry, await readRawRecord(tracking, entry), change),
  };
  return runChange(context, draft, source, options);
}

function emptySelection(): ChangeRefused {
  return new ChangeRefused(
    'EMPTY_SELECTION',
    'No file was selected, so there is nothing to change.',
    'Say which files are meant; there is no way to mean all of them.',
  );
}

/**
 * Goes on with a change that was cut off, from its audit: no plan is needed once all files were prepared.
 *
 * @returns the change as it ended; at once when it is done
 * @throws ChangeRefused when there is no such change, it was closed, or it was cut off before its audit was
 *   complete and only its plan can tell the rest
 */
export async function resumeChange(
  context: ChangeContext,
  id: string,
  actor: Actor,
  options: RunOptions,
): Promise<Change> {
  const change = await requireChange(context, id);
  if (change.state !== 'preparing') return resumePrepared(context, change, actor, options);
  if (change.undoes === undefined) throw planNeeded(change);
  return runChange(context, { ...change, actor }, undoSource(context, change.undoes), options);
}

function planNeeded({ id }: Change): ChangeRefused {
  return new ChangeRefused(
    'PLAN_NEEDED',
    `The change ${id} was cut off while it was prepared: no file was touched.`,
    'Apply its plan again with this id, or plan anew.',
  );
}
