import { eachPaced, withBackoff } from '../flow/pace.ts';
import { noteChange } from '../reports/noted.ts';
import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import type { Actor, Change, ChangeFile } from './change.ts';
import { putChangeFile } from './change-file-table.ts';
import { changeClosed, createChange, moveChange, noteProgress } from './change-table.ts';
import type { ChangeDeps, RunOptions } from './context.ts';
import { runStages } from './staged.ts';
import { endingOf, writeFiles } from './write-files.ts';

/**
 * Runs a change, or resumes it from wherever it was interrupted: first its item, then the audit of every file, then the
 * files. So whatever is touched is in the audit before, and nothing is written twice.
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
  const paced = { ...draft, rate: options.ratePerSecond ?? options.usualRate };
  const found = await createChange(deps.projection, paced);
  if (found !== paced) refuseDifferent(found, draft);
  const isNoted = found === paced || isGoingOn(found, options);
  const change = isNoted ? found : await noteResumption(deps, found, draft.actor, options);
  if (change.state !== 'preparing') return finishChange(deps, change, options);
  const prepared = await prepareFiles(deps, change, source, options);
  return prepared ? finishChange(deps, prepared, options) : change;
}

/**
 * Resumes a change whose files are all prepared; returns at once when it is done.
 *
 * @throws Refused when it was closed
 */
export async function resumePrepared(
  deps: ChangeDeps,
  change: Change,
  actor: Actor,
  options: RunOptions,
): Promise<Change> {
  if (isGoingOn(change, options)) return finishChange(deps, change, options);
  return finishChange(deps, await noteResumption(deps, change, actor, options), options);
}

/** Whether this run is one of several that follow each other by themselves, which nobody asked for. */
function isGoingOn({ state }: Change, { isFollowing = false }: RunOptions): boolean {
  return isFollowing && (state === 'preparing' || state === 'applying');
}

/** A change that is done or closed stays as it is. */
function noteResumption(
  deps: ChangeDeps,
  { id, state }: Change,
  actor: Actor,
  { ratePerSecond, resumedFor }: RunOptions,
): Promise<Change> {
  const resumed = {
    resumedBy: { ...actor, at: isoTime(deps.now), ...(resumedFor !== undefined && { reason: resumedFor }) },
    // Whoever continues it keeps this pace: the table may need a slower one than at the beginning.
    ...(ratePerSecond !== undefined && { rate: ratePerSecond }),
  };
  if (state === 'preparing') {
    return moveChange(deps.projection, id, { from: ['preparing'], state, ...resumed });
  }
  const from = ['applying', 'stopped'] as const;
  const unknown = { counts: undefined, stopCause: undefined };
  return moveChange(deps.projection, id, { from, state: 'applying', ...unknown, ...resumed });
}

async function finishChange(deps: ChangeDeps, change: Change, options: RunOptions): Promise<Change> {
  if (change.state === 'done') return change;
  if (change.state === 'closed') throw changeClosed(change);
  const paced = pacedAs(change, options);
  const ending = change.stageRule
    ? await runStages(deps, change, change.stageRule, paced)
    : endingOf(await writeFiles(deps, change, paced), paced);
  if (ending.state === 'done') {
    await withBackoff(() => noteChange(deps.projection, change.id, deps.now), deps);
  }
  const step = { from: ['applying', 'stopped'], ...ending } as const;
  return withBackoff(() => moveChange(deps.projection, change.id, step), deps);
}

function pacedAs({ rate }: Change, options: RunOptions): RunOptions {
  return { ...options, ratePerSecond: options.ratePerSecond ?? rate ?? options.usualRate };
}

function refuseDifferent(found: Change, draft: Change): void {
  if (found.digest === draft.digest && found.table === draft.table) return;
  throw new Refused(
    'CHANGE_EXISTS',
    `The change ${found.id} already exists, and is about other files.`,
    'Resume it with the plan that it began with, or leave out the id to make a new change.',
  );
}

/** Where the files of a change come from. */
export interface Source<T> {
  /** Waits until the first one may be read, or the run is ended; left out where nothing has to be waited for. */
  ready?(options: RunOptions): Promise<void>;
  /** @param from how many of the first ones to leave out */
  items(from: number): Iterable<T> | AsyncIterable<T>;
  /** Decides about one of them, from its record as it is now; undefined leaves it out. */
  decide(item: T, change: Change): Promise<ChangeFile | undefined>;
}

/**
 * Writes the audit of every file of a change, what it is and what it will become, before any is touched. An audit that
 * exists already is kept: the run before may have acted on it.
 *
 * @returns the change, ready to be applied; undefined when the run was ended before all was prepared
 * @throws Refused when the source asks for two different things for one file
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
  const paced = pacedAs(change, options);
  let done = change.progress?.prepared ?? 0;
  if (done === 0) await source.ready?.(options);
  const rest = iteratorOf(source.items(done));
  try {
    for (let end = done; done === end && !isOver(); ) {
      end = done + FILES_PER_NOTE;
      for await (const _ of eachPaced(take(rest, FILES_PER_NOTE), prepare, deps, paced, isOver)) {
        done += 1;
        onProgress?.({ phase: 'preparing', done, total: change.files });
      }
      const progress = { prepared: done };
      const note = () => noteProgress(deps.projection, change.id, 'preparing', progress);
      if (done === end) await withBackoff(note, deps);
    }
  } finally {
    await rest.return?.();
  }
  if (isOver()) return undefined;
  const step = { from: ['preparing'], state: 'applying', progress: undefined } as const;
  return withBackoff(() => moveChange(deps.projection, change.id, step), deps);
}

// What is stored here is not prepared again by the next run.
const FILES_PER_NOTE = 500;

function iteratorOf<T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/** The next files, each read when it is asked for. */
async function* take<T>(items: Iterator<T> | AsyncIterator<T>, count: number): AsyncGenerator<T, void> {
  for (let left = count; left > 0; left--) {
    const next = await items.next();
    if (next.done) return;
    yield next.value;
  }
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

/** A file that is listed twice is changed once, unless two different statuses are asked for. */
function isContradiction(stored: ChangeFile, file: ChangeFile): boolean {
  const [first, second] = [stored.after.status?.S, file.after.status?.S];
  return first !== undefined && second !== undefined && first !== second;
}

function duplicate({ key }: ChangeFile): Refused {
  return new Refused(
    'DUPLICATE_FILE',
    `${key.file_key} of ${key.date_prefix} is listed twice, with two different new statuses.`,
    'No file was changed. Name each file once.',
  );
}
