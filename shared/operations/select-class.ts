import * as z from 'zod';
import type { PlanEntry } from '../changes/plan.ts';
import type { LeftOut } from '../changes/plan-entry.ts';
import { selectFiles } from '../changes/selection.ts';
import { FAILURE_STATUSES } from '../pipeline/record-failure.ts';
import { incompleteListing } from '../pipeline/status-index.ts';
import { readCounters } from '../projection/counter-items.ts';
import { Refused } from '../text/refused.ts';
import { dateRange, failureClassId, fileChange, MOST_CHANGES, MOST_LISTED, maxChanges } from './inputs.ts';
import type { OperationDeps } from './operation.ts';
import { type LeftOuts, type ShownLeftOut, shownLeftOut } from './resets.ts';

/** Selects the files of a class, and gives their new status. */
export const classSelection = z.strictObject({
  class: failureClassId,
  status: z
    .enum(FAILURE_STATUSES)
    .default('failed')
    .describe('failed or quarantined; from quarantined only with force'),
  date_range: dateRange.optional(),
  new_status: fileChange.shape.new_status,
  force: fileChange.shape.force,
  max_changes: maxChanges,
});

type ClassSelection = z.output<typeof classSelection>;

/** The files of a class that a change is planned for. */
export interface SelectedClass {
  readonly entries: readonly PlanEntry[];
  readonly leftOut: LeftOuts;
  /** Why files are missing. */
  readonly incomplete?: string;
}

/**
 * Checks every file of a class, one by one, and plans for it.
 *
 * @throws Refused if there are more than allowed, or time is up before all were checked: nothing is written then
 */
export async function selectClass(
  deps: OperationDeps,
  { class: failureClass, status, date_range: range, new_status, force, max_changes }: ClassSelection,
): Promise<SelectedClass> {
  const { suffixes } = await readCounters(deps.projection, undefined);
  const entries: PlanEntry[] = [];
  const leftOut = { count: 0, files: [] as ShownLeftOut[] };
  const half = deps.remainingMillis() / 2;
  let isLate = false;
  const selection = {
    ...{ statuses: [status], suffixes, range, failureClass },
    onLeftOut: (file: LeftOut) => {
      leftOut.count += 1;
      if (leftOut.files.length < MOST_LISTED) leftOut.files.push(shownLeftOut(file));
    },
    mustStop: () => {
      isLate = deps.signal.aborted || deps.remainingMillis() < half;
      return isLate || entries.length > max_changes;
    },
  };
  for await (const { entry } of selectFiles(deps, selection, { new_status, force }, deps.now)) {
    entries.push(entry);
  }
  if (entries.length > max_changes) throw tooMany(max_changes);
  if (isLate) throw tooLate(entries.length + leftOut.count);
  const incomplete = incompleteListing(suffixes);
  return { entries, leftOut, ...(incomplete && { incomplete }) };
}

const NARROW = `Give a date_range, or raise max_changes (up to ${MOST_CHANGES}); the runbook batch-update with --class takes any number.`;

function tooMany(allowed: number): Refused {
  return new Refused(
    'TOO_MANY_CHANGES',
    `More than ${allowed} files are in this class; "max_changes" allows ${allowed}. Nothing was written.`,
    NARROW,
  );
}

function tooLate(looked: number): Refused {
  return new Refused(
    'TOO_MANY_CHANGES',
    `Time was up after ${looked} files of this class, and there may be more. Nothing was written.`,
    NARROW,
  );
}
