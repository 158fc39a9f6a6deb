import { readRawRecord } from '../pipeline/tracking-table.ts';
import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import type { Actor, Change } from './change.ts';
import { requireChange } from './change-table.ts';
import { completionReader } from './completion.ts';
import type { ApplyOptions, ChangeDeps, ChangeRequest, RunOptions } from './context.ts';
import { decideFile, decideKept } from './decide.ts';
import { resumePrepared, runChange } from './engine.ts';
import type { Plan, PlanEntry } from './plan.ts';
import { refuseOtherTable, refuseTooMany } from './plan-checks.ts';
import { undoSource } from './undo.ts';

/**
 * Applies a plan as one change. Given the id of a change that was cut off, and its plan, it goes on with it:
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
  const draft: Change = {
    ...request,
    state: 'preparing',
    origin: plan.header.origin,
    createdAt: isoTime(now),
    table: tracking.name,
    files: plan.files,
    digest: plan.digest,
  };
  const decideEntry = options.isKept ? decideKept : decideFile;
  const readCompletion = completionReader(tracking);
  const source = {
    items: () => plan.entries(),
    decide: async (entry: PlanEntry, change: Change) => {
      const record = await readRawRecord(tracking, entry);
      return decideEntry(entry, record, change, await readCompletion(entry, record));
    },
  };
  return runChange(deps, draft, source, options);
}

function emptySelection(): Refused {
  return new Refused(
    'EMPTY_SELECTION',
    'No file was selected, so there is nothing to change.',
    'Say which files are meant; there is no way to mean all of them.',
  );
}

/**
 * Goes on with a change that was cut off, from its audit: no plan is needed once all files were prepared.
 *
 * @returns the change as it ended; at once when it is done
 * @throws Refused when there is no such change, it was closed, or it was cut off before its audit was
 *   complete and only its plan can tell the rest
 */
export async function resumeChange(
  deps: ChangeDeps,
  id: string,
  actor: Actor,
  options: RunOptions,
): Promise<Change> {
  const change = await requireChange(deps, id);
  if (change.state !== 'preparing') return resumePrepared(deps, change, actor, options);
  if (change.undoes === undefined) throw planNeeded(change);
  return runChange(deps, { ...change, actor }, undoSource(deps, change.undoes), options);
}

function planNeeded({ id }: Change): Refused {
  return new Refused(
    'PLAN_NEEDED',
    `The change ${id} was cut off while it was prepared: no file was touched.`,
    'Apply its plan again with this id; or close it, and make a new plan.',
  );
}
