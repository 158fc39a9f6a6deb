import { readRawRecord } from '../files/raw-record.ts';
import { isoTime } from '../files/time.ts';
import type { Change } from './change.ts';
import type { ApplyOptions, ChangeContext, Order } from './context.ts';
import { decideFile } from './decide.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { refuseOtherTable } from './plan-checks.ts';
import { ChangeRefused } from './refused.ts';
import { runChange } from './run.ts';

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

/** @throws ChangeRefused when there are more files than were allowed for */
export function refuseTooMany(files: number, maxChanges: number): void {
  if (files <= maxChanges) return;
  throw new ChangeRefused(
    'TOO_MANY_CHANGES',
    `It would change ${files} files; allowed are ${maxChanges}.`,
    'Select fewer files; or allow for more with --max-changes (max_changes), when all of these are meant.',
  );
}
