import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { applyPlan } from '../changes/apply.ts';
import { newPlanHeader, type PlanEntry, readPlanTarget } from '../changes/plan.ts';
import { type FileRequest, planFiles, resetRefused } from '../changes/plan-entry.ts';
import { readPlan } from '../changes/saved-plan.ts';
import { isReset } from '../pipeline/retryable.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { EXIT, type ExitCode, Refused, usageError } from '../text/refused.ts';
import { changeRequestOf, PLAN_COLUMNS, runAndReport } from './change-report.ts';
import type { RunContext } from './command.ts';
import { flagName } from './flag-schema.ts';
import type { PlanValues } from './flags.ts';
import { printList } from './output.ts';
import { planReader, savePlan, withTemporaryFile } from './plan-file.ts';
import { dateTally, leftOutNotes, notePickup } from './resets.ts';

/**
 * Shows a plan, or applies it: of the files selected now, or one that was saved. A plan is always saved before it
 * is applied, so that a thousand files and a million go the same way.
 *
 * @param name of the runbook: the origin of the change
 * @param selection the flags that choose the files, which a saved plan leaves no room for
 * @param select chooses the files; not called when a saved plan is given
 */
export async function runPlan(
  context: RunContext<PlanValues>,
  name: string,
  selection: z.ZodRawShape,
  select: () => AsyncIterable<PlanEntry>,
): Promise<ExitCode> {
  const { flags } = context;
  if (flags.plan !== undefined && flags.planOut !== undefined) {
    throw usageError('Received both --plan and --plan-out.', 'Save a plan, or apply a saved one.');
  }
  if (flags.plan !== undefined) {
    refuseSelection(context, flags.plan, selection);
    return useSaved(context, flags.plan);
  }
  if (flags.planOut !== undefined && flags.apply) {
    throw usageError(
      'Received both --plan-out and --apply.',
      'Save the plan first, and apply it with --plan.',
    );
  }
  if (!flags.apply) return showPlan(context, name, select());
  return withTemporaryFile(async (path) => {
    for await (const _ of savePlan(path, await headerOf(context, name), select()));
    return useSaved(context, path);
  });
}

/** @throws Refused naming the flags that were given beside a plan, and would change nothing */
function refuseSelection(
  { flags, commandLine }: Pick<RunContext<PlanValues>, 'flags' | 'commandLine'>,
  plan: string,
  selection: z.ZodRawShape,
): void {
  const values: Readonly<Record<string, unknown>> = { ...flags };
  const given = Object.entries(selection).filter(
    ([name, schema]) => !isDeepStrictEqual(values[name], z.safeParse(schema, undefined).data),
  );
  if (given.length === 0) return;
  const names = given.map(([name]) => `--${flagName(name)}`).join(', ');
  throw usageError(
    `Received --plan together with ${names}; allowed: --plan alone, since a plan has its own files and statuses.`,
    `To apply the plan: ${commandLine('batch-update', ['--plan', plan, ...APPLY])}`,
  );
}

async function showPlan(
  context: RunContext<PlanValues>,
  name: string,
  entries: AsyncIterable<PlanEntry>,
): Promise<ExitCode> {
  const { flags, note, again, commandLine } = context;
  const { planOut } = flags;
  const reset = dateTally();
  const planned = counting(entries, reset.add);
  const rows = planOut === undefined ? planned : savePlan(planOut, await headerOf(context, name), planned);
  const files = await printList(context, { things: 'files to change', columns: PLAN_COLUMNS, rows });
  if (context.interrupted.aborted) return EXIT.interrupted;
  if (files === 0) return EXIT.done;
  note(`A plan for ${countOf(files, 'file')}. Nothing was written.`);
  const next =
    planOut === undefined ? again(APPLY) : commandLine('batch-update', ['--plan', planOut, ...APPLY]);
  note(`To apply it: ${next}`);
  if (files > flags.maxChanges)
    note(
      `The limit is ${grouped(flags.maxChanges)} files. To change all of them, add --max-changes ${files}.`,
    );
  await notePickup(context, reset.counts, false);
  return EXIT.done;
}

/** Hands entries on, and each that puts a file back to pending to `onReset` as well. */
async function* counting(
  entries: AsyncIterable<PlanEntry> | Iterable<PlanEntry>,
  onReset: (entry: PlanEntry) => void,
): AsyncGenerator<PlanEntry, void> {
  for await (const entry of entries) {
    if (isReset(entry.expected.status, entry.new_status)) onReset(entry);
    yield entry;
  }
}

const APPLY = ['--apply', '--reason', 'WHY'];

async function useSaved(context: RunContext<PlanValues>, path: string): Promise<ExitCode> {
  const { flags, deps, now, note, confirm } = context;
  const target = await readPlanTarget(deps.tracking);
  const plan = await readPlan(planReader(path, deps.storage.s3), {
    target,
    now,
    maxAgeHours: flags.maxPlanAge,
  });
  if (!flags.apply) {
    const reset = dateTally();
    const rows = counting(plan.entries(), reset.add);
    await printList(context, { things: 'files to change', columns: PLAN_COLUMNS, rows });
    note(
      `The plan is ${plan.ageHours} hours old. Nothing was written; to apply it, add --apply and --reason.`,
    );
    await notePickup(context, reset.counts, false);
    return EXIT.done;
  }
  if (plan.files === 0) {
    throw new Refused(
      'EMPTY_SELECTION',
      'No file was selected, so there is nothing to change.',
      'Run it without --apply to see what is selected.',
    );
  }
  if (plan.files > flags.maxChanges) {
    throw new Refused(
      'TOO_MANY_CHANGES',
      `This would change ${countOf(plan.files, 'file')}; the limit is ${grouped(flags.maxChanges)}. Nothing was written.`,
      `To change all of them, add --max-changes ${plan.files}.`,
    );
  }
  await confirm(`Change ${countOf(plan.files, 'file')}`);
  const request = changeRequestOf(deps, flags);
  return runAndReport(context, (options) =>
    applyPlan(deps, plan, request, { ...options, isKept: flags.plan !== undefined }),
  );
}

async function headerOf({ deps, now }: RunContext<PlanValues>, name: string) {
  return newPlanHeader(await readPlanTarget(deps.tracking), name, now);
}

const MOST_NAMED = 20;

/** The entry of a plan for one file. @throws Refused when it cannot be planned for */
export async function* entryFor(
  { deps, note }: Pick<RunContext, 'deps' | 'note'>,
  request: FileRequest,
): AsyncGenerator<PlanEntry, void> {
  for await (const planned of planFiles(deps, [request])) {
    if (planned.kind === 'refused') throw planned.refusal;
    if (planned.kind === 'left_out') throw resetRefused(planned);
    if (planned.kind === 'planned') yield planned.entry;
    else note(`${request.file_key} is already ${planned.status}.`);
  }
}

/**
 * The entries of a plan for files that were named one by one. Files that cannot be planned for, or have the status
 * already, are named on standard error and left out, as is one that a list repeats; their number comes at the end.
 */
export async function* entriesFor(
  { deps, note }: Pick<RunContext, 'deps' | 'note'>,
  requests: AsyncIterable<FileRequest> | Iterable<FileRequest>,
): AsyncGenerator<PlanEntry, void> {
  let leftOut = 0;
  const repeated = (request: FileRequest) => {
    leftOut += 1;
    if (leftOut <= MOST_NAMED) note(`Left out: ${request.file_key} is in the list more than once.`);
  };
  const obstacles = leftOutNotes({ note });
  for await (const planned of planFiles(deps, eachOnce(requests, repeated))) {
    if (planned.kind === 'planned') yield planned.entry;
    else if (planned.kind === 'left_out') obstacles.add(planned);
    else {
      leftOut += 1;
      if (leftOut > MOST_NAMED) continue;
      note(
        planned.kind === 'refused'
          ? `Left out: ${planned.refusal.message} ${planned.refusal.commandHint}`
          : `Left out: ${planned.key.file_key} is already ${planned.status}.`,
      );
    }
  }
  if (leftOut > MOST_NAMED) note(`${countOf(leftOut, 'file')} left out in total.`);
  obstacles.end();
}

/**
 * Passes on each request once. Two for one file with different statuses are two: which one is meant only a person
 * can say, and the change refuses them. A digest of each is held, so that a million files take some ten megabytes.
 */
async function* eachOnce(
  requests: AsyncIterable<FileRequest> | Iterable<FileRequest>,
  onRepeated: (request: FileRequest) => void,
): AsyncGenerator<FileRequest, void> {
  const seen = new Set<string>();
  for await (const request of requests) {
    const { date_prefix, file_key, new_status, expected_status } = request;
    const text = JSON.stringify([date_prefix, file_key, new_status, expected_status]);
    const digest = createHash('sha256').update(text).digest('base64').slice(0, 24);
    if (seen.has(digest)) onRepeated(request);
    else {
      seen.add(digest);
      yield request;
    }
  }
}
