import { guardedWrite } from '../files/guarded-write.ts';
import type { RawAttributes } from '../files/raw-record.ts';
import { withBackoff } from './backoff.ts';
import { type Change, type ChangeFile, type FileResult, isFinal, type ResultCounts } from './change.ts';
import { eachChangeFile, markChangeFile, readChangeFile } from './change-file-table.ts';
import type { ChangeStep } from './change-table.ts';
import type { ChangeContext, RunOptions } from './context.ts';
import { differingNames, skipped } from './decide.ts';
import { markedChange } from './marks.ts';
import { eachPaced } from './paced.ts';

const MOST_ERRORS = 10;

type DecidedFile = ChangeFile & { readonly result: FileResult };

/**
 * Writes every prepared file that has no final result yet, each only if it is still as prepared, and notes
 * what became of it. Holds a page of files at most.
 *
 * @returns the step that the change takes by it
 */
export async function writeFiles(
  context: ChangeContext,
  change: Change,
  options: RunOptions,
): Promise<Omit<ChangeStep, 'from'>> {
  const { signal, maxErrors = MOST_ERRORS, onFile, onProgress } = options;
  const counts: Record<FileResult['kind'], number> = { applied: 0, skipped: 0, failed: 0 };
  const isOver = () => signal?.aborted || counts.failed >= maxErrors;
  let isComplete = false;
  const finish = (file: ChangeFile) => finishFile(context, change, file, signal);
  let done = 0;
  for await (const file of eachPaced(all(), finish, context, options, isOver, ({ result }) =>
    isFinal(result),
  )) {
    counts[file.result.kind] += 1;
    done += 1;
    onFile?.(file);
    onProgress?.({ phase: 'applying', done, total: change.files });
  }
  return endingOf(counts, isComplete);

  async function* all() {
    yield* eachChangeFile(context.projection, change.id);
    isComplete = true;
  }
}

function endingOf(counts: ResultCounts, isComplete: boolean): Omit<ChangeStep, 'from'> {
  const files = counts.applied + counts.skipped + counts.failed;
  if (isComplete && counts.failed === 0) return { state: 'done', files, counts, stopCause: undefined };
  const stopCause = counts.failed > 0 ? 'errors' : 'interrupted';
  return { state: 'stopped', ...(isComplete && { files }), counts, stopCause };
}

/** Never throws: what goes wrong with one file is its result, and is decided anew when the change is resumed. */
async function finishFile(
  context: ChangeContext,
  change: Change,
  file: ChangeFile,
  signal: AbortSignal | undefined,
): Promise<DecidedFile> {
  if (isFinal(file.result)) return { ...file, result: file.result };
  const patience = { ...context, signal };
  const mark = (result: FileResult) => markChangeFile(context.projection, change.id, file.key, result);
  const result = await withBackoff(() => writeFile(context, change, file), patience).catch(failure);
  return { ...file, result: await withBackoff(() => mark(result), patience).catch(failure) };
}

async function writeFile(context: ChangeContext, change: Change, file: ChangeFile): Promise<FileResult> {
  const outcome = await guardedWrite(context.tracking, file);
  if (outcome.kind === 'written') return { kind: 'applied' };
  if (await hasWritten(context, change.id, file, outcome.found)) return { kind: 'applied' };
  return skipped(outcome.found, differingNames(outcome.found, file));
}

// A record remembers one change. Those that wrote it since are followed back by their audits, so far at most.
const MOST_LATER_CHANGES = 20;

/**
 * Whether a change has written a file although no result says so: the process ended between the write and the
 * note, or the answer to the write was lost. The record names the change, or one that found it so.
 */
export async function hasWritten(
  { projection }: Pick<ChangeContext, 'projection'>,
  id: string,
  { key, before }: Pick<ChangeFile, 'key' | 'before'>,
  found: RawAttributes | undefined,
): Promise<boolean> {
  let later = markedChange(found);
  for (let i = 0; later !== undefined && later !== markedChange(before) && i < MOST_LATER_CHANGES; i++) {
    if (later === id) return true;
    later = markedChange((await readChangeFile(projection, later, key))?.before);
  }
  return false;
}

function failure(error: unknown): FileResult {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'failed', error: text };
}
