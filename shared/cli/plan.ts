import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { applyPlan, applyStoredPlan } from '../changes/apply.ts';
import type { Change } from '../changes/change.ts';
import { readChange } from '../changes/change-table.ts';
import type { ApplyOptions, ChangeRequest } from '../changes/context.ts';
import { newPlanHeader, type PlanEntry, readPlanTarget } from '../changes/plan.ts';
import { planWords } from '../changes/plan-words.ts';
import { isReset } from '../pipeline/retryable.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { EXIT, type ExitCode, Refused, usageError } from '../text/refused.ts';
import { shellWord } from '../text/shell-text.ts';
import { hoursText } from '../text/time-text.ts';
import { refuseBusy } from './busy.ts';
import { changeRequestOf, PLAN_COLUMNS, runAndReport } from './change-report.ts';
import type { RunContext } from './command.ts';
import { flagName } from './flag-schema.ts';
import { type PlanValues, stageRuleOf, USUAL_MAX_CHANGES } from './flags.ts';
import { printList } from './output.ts';
import type { Missed } from './plan-entries.ts';
import { savePlan, withTemporaryFile } from './plan-file.ts';
import { type KeptPlan, noteApproval, noteOver, openPlan } from './plan-source.ts';
import { dateTally, notePickup } from './resets.ts';
import { planText, stepTally } from './step-tally.ts';

/**
 * Shows or applies a plan: one of the files selected now, or a saved one. A plan is always saved before it is applied,
 * so that a thousand files and a million go the same way.
 *
 * @param name of the runbook: the origin of the change
 * @param selection the flags that choose the files; none may be given with a saved plan
 * @param select chooses the files; not called when a saved plan is given. It counts what was named and cannot be
 *   planned for
 * @returns 5 when some of the files that were named are left out, 3 when all are
 */
export async function runPlan(
  context: RunContext<PlanValues>,
  name: string,
  selection: z.ZodRawShape,
  select: (missed: Missed) => AsyncIterable<PlanEntry>,
): Promise<ExitCode> {
  const { flags } = context;
  stageRuleOf(flags);
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
  const missed: Missed = { count: 0 };
  if (!flags.apply) return showPlan(context, name, select(missed), missed);
  return withTemporaryFile(async (path) => {
    for await (const _ of savePlan(path, await headerOf(context, name), select(missed)));
    return useSaved(context, path, missed);
  });
}

/** Nothing that was named is in the plan, or not all of it. */
function missedCode({ count }: Missed, files: number, code: ExitCode): ExitCode {
  if (count === 0 || code !== EXIT.done) return code;
  return files === 0 ? EXIT.refused : EXIT.partly;
}

/** @throws Refused naming the flags that were given together with a plan and would have no effect */
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
    `To apply the plan: ${commandLine('batch-update', ['--plan', ...wordsOf(plan, flags), ...APPLY])}`,
  );
}

const TO_CHANGE = { things: 'files to change', columns: PLAN_COLUMNS, toEnd: true };

async function showPlan(
  context: RunContext<PlanValues>,
  name: string,
  entries: AsyncIterable<PlanEntry>,
  missed: Missed,
): Promise<ExitCode> {
  const { flags, note, again, commandLine } = context;
  const { planOut } = flags;
  const reset = dateTally();
  const steps = stepTally();
  const planned = counting(entries, reset.add, steps.add);
  const rows = planOut === undefined ? planned : savePlan(planOut, await headerOf(context, name), planned);
  const files = await printList(context, { ...TO_CHANGE, rows });
  if (context.interrupted.aborted) return EXIT.interrupted;
  if (files === 0) return missedCode(missed, files, EXIT.done);
  note(`A plan for ${countOf(files, 'file')}: ${steps.text()}. Nothing was written.`);
  const words = planOut === undefined ? undefined : wordsOf(planOut, flags);
  // A saved plan is applied by another command, without a higher limit that was given to this one.
  const limit = words ? Math.min(flags.maxChanges, USUAL_MAX_CHANGES) : flags.maxChanges;
  const apply = [...limitArgs(files, limit), ...APPLY];
  const next = words ? commandLine('batch-update', ['--plan', ...words, ...apply]) : again(apply);
  if (files > flags.maxChanges)
    note(`The limit is ${grouped(flags.maxChanges)} files; the command below raises it.`);
  note(isPiped(flags) && !words ? pipedText(context, next) : `To apply it: ${next}`);
  noteApproval(context, { files, forced: steps.forced() }, words);
  await notePickup(context, reset.counts, false);
  return missedCode(missed, files, EXIT.done);
}

function isPiped(flags: object): boolean {
  return 'list' in flags && flags.list === '-';
}

/** With a list on standard input, nobody can be asked, and pasted alone the command would wait for one. */
function pipedText({ target }: Pick<RunContext, 'target'>, command: string): string {
  const consent = target.production ? `--confirm ${shellWord(target.trackingTable)}` : '--yes';
  return `To apply it, pipe the same list into: ${command} ${consent}`;
}

/** What names a saved plan to a command, with the flags that apply it as here. */
function wordsOf(plan: string, flags: PlanValues): readonly string[] {
  const { maxPlanAge, rate } = flags;
  return planWords(plan, { stageRule: stageRuleOf(flags), maxAgeHours: maxPlanAge, rate });
}

/** The flags that raise the limit, where it is too low. */
function limitArgs(files: number, maxChanges: number): string[] {
  return files > maxChanges ? ['--max-changes', String(files)] : [];
}

/** Passes entries on, each to `onStep`, and each that resets a file to `onReset` as well. */
async function* counting(
  entries: AsyncIterable<PlanEntry> | Iterable<PlanEntry>,
  onReset: (entry: PlanEntry) => void,
  onStep: (entry: PlanEntry) => void,
): AsyncGenerator<PlanEntry, void> {
  for await (const entry of entries) {
    onStep(entry);
    if (isReset(entry.expected.status, entry.new_status)) onReset(entry);
    yield entry;
  }
}

const APPLY = ['--apply', '--reason', 'WHY'];

async function useSaved(
  context: RunContext<PlanValues>,
  path: string,
  missed: Missed = { count: 0 },
): Promise<ExitCode> {
  const { flags, deps, confirm } = context;
  const plan = await openPlan(context, path, flags.maxPlanAge);
  if (!flags.apply) return showSaved(context, plan);
  if (plan.files === 0 && missed.count > 0) {
    throw new Refused(
      'EMPTY_SELECTION',
      'None of the given files can be changed. Nothing was written.',
      'The lines above say why, file by file.',
    );
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
      `To change all of them: ${context.again(limitArgs(plan.files, flags.maxChanges))}`,
    );
  }
  // A stored plan is applied once, under its own id: one that was started is resumed, unless it is being run.
  const request = { ...changeRequestOf(deps, flags), ...(plan.stored && { id: plan.stored.id }) };
  const begun = await readChange(deps.projection, request.id);
  if (begun) refuseBusy(context, begun);
  if (begun?.state !== 'done') await confirm(() => planText(plan));
  const code = await runAndReport(context, request.id, (options) =>
    applyKept(context, plan, request, options),
  );
  return missedCode(missed, plan.files, code);
}

function applyKept(
  { flags, deps }: RunContext<PlanValues>,
  plan: KeptPlan,
  request: ChangeRequest,
  options: ApplyOptions,
): Promise<Change> {
  const words = flags.plan === undefined ? undefined : wordsOf(flags.plan, flags);
  const staged = { ...options, stageRule: stageRuleOf(flags), planWords: words };
  if (plan.stored) {
    const choice = { planId: plan.stored.id, digest: plan.digest, maxAgeHours: flags.maxPlanAge };
    return applyStoredPlan(deps, choice, request, staged);
  }
  return applyPlan(deps, plan, request, { ...staged, isKept: flags.plan !== undefined });
}

async function showSaved(context: RunContext<PlanValues>, plan: KeptPlan): Promise<ExitCode> {
  const { flags, note, again } = context;
  const reset = dateTally();
  const steps = stepTally();
  const rows = counting(plan.entries(), reset.add, steps.add);
  await printList(context, { ...TO_CHANGE, rows });
  if (await noteOver(context, plan)) return EXIT.done;
  const apply = again([...limitArgs(plan.files, flags.maxChanges), ...APPLY]);
  note(
    `The plan is ${hoursText(plan.ageHours)} old${plan.files > 0 ? `: ${steps.text()}` : ''}. Nothing was written.`,
  );
  if (plan.files > 0) note(`To apply it: ${apply}`);
  noteApproval(context, plan, flags.plan === undefined ? undefined : wordsOf(flags.plan, flags));
  await notePickup(context, reset.counts, false);
  return EXIT.done;
}

async function headerOf({ deps, now }: RunContext<PlanValues>, name: string) {
  return newPlanHeader(await readPlanTarget(deps.tracking), name, now);
}
