import { classifyFault } from '../aws/faults.ts';
import { eachPaced, withBackoff } from '../flow/pace.ts';
import { guardedWrite } from '../pipeline/guarded-write.ts';
import type { RawAttributes } from '../pipeline/tracking-table.ts';
import { versionAttributes } from '../pipeline/version.ts';
import { noteChange } from '../projection/noted.ts';
import { namedErrorText } from '../text/error-text.ts';
import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import {
  type Actor,
  type Change,
  type ChangeFile,
  type FileResult,
  isFinal,
  type ResultCounts,
} from './change.ts';
import { eachChangeFile, markChangeFile, putChangeFile, readChangeFile } from './change-file-table.ts';
import { type ChangeOutcome, createChange, moveChange } from './change-table.ts';
import type { ChangeDeps, RunOptions } from './context.ts';
import { changeIdOf, differingNames, skipped } from './decide.ts';
import { createResetCheck, leaveOut, type ResetCheck } from './reset-check.ts';

/**
 * Runs a change, or goes on with it from wherever it was cut off: first its item, then the audit of every
 * file, then the files. So whatever is touched is named in the audit before, and nothing is written twice.
 *
 * @returns the change as it ended: `preparing` when the run was ended before any file was touched
 * @throws Refused when its id belongs to a different change, or it was closed
 */
export async function runChange<T>(
  deps: ChangeDeps,
  draft: Change,
  source: Source<T>,
  options: RunOptions,
): Promise<Change> {
  const found = await createChange(deps.projection, draft);
  if (found !== draft) refuseDifferent(found, draft);
  const change = found === draft ? draft : await noteResumption(deps, found, draft.actor);
  if (change.state !== 'preparing') return finishChange(deps, change, options);
  const prepared = await prepareFiles(deps, change, source, options);
  return prepared ? finishChange(deps, prepared, options) : change;
}

/**
 * Goes on with a change whose files are all prepared; returns at once when it is done.
 *
 * @throws Refused when it was closed
 */
export async function resumePrepared(
  deps: ChangeDeps,
  change: Change,
  actor: Actor,
  options: RunOptions,
): Promise<Change> {
  return finishChange(deps, await noteResumption(deps, change, actor), options);
}

/** A change that is done or closed stays as it is. */
function noteResumption(deps: ChangeDeps, { id, state }: Change, actor: Actor): Promise<Change> {
  const resumedBy = { ...actor, at: isoTime(deps.now) };
  if (state === 'preparing') {
    return moveChange(deps.projection, id, { from: ['preparing'], state, resumedBy });
  }
  const from = ['applying', 'stopped'] as const;
  const unknown = { counts: undefined, stopCause: undefined };
  return moveChange(deps.projection, id, { from, state: 'applying', ...unknown, resumedBy });
}

async function finishChange(deps: ChangeDeps, change: Change, options: RunOptions): Promise<Change> {
  if (change.state === 'done') return change;
  if (change.state === 'closed') throw closed(change);
  const ending = await writeFiles(deps, change, options);
  if (ending.state === 'done') await noteChange(deps.projection, change.id, deps.now);
  return moveChange(deps.projection, change.id, { from: ['applying', 'stopped'], ...ending });
}

function refuseDifferent(found: Change, draft: Change): void {
  if (found.digest === draft.digest && found.table === draft.table) return;
  throw new Refused(
    'CHANGE_EXISTS',
    `The change ${found.id} exists already, and is about other files.`,
    'Go on with the plan that it began with, or leave the id out to make a new change.',
  );
}

function closed({ id }: Change): Refused {
  return new Refused(
    'CHANGE_CLOSED',
    `The change ${id} was undone or closed before it was done, and cannot go on.`,
    'Make a new plan for the files that are still to be changed.',
  );
}

/** Where the files of a change come from. */
export interface Source<T> {
  items(): Iterable<T> | AsyncIterable<T>;
  /** Decides about one of them, from its record as it stands; undefined leaves it out. */
  decide(item: T, change: Change): Promise<ChangeFile | undefined>;
}

/**
 * Writes the audit of every file of a change, what it is and what it shall become, before any is touched. An
 * audit that is there already stands: the run before may have acted on it.
 *
 * @returns the change, ready to be applied; undefined when the run was ended before all was prepared
 * @throws Refused when the source says two different things about one file
 */
async function prepareFiles<T>(
  deps: ChangeDeps,
  change: Change,
  source: Source<T>,
  options: RunOptions,
): Promise<Change | undefined> {
  const { signal, onProgress } = options;
  const isOver = () => signal?.aborted ?? false;
  const prepare = (item: T) =>
    withBackoff(() => prepareFile(deps, change, item, source), { ...deps, signal });
  let done = 0;
  for await (const _ of eachPaced(source.items(), prepare, deps, options, isOver)) {
    done += 1;
    onProgress?.({ phase: 'preparing', done, total: change.files });
  }
  if (isOver()) return undefined;
  return moveChange(deps.projection, change.id, { from: ['preparing'], state: 'applying' });
}

async function prepareFile<T>(
  { projection }: ChangeDeps,
  change: Change,
  item: T,
  source: Source<T>,
): Promise<void> {
  const file = await source.decide(item, change);
  if (!file) return;
  const stored = await putChangeFile(projection, change.id, file);
  if (isContradiction(stored, file)) throw duplicate(file);
}

/** A file that is listed twice is changed once, unless it is to become two different things. */
function isContradiction(stored: ChangeFile, file: ChangeFile): boolean {
  const [first, second] = [stored.after.status?.S, file.after.status?.S];
  return first !== undefined && second !== undefined && first !== second;
}

function duplicate({ key }: ChangeFile): Refused {
  return new Refused(
    'DUPLICATE_FILE',
    `${key.file_key} of ${key.date_prefix} is listed twice, with two different new statuses.`,
    'No file was touched: name each file once.',
  );
}

const MOST_ERRORS = 10;

type DecidedFile = ChangeFile & { readonly result: FileResult };

/**
 * Writes every prepared file that has no final result yet, each only if it is still as prepared, and notes
 * what became of it. Holds a page of files at most.
 *
 * @returns the step that the change takes by it
 */
async function writeFiles(deps: ChangeDeps, change: Change, options: RunOptions): Promise<ChangeOutcome> {
  const { signal, maxErrors = MOST_ERRORS, onFile, onProgress } = options;
  const counts: Record<FileResult['kind'], number> = { applied: 0, skipped: 0, failed: 0 };
  let retryable = 0;
  const isOver = () => signal?.aborted || retryable >= maxErrors;
  let isComplete = false;
  const check = createResetCheck(deps);
  const finish = (file: ChangeFile) => finishFile(deps, change, file, check, signal);
  let done = 0;
  for await (const file of eachPaced(all(), finish, deps, options, isOver, ({ result }) => isFinal(result))) {
    counts[file.result.kind] += 1;
    if (!isFinal(file.result)) retryable += 1;
    done += 1;
    onFile?.(file);
    onProgress?.({ phase: 'applying', done, total: change.files });
  }
  return endingOf(counts, retryable, isComplete);

  async function* all() {
    yield* eachChangeFile(deps.projection, change.id);
    isComplete = true;
  }
}

/** Files that failed for good are listed, and keep no change from being done. */
function endingOf(counts: ResultCounts, retryable: number, isComplete: boolean): ChangeOutcome {
  const files = counts.applied + counts.skipped + counts.failed;
  if (isComplete && retryable === 0) return { state: 'done', files, counts, stopCause: undefined };
  const stopCause = retryable > 0 ? 'errors' : 'interrupted';
  return { state: 'stopped', ...(isComplete && { files }), counts, stopCause };
}

/** Never throws: what goes wrong with one file is its result, and is decided again when the change is resumed. */
async function finishFile(
  deps: ChangeDeps,
  change: Change,
  file: ChangeFile,
  check: ResetCheck,
  signal: AbortSignal | undefined,
): Promise<DecidedFile> {
  if (file.result && isFinal(file.result)) return { ...file, result: file.result };
  const retry = { ...deps, signal };
  const mark = (result: FileResult) => markChangeFile(deps.projection, change.id, file.key, result);
  const result = await withBackoff(() => writeFile(deps, change, file, check), retry).catch(failure);
  return { ...file, result: await withBackoff(() => mark(result), retry).catch(failure) };
}

async function writeFile(
  deps: ChangeDeps,
  change: Change,
  file: ChangeFile,
  check: ResetCheck,
): Promise<FileResult> {
  const leftOut = await leaveOut(deps, change, file, check);
  if (leftOut) return leftOut;
  const outcome = await guardedWrite(deps.tracking, file);
  if (outcome.kind === 'written') return { kind: 'applied' };
  if (await hasWritten(deps, change.id, file, outcome.found)) return { kind: 'applied' };
  const expected = versionAttributes({ ...file.guard, ...file.before });
  return skipped(outcome.found, differingNames(outcome.found, file), expected);
}

// A record names one change only. Later ones are followed back through their audits, up to this many.
const MOST_LATER_CHANGES = 20;

/**
 * Whether a change has written a file although no result says so: the process ended between the write and the
 * note, or the answer to the write was lost. The record names the change, or one that found it so.
 */
export async function hasWritten(
  { projection }: Pick<ChangeDeps, 'projection'>,
  id: string,
  { key, before }: Pick<ChangeFile, 'key' | 'before'>,
  found: RawAttributes | undefined,
): Promise<boolean> {
  let later = changeIdOf(found);
  for (let i = 0; later !== undefined && later !== changeIdOf(before) && i < MOST_LATER_CHANGES; i++) {
    if (later === id) return true;
    later = changeIdOf((await readChangeFile(projection, later, key))?.before);
  }
  return false;
}

function failure(error: unknown): FileResult {
  const forGood = classifyFault(error) === 'rejected';
  return { kind: 'failed', error: namedErrorText(error), ...(forGood && { forGood }) };
}
