import { begunText, undoOf } from '../changes/begun-change.ts';
import type { Actor, Change, ChangeFile, ResultCounts, Stage } from '../changes/change.ts';
import { eachChangeFile } from '../changes/change-file-table.ts';
import { readChange } from '../changes/change-table.ts';
import type { ApplyOptions, ChangeRequest, Progress } from '../changes/context.ts';
import type { PlanEntry } from '../changes/plan.ts';
import { USUAL_RATE } from '../changes/plan-words.ts';
import { detailOf, type ShownChangeFile, shownChangeFile } from '../operations/change-requests.ts';
import { isReset } from '../pipeline/retryable.ts';
import { parseStatus } from '../pipeline/status.ts';
import { rawText } from '../pipeline/tracking-table.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { EXIT, type ExitCode } from '../text/refused.ts';
import { visibleText } from '../text/visible-text.ts';
import { brokenOffText, resumeCommand } from './broken-off.ts';
import { whileHeld } from './busy.ts';
import type { RunContext } from './command.ts';
import { printList } from './output.ts';
import { dateTally, leftOutNotes, notePickup, wakeText } from './resets.ts';
import type { Column } from './table.ts';
import { colorizeStatus } from './terminal.ts';
import { MOST_WATCHED, type WatchedFile, watchSettling } from './watch-settling.ts';

/** Who makes a change, why, and under which id. */
export function changeRequestOf(
  { newId, actor }: { newId(): string; readonly actor: Actor },
  { reason = '', changeId }: { reason?: string | undefined; changeId?: string | undefined },
): ChangeRequest {
  return { id: changeId ?? newId(), actor, reason };
}

/** The flags of a run that changes files. */
interface ChangeValues {
  readonly rate?: number | undefined;
  readonly maxChanges: number;
  readonly watch: boolean;
}

/**
 * Runs a change with a progress bar and prints the results of its files, including those that were not applied, which
 * somebody has to look at.
 *
 * @param changeId of the change, for others to know that it is run
 * @param run starts the change, or resumes one
 */
export async function runAndReport(
  context: RunContext<ChangeValues>,
  changeId: string,
  run: (options: ApplyOptions) => Promise<Change>,
): Promise<ExitCode> {
  const { flags, progress, interrupted, note, commandLine } = context;
  let bar: ReturnType<typeof progress> | undefined;
  let lastReset: string | undefined;
  let reached: Progress['phase'] | undefined;
  const options: ApplyOptions = {
    maxChanges: flags.maxChanges,
    ratePerSecond: flags.rate,
    usualRate: USUAL_RATE,
    signal: interrupted,
    onProgress: ({ phase, done, total }) => {
      if (phase !== reached) {
        bar?.end();
        bar = progress(phase);
      }
      reached = phase;
      bar?.update(done, total);
    },
    onFile: ({ key, before, after }) => {
      if (isReset(rawText(before, 'status'), rawText(after, 'status'))) lastReset = key.date_prefix;
    },
    onWait: (seconds) => note(`Waiting ${seconds} seconds: a run of that change may still be writing.`),
    waiting: {
      clock: Date.now,
      onStage: (stage, number) => {
        note(stageText(stage, number));
        if (!stage.tally && lastReset !== undefined) note(wakeText(commandLine, lastReset));
      },
    },
  };
  const nameChange = (error: unknown): never => {
    const text = brokenOffText(context, changeId, reached, error);
    if (text !== undefined) note(text);
    throw error;
  };
  const begun = await readChange(context.deps.projection, changeId);
  const running = whileHeld(context, changeId, () => run(options)).finally(() => bar?.end());
  const change = await running.catch(nameChange);
  const { counts, leftOut, reset, applied } = await printResults(context, change.id).catch(nameChange);
  note(`Change ${change.id}: ${countsText(counts, leftOut)}.`);
  const repeated = begun?.state === 'done' ? begun : undefined;
  const undo = repeated && (await undoOf(context.deps, repeated));
  if (repeated) note(visibleText(`${begunText(repeated, undo)} Nothing was written now.`));
  else await notePickup(context, reset, true);
  if (counts.applied > 0 && !undo) note(`To undo: ${commandLine('undo', [change.id])}`);
  if (change.state === 'done') {
    const settled = flags.watch && !undo ? await watchApplied(context, applied, counts.applied) : EXIT.done;
    return settled === EXIT.done && counts.skipped + counts.failed > 0 ? EXIT.partly : settled;
  }
  if (change.state === 'closed') {
    note('It was undone or closed while it was running, and cannot be resumed.');
    return EXIT.partly;
  }
  if (change.stopCause === 'stage') {
    const again = resumeCommand(context, change.id, ['--apply', '--reason', 'WHY']);
    note(
      `It stopped at its last stage. To check that stage again, and continue only if it has passed by then: ${again}`,
    );
    return EXIT.partly;
  }
  const toEnd = `To close it as it is: ${commandLine('changes', [change.id, '--close'])}`;
  if (change.state === 'preparing') {
    note(`It was interrupted before any file was changed. To start over, run the same command. ${toEnd}`);
    return EXIT.interrupted;
  }
  note(`It is ${change.state}. To resume: ${resumeCommand(context, change.id)}\n${toEnd}`);
  return interrupted.aborted ? EXIT.interrupted : EXIT.partly;
}

/** What a stage waits for, and how it ended. */
function stageText({ files, tally, outcome }: Stage, number: number): string {
  const name = `Stage ${number}, ${countOf(files, 'file')}`;
  if (!tally) return `${name}: written. Waiting for their outcome.`;
  const { good, bad, open } = tally;
  const became = `${grouped(good)} succeeded, ${grouped(bad)} failed, ${grouped(open)} unknown`;
  return `${name}: ${became}. ${outcome === 'passed' ? 'Continuing.' : 'Stopping here.'}`;
}

async function watchApplied(
  context: RunContext,
  files: readonly WatchedFile[],
  applied: number,
): Promise<ExitCode> {
  if (files.length === 0) return EXIT.done;
  if (files.length === applied) return watchSettling(context, files);
  context.note(
    `More than ${grouped(MOST_WATCHED)} files are not followed one by one. To watch the counts: ${context.commandLine('watch', [])}`,
  );
  return EXIT.done;
}

/** The audit is what is printed: it has every file, whichever run wrote it. */
async function printResults(context: RunContext<object>, id: string) {
  const counts = { applied: 0, skipped: 0, failed: 0 };
  const reset = dateTally();
  const notes = leftOutNotes(context);
  let leftOut = 0;
  const applied: WatchedFile[] = [];
  async function* files(): AsyncGenerator<ShownChangeFile> {
    for await (const file of eachChangeFile(context.deps.projection, id)) {
      const { key, before, after, result } = file;
      if (result) counts[result.kind] += 1;
      if (result?.kind === 'applied' && applied.length < MOST_WATCHED)
        applied.push({ key, set: after && statusIn(after) });
      if (result?.kind === 'applied' && isReset(rawText(before, 'status'), rawText(after, 'status')))
        reset.add(key);
      if (result?.kind === 'skipped' && result.leftOut) {
        leftOut += 1;
        notes.add({ key, status: statusIn(before), obstacle: result.leftOut });
      }
      yield shownChangeFile(file);
    }
  }
  // Ctrl-C ended the change: what it had done is still printed.
  const printing = { ...context, interrupted: new AbortController().signal };
  await printList(printing, { things: 'files', columns: RESULT_COLUMNS, rows: files(), toEnd: true });
  notes.end();
  return { counts, leftOut, reset: reset.counts, applied };
}

function countsText({ applied, skipped, failed }: ResultCounts, leftOut: number): string {
  const moved = skipped - leftOut;
  const parts = [
    `${grouped(applied)} applied`,
    ...(moved > 0 ? [`${grouped(moved)} skipped (changed in the meantime)`] : []),
    ...(leftOut > 0 ? [`${grouped(leftOut)} left out`] : []),
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
  ];
  return parts.join(', ');
}

/** What a plan would do, file by file. */
export const PLAN_COLUMNS: Column<PlanEntry>[] = [
  {
    name: 'status',
    value: ({ expected }) => parseStatus(expected.status).status,
    color: ({ expected }, text, colorize) =>
      colorizeStatus(colorize, parseStatus(expected.status).status, text),
  },
  {
    name: 'new_status',
    title: 'to',
    value: ({ new_status }) => new_status,
    color: ({ new_status }, text, colorize) => colorizeStatus(colorize, new_status, text),
  },
  { name: 'date_prefix', title: 'date', value: ({ date_prefix }) => date_prefix, priority: 2 },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, whole: true },
  {
    name: 'forced',
    value: ({ forced }) => (forced ? 'forced' : ''),
    // Whoever approves or applies it has to see in spite of what, on a narrow terminal too.
    text: ({ forced, why }) => (forced ? `forced: ${why}` : ''),
    whole: true,
  },
  { name: 'why', value: ({ why }) => why, text: ({ forced, why }) => (forced ? '' : why), priority: 1 },
];

/** The results of the files of a change. */
export const RESULT_COLUMNS: Column<ShownChangeFile>[] = [
  {
    name: 'result',
    value: ({ result }) => result,
    color: ({ result }, text, colorize) =>
      colorize(result === 'applied' || result === 'planned' ? 'good' : 'warning', text),
  },
  { name: 'status', value: ({ before }) => shownStatus(before) },
  { name: 'new_status', title: 'to', value: ({ after }) => shownStatus(after) },
  { name: 'date_prefix', title: 'date', value: ({ date_prefix }) => date_prefix, priority: 2 },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, whole: true },
  { name: 'detail', value: detailOf, whole: true },
  { name: 'why', value: ({ why }) => why, priority: 1 },
];

function statusIn(attributes: ChangeFile['before']): string {
  const stored = rawText(attributes, 'status');
  return stored === undefined ? '' : parseStatus(stored).status;
}

function shownStatus({ status }: ShownChangeFile['before']): string {
  return status === undefined ? '' : String(status);
}
