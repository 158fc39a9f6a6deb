import type { Change, ChangeFile, ResultCounts } from '../changes/change.ts';
import { eachChangeFile } from '../changes/change-file-table.ts';
import type { ApplyOptions, ChangeDeps, ChangeRequest } from '../changes/context.ts';
import { grouped } from '../text/number-text.ts';
import { EXIT, type ExitCode } from '../text/refused.ts';
import { RESULT_COLUMNS } from './change-columns.ts';
import type { RunContext } from './command.ts';
import { printList } from './print-list.ts';

/** What the engine of changes works on when a person runs it. */
export function changeContext({ service, now }: Pick<RunContext<unknown>, 'service' | 'now'>): ChangeDeps {
  const { tracking, projection } = service;
  return { tracking, projection, now, sleep: service.sleep };
}

/** Who makes a change, why, and under which id. */
export function changeRequestOf(
  { service }: Pick<RunContext<unknown>, 'service'>,
  { reason = '', changeId }: { reason?: string | undefined; changeId?: string | undefined },
): ChangeRequest {
  return { id: changeId ?? service.newId(), actor: service.actor, reason };
}

/**
 * Runs a change with a progress bar and prints what became of its files: those that were not applied in any
 * case, for they are what a person has to look at.
 *
 * @param run starts the change, or goes on with one
 */
export async function runAndReport(
  context: RunContext<{ readonly rate: number; readonly maxChanges: number }>,
  files: number,
  run: (options: ApplyOptions) => Promise<Change>,
): Promise<ExitCode> {
  const { flags, progress, interrupted, note, commandLine } = context;
  const bar = progress('files', files);
  const change = await run({
    maxChanges: flags.maxChanges,
    ratePerSecond: flags.rate,
    signal: interrupted,
    onProgress: ({ done }) => bar.update(done),
  }).finally(() => bar.end());
  const counts = await printResults(context, change.id);
  note(`Change ${change.id}: ${countsText(counts)}.`);
  if (counts.applied > 0) note(`To take it back: ${commandLine('undo', [change.id])}`);
  if (change.state === 'done') return counts.skipped + counts.failed > 0 ? EXIT.partly : EXIT.done;
  if (change.state === 'preparing') {
    note('It was interrupted before any file was touched. To begin again, run the same command.');
    return EXIT.interrupted;
  }
  note(`It is ${change.state}. To go on: ${commandLine('changes', [change.id, '--resume'])}`);
  return interrupted.aborted ? EXIT.interrupted : EXIT.partly;
}

/** The audit is what is printed: it has every file, whichever run wrote it. */
async function printResults(context: RunContext<unknown>, id: string): Promise<ResultCounts> {
  const counts = { applied: 0, skipped: 0, failed: 0 };
  async function* files(): AsyncGenerator<ChangeFile> {
    for await (const file of eachChangeFile(context.service.projection, id)) {
      if (file.result) counts[file.result.kind] += 1;
      yield file;
    }
  }
  // Ctrl-C ended the change: what it had done is printed all the same.
  const printing = { ...context, interrupted: new AbortController().signal };
  await printList(printing, { things: 'files', columns: RESULT_COLUMNS, rows: files() });
  return counts;
}

function countsText({ applied, skipped, failed }: ResultCounts): string {
  const parts = [
    `${grouped(applied)} applied`,
    ...(skipped > 0 ? [`${grouped(skipped)} skipped, for they had moved`] : []),
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
  ];
  return parts.join(', ');
}
