import * as z from 'zod';
import { applyPlan } from '../changes/apply.ts';
import type { ChangeFile } from '../changes/change.ts';
import { makePlan, newPlanHeader, type PlanEntry } from '../changes/plan.ts';
import { type FileRequest, type Planned, planFiles } from '../changes/plan-entry.ts';
import { isReset } from '../pipeline/retryable.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { Refused } from '../text/refused.ts';
import { listCutter } from './answers.ts';
import { changeRequestOf, runOptions, shownEnding } from './change-requests.ts';
import { runEvenIfClosed } from './closed-meanwhile.ts';
import { fileChange, MOST_CHANGES, reason } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import {
  type LeftOuts,
  leftOutOf,
  type ShownLeftOut,
  shownLeftOut,
  shownLeftOuts,
  shownPickup,
  wasReset,
} from './resets.ts';
import { classSelection, selectClass } from './select-class.ts';

const ORIGIN = 'batch_update';

const files = z
  .array(fileChange)
  .min(1, 'name at least one file')
  .max(MOST_CHANGES, `allowed: at most ${MOST_CHANGES} files; the runbook batch-update takes any number`)
  .superRefine((list, check) => {
    const first = new Map<string, number>();
    for (const [i, file] of list.entries()) {
      const before = first.get(nameOf(file));
      if (before === undefined) first.set(nameOf(file), i);
      else check.addIssue({ code: 'custom', path: [i], message: `the same file as "files.${before}"` });
    }
  });

export const batchUpdate = operation({
  name: 'batch_update',
  description: 'Sets the status of many files, each only if it is unchanged since it was read',
  writes: true,
  input: z
    .strictObject({
      files: files.optional(),
      selection: classSelection
        .optional()
        .describe('instead of files: the files that failed for one cause, and their new status'),
      reason,
      dry_run: z
        .boolean()
        .optional()
        .describe('only shows what would be changed; if left out, false for files and true for a selection'),
    })
    .refine((given) => (given.files === undefined) !== (given.selection === undefined), {
      path: ['files'],
      error: 'allowed: either files or a selection',
    }),
  async run(deps, { files: requests = [], selection, reason, dry_run = selection !== undefined }) {
    const plan = selection ? await planSelection(deps, selection) : await planRequests(deps, requests);
    const { entries, unchanged, refused, leftOut, incomplete } = plan;
    const cut = listCutter();
    const counted = (done: number, all: readonly FileError[], left_out: LeftOuts) => {
      const leftOuts = left_out.count > 0 && shownLeftOuts(left_out, cut);
      const errors = cut(all);
      return {
        ...{ total: plan.total, successful: done + unchanged, failed: all.length, errors },
        ...(errors.length < all.length && { truncated: true }),
        ...(unchanged > 0 && { unchanged }),
        ...leftOuts,
        ...(incomplete && { incomplete }),
      };
    };
    if (dry_run) {
      const resets = entries.filter(({ expected, new_status }) => isReset(expected.status, new_status));
      const pickup = await shownPickup(deps, resets, false);
      const counts = counted(entries.length, refused, leftOut);
      const changes = cut(entries.map(shownEntry));
      return {
        dry_run,
        ...counts,
        changes,
        ...(changes.length < entries.length && { truncated: true }),
        ...pickup,
      };
    }
    if (entries.length === 0) return counted(0, refused, leftOut);
    const { applied, errors, late, reset, ending } = await change(deps, entries, reason);
    const pickup = await shownPickup(deps, reset, true);
    const leftOuts = { count: leftOut.count + late.length, files: [...leftOut.files, ...late] };
    return { ...counted(applied, [...refused, ...errors], leftOuts), ...pickup, ...ending };
  },
});

/** What will be done, and which parts of the request will not. */
interface BatchPlan {
  readonly total: number;
  readonly entries: readonly PlanEntry[];
  readonly unchanged: number;
  readonly refused: readonly FileError[];
  readonly leftOut: LeftOuts;
  readonly incomplete?: string;
}

async function planSelection(
  deps: OperationDeps,
  selection: z.output<typeof classSelection>,
): Promise<BatchPlan> {
  const selected = await selectClass(deps, selection);
  const total = selected.entries.length + selected.leftOut.count;
  return { total, unchanged: 0, refused: [], ...selected };
}

async function planRequests(deps: OperationDeps, requests: readonly FileRequest[]): Promise<BatchPlan> {
  const planned: Planned[] = [];
  const asked = requests.map((request) => ({ ...request, why: ORIGIN }));
  for await (const plan of planFiles(deps, asked)) planned.push(plan);
  refuseRepeated(planned);
  const leftOut = planned.flatMap((plan) => (plan.kind === 'left_out' ? [shownLeftOut(plan)] : []));
  return {
    total: requests.length,
    entries: planned.flatMap((plan) => (plan.kind === 'planned' ? [plan.entry] : [])),
    unchanged: planned.filter(({ kind }) => kind === 'unchanged').length,
    refused: planned.flatMap(refusalOf),
    leftOut: { count: leftOut.length, files: leftOut },
  };
}

/** Two spellings may name one file: then it is unknown which of two requests is meant. */
function refuseRepeated(planned: readonly Planned[]): void {
  const first = new Map<string, number>();
  for (const [i, plan] of planned.entries()) {
    const key = plan.kind === 'planned' ? plan.entry : plan.key;
    const before = first.get(nameOf(key)) ?? i;
    first.set(nameOf(key), before);
    if (before === i) continue;
    throw new Refused(
      'INVALID_INPUT',
      `"files.${i}": received another spelling of ${key.file_key}, the same file as "files.${before}".`,
      'Name each file once. Nothing was written.',
    );
  }
}

/** A file that was not changed, and why. */
interface FileError {
  readonly file: string;
  readonly date_prefix: string;
  readonly error: string;
}

async function change(deps: OperationDeps, entries: readonly PlanEntry[], reason: string | undefined) {
  const header = newPlanHeader({ table: deps.tracking.name }, ORIGIN, deps.now);
  const open = new Map<string, { readonly key: RecordKey; readonly problem?: string }>(
    entries.map((key) => [nameOf(key), { key }]),
  );
  const late: ShownLeftOut[] = [];
  const reset: RecordKey[] = [];
  const onFile = (file: ChangeFile) => {
    const { key, result } = file;
    const leftOut = leftOutOf(file);
    late.push(...leftOut);
    if (wasReset(file)) reset.push(key);
    if (result?.kind === 'applied' || leftOut.length > 0) open.delete(nameOf(key));
    else open.set(nameOf(key), { key, problem: problemOf(result) });
  };
  const options = { ...runOptions(deps), maxChanges: entries.length, onFile };
  const changeRequest = changeRequestOf(deps, ORIGIN, reason);
  const plan = makePlan(header, entries);
  const ended = await runEvenIfClosed(deps, changeRequest.id, options, (all) =>
    applyPlan(deps, plan, changeRequest, all),
  );
  const notReached = `not attempted: ${ended.state === 'closed' ? 'the change was undone or closed' : 'time limit reached'}`;
  const errors = [...open.values()].map(({ key, problem = notReached }) => errorOf(key, problem));
  const applied = entries.length - open.size - late.length;
  return { applied, errors, late, reset, ending: shownEnding(ended) };
}

function problemOf(result: ChangeFile['result']): string {
  if (result?.kind === 'failed') return result.error;
  const { became, changes = [] } = result?.kind === 'skipped' ? result : {};
  const what = [became?.status ?? 'removed', ...changes].join('; ');
  return `written by someone else in the meantime, and left as it is: ${what}`;
}

function refusalOf(planned: Planned): FileError[] {
  if (planned.kind !== 'refused') return [];
  const { message, hint } = planned.refusal;
  return [errorOf(planned.key, `${message} ${hint}`)];
}

function errorOf({ date_prefix, file_key }: RecordKey, error: string): FileError {
  return { file: file_key, date_prefix, error };
}

function shownEntry({ date_prefix, file_key, expected, new_status, forced }: PlanEntry) {
  const from = parseStatus(expected.status).status;
  return { date_prefix, file_key, from, to: new_status, ...(forced && { forced }) };
}

function nameOf({ date_prefix, file_key }: RecordKey): string {
  return JSON.stringify([date_prefix, file_key]);
}
