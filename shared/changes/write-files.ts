import { classifyFault } from '../aws/faults.ts';
import { eachPaced, withBackoff } from '../flow/pace.ts';
import { pages } from '../flow/pages.ts';
import { guardedWrite } from '../pipeline/guarded-write.ts';
import { CHANGE_ATTRIBUTES } from '../pipeline/record.ts';
import { type RawAttributes, type RecordKey, rawText } from '../pipeline/tracking-table.ts';
import { versionAttributes } from '../pipeline/version.ts';
import { namedErrorText } from '../text/error-text.ts';
import { isoTime } from '../text/time.ts';
import {
  asWritten,
  type Change,
  type ChangeFile,
  type ChangeProgress,
  type FileResult,
  isFinal,
  type ResultCounts,
} from './change.ts';
import { listChangeFiles, markChangeFile, readChangeFile } from './change-file-table.ts';
import { type ChangeOutcome, changeClosed, noteProgress } from './change-table.ts';
import { type ClosingWatch, watchClosing } from './closing-watch.ts';
import type { ChangeDeps, RunOptions } from './context.ts';
import { changeIdOf, differingNames, skipped } from './decide.ts';
import { createResetCheck, leaveOut, type ResetCheck } from './reset-check.ts';

const MOST_ERRORS = 10;
const FILES_PER_PAGE = 500;

type DecidedFile = ChangeFile & { readonly result: FileResult };

/** What a run has written of a change. */
export interface Written {
  /** Of all files so far, including those of earlier runs. */
  readonly counts: ResultCounts;
  /** Files that failed and will be tried again. */
  readonly retryable: number;
  /** Whether every file of the change was reached. */
  readonly isComplete: boolean;
  /** Where the next run continues. */
  readonly progress: ChangeProgress;
}

/**
 * Writes every prepared file that has no final result yet, each only if it is still as prepared, and stores its result.
 * Holds a page of files at most. Its progress is stored now and then, so that not every run has to read a change of a
 * million files from its beginning.
 *
 * @param upTo how many files of the change, counted from its first, may have been written then; all when left out
 * @throws Refused when the change was closed in the meantime
 */
export async function writeFiles(
  deps: ChangeDeps,
  change: Change,
  options: RunOptions,
  upTo = Number.POSITIVE_INFINITY,
): Promise<Written> {
  const { signal, maxErrors = MOST_ERRORS, onFile, onProgress } = options;
  const counts = { applied: 0, skipped: 0, failed: 0, ...change.progress?.counts };
  let progress: ChangeProgress = { after: change.progress?.after, counts: { ...counts } };
  let done = filesOf(counts);
  let noted = done;
  let retryable = 0;
  let isComplete = false;
  const closing = watchClosing(deps, change);
  const isOver = () => closing.isClosed() || signal?.aborted || retryable >= maxErrors;
  const retry = {
    sleep: deps.sleep,
    signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
  };
  const run = { check: createResetCheck(deps), closing, retry };
  const finish = (file: ChangeFile) => finishFile(deps, change, file, run);
  for await (const { files, next } of pages(load, progress.after)) {
    const end = done + files.length;
    for await (const file of eachPaced(files, finish, deps, options, isOver, isDecided)) {
      counts[file.result.kind] += 1;
      if (!isFinal(file.result)) retryable += 1;
      done += 1;
      onFile?.(file);
      onProgress?.({ phase: 'applying', done, total: change.files });
    }
    if (closing.isClosed()) throw changeClosed(change);
    if (done < end) break;
    // From the first file that will be tried again, nothing is skipped.
    if (retryable === 0) progress = { after: files.at(-1)?.key ?? progress.after, counts: { ...counts } };
    isComplete = next === undefined;
    if (isComplete || isOver() || done >= upTo) break;
    if (done - noted < FILES_PER_PAGE || retryable > 0) continue;
    const reached = progress;
    await withBackoff(() => noteProgress(deps.projection, change.id, 'applying', reached), deps);
    noted = done;
  }
  return { counts, retryable, isComplete, progress };

  function load(cursor: RecordKey | undefined) {
    const limit = Math.min(FILES_PER_PAGE, upTo - done);
    return withBackoff(() => listChangeFiles(deps.projection, change.id, limit, cursor), deps);
  }
}

const isDecided = ({ result }: ChangeFile) => isFinal(result);

/** How many files have a result. */
export function filesOf({ applied, skipped, failed }: ResultCounts): number {
  return applied + skipped + failed;
}

// The progress of a smaller change is soon found again, so its item stays as it is.
const LEAST_NOTED = FILES_PER_PAGE;

/**
 * The step that a change takes by what was written. Files that failed for good are listed, and do not keep a change
 * from being done.
 */
export function endingOf(
  { counts, retryable, isComplete, progress }: Written,
  { isContinued = false, signal, maxErrors = MOST_ERRORS }: RunOptions,
): ChangeOutcome {
  const files = filesOf(counts);
  if (isComplete && retryable === 0) {
    return { state: 'done', files, counts, stopCause: undefined, progress: undefined };
  }
  const noted = progress.counts && filesOf(progress.counts) >= LEAST_NOTED ? { progress } : {};
  // What waited for its next attempt when time was up also counts as failed, and the next run tries it again.
  const isFollowed = isContinued && (retryable === 0 || (signal?.aborted && retryable < maxErrors));
  if (isFollowed) return { state: 'applying', ...noted };
  const stopCause = retryable > 0 ? 'errors' : 'interrupted';
  return { state: 'stopped', ...(isComplete && { files }), counts, stopCause, ...noted };
}

/** What all files of a run have in common. */
interface FileRun {
  readonly check: ResetCheck;
  readonly closing: ClosingWatch;
  readonly retry: Parameters<typeof withBackoff>[1];
}

/** Never throws: what goes wrong with one file is its result, and is decided again when the change is resumed. */
async function finishFile(
  deps: ChangeDeps,
  change: Change,
  file: ChangeFile,
  run: FileRun,
): Promise<DecidedFile> {
  if (file.result && isFinal(file.result)) return { ...file, result: file.result };
  const mark = (result: FileResult) => markChangeFile(deps.projection, change.id, file.key, result);
  const result = await withBackoff(() => writeFile(deps, change, file, run), run.retry).catch(failure);
  // A closed change is not resumed: what it did not write stays without a result.
  if (result.kind === 'failed' && run.closing.isClosed()) return { ...file, result };
  const marked = await withBackoff(() => mark(result), run.retry).catch(failure);
  return { ...asWritten({ ...file, result: marked }), result: marked };
}

async function writeFile(
  deps: ChangeDeps,
  change: Change,
  file: ChangeFile,
  { check, closing }: FileRun,
): Promise<FileResult> {
  await closing.requireOpen();
  const leftOut = await leaveOut(deps, change, file, check);
  if (leftOut) return leftOut;
  const applied = { kind: 'applied', at: isoTime(deps.clock()) } as const;
  const outcome = await guardedWrite(
    deps.tracking,
    asWritten({ ...file, result: applied }),
    closing.requireOpen,
  );
  if (outcome.kind === 'written') return applied;
  const before = await findWrite(deps, change.id, file, outcome.found);
  if (before) return before;
  const expected = versionAttributes({ ...file.guard, ...file.before });
  return skipped(outcome.found, differingNames(outcome.found, file), expected);
}

// A record names one change only. Later ones are followed back through their audits, up to this many.
const MOST_LATER_CHANGES = 20;

/**
 * The result of a file that a change has written although no result says so: the process ended between the write and
 * its result, or the answer to the write was lost. The record names the change, or one that found it so.
 *
 * @returns undefined when the change has not written it
 */
export async function findWrite(
  { projection }: Pick<ChangeDeps, 'projection'>,
  id: string,
  { key, before }: Pick<ChangeFile, 'key' | 'before'>,
  found: RawAttributes | undefined,
): Promise<Extract<FileResult, { kind: 'applied' }> | undefined> {
  let record = found;
  for (let i = 0; i < MOST_LATER_CHANGES; i++) {
    const last = changeIdOf(record);
    if (last === undefined || last === changeIdOf(before)) return undefined;
    if (last === id) return { kind: 'applied', at: rawText(record, CHANGE_ATTRIBUTES.time) };
    record = (await readChangeFile(projection, last, key))?.before;
  }
  return undefined;
}

function failure(error: unknown): FileResult {
  const forGood = classifyFault(error) === 'rejected';
  return { kind: 'failed', error: namedErrorText(error), ...(forGood && { forGood }) };
}
