import { applyPlan } from '../changes/apply.ts';
import { newPlanHeader, type PlanEntry, readPlanTarget } from '../changes/plan.ts';
import { readPlan } from '../changes/saved-plan.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { EXIT, type ExitCode, Refused, usageError } from '../text/refused.ts';
import { changeContext, changeRequestOf, runAndReport } from './apply-change.ts';
import { PLAN_COLUMNS } from './change-columns.ts';
import type { RunContext } from './command.ts';
import { mapEach } from './map-each.ts';
import type { PlanValues } from './plan-flags.ts';
import { planReader, savePlan, withTemporaryFile } from './plan-store.ts';
import { printList } from './print-list.ts';

/**
 * Shows a plan, or applies it: the selection made now, or one that was saved. Whatever is applied was a file
 * with a plan in it first, so that a thousand files and a million go the same way.
 *
 * @param name of the runbook: the origin of the change
 * @param select chooses the files; not called when a saved plan is given
 */
export async function runPlan(
  context: RunContext<PlanValues>,
  name: string,
  select: () => AsyncIterable<PlanEntry>,
): Promise<ExitCode> {
  const { flags } = context;
  if (flags.plan !== undefined && flags.planOut !== undefined) {
    throw usageError('Received both --plan and --plan-out.', 'Save a plan, or apply a saved one.');
  }
  if (flags.plan !== undefined) return useSaved(context, flags.plan);
  if (flags.planOut !== undefined && flags.apply) {
    throw usageError(
      'Received both --plan-out and --apply.',
      'Save the plan first, and apply it with --plan.',
    );
  }
  if (!flags.apply) return showPlan(context, name, select());
  return withTemporaryFile(async (path) => {
    await drain(savePlan(path, await headerOf(context, name), select()));
    return useSaved(context, path);
  });
}

async function showPlan(
  context: RunContext<PlanValues>,
  name: string,
  entries: AsyncIterable<PlanEntry>,
): Promise<ExitCode> {
  const { flags, note, again, commandLine } = context;
  const { planOut } = flags;
  const rows = planOut === undefined ? entries : savePlan(planOut, await headerOf(context, name), entries);
  const files = await printList(context, { things: 'files to change', columns: PLAN_COLUMNS, rows });
  if (context.interrupted.aborted) return EXIT.interrupted;
  if (files === 0) return EXIT.done;
  note(`A plan for ${countOf(files, 'file')}. Nothing was written.`);
  const next =
    planOut === undefined ? again(APPLY) : commandLine('batch-update', ['--plan', planOut, ...APPLY]);
  note(`To apply it: ${next}`);
  if (files > flags.maxChanges)
    note(`It is more than --max-changes ${flags.maxChanges}: allow for it if all are meant.`);
  return EXIT.done;
}

const APPLY = ['--apply', '--reason', 'WHY'];

async function useSaved(context: RunContext<PlanValues>, path: string): Promise<ExitCode> {
  const { flags, service, now, note, confirm } = context;
  const target = await readPlanTarget(service.tracking);
  const plan = await readPlan(planReader(path, service.storage.s3), {
    target,
    now,
    maxAgeHours: flags.maxPlanAge,
  });
  if (!flags.apply) {
    await printList(context, {
      things: 'files to change',
      columns: PLAN_COLUMNS,
      rows: mapEach(plan.entries(), (entry) => entry),
    });
    note(
      `The plan is ${plan.ageHours} hours old. Nothing was written; to apply it, add --apply and --reason.`,
    );
    return EXIT.done;
  }
  if (plan.files === 0) {
    throw new Refused(
      'EMPTY_SELECTION',
      'No file was selected, so there is nothing to change.',
      'Leave --apply out to see what is selected.',
    );
  }
  if (plan.files > flags.maxChanges) {
    throw new Refused(
      'TOO_MANY_CHANGES',
      `This would change ${countOf(plan.files, 'file')}; --max-changes allows ${grouped(flags.maxChanges)}. Nothing was written.`,
      `If all are meant, add --max-changes ${plan.files}.`,
    );
  }
  await confirm(`Change ${countOf(plan.files, 'file')}`);
  const request = changeRequestOf(context, flags);
  return runAndReport(context, plan.files, (options) =>
    applyPlan(changeContext(context), plan, request, options),
  );
}

async function headerOf({ service, now }: RunContext<PlanValues>, name: string) {
  return newPlanHeader(await readPlanTarget(service.tracking), name, now);
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}
