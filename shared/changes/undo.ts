import { pMapIterable } from 'p-map';
import { type RawAttributes, type RecordKey, readRawRecord } from '../pipeline/tracking-table.ts';
import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import { howToApprove, whyApproval } from './approval.ts';
import { asWritten, type Change, type ChangeFile, mayBeUndone } from './change.ts';
import { eachChangeFile, readChangeFile } from './change-file-table.ts';
import { moveChange, readChange, requireChange } from './change-table.ts';
import { MAY_WRITE_MILLIS } from './closing-watch.ts';
import type { ApplyOptions, ChangeDeps, ChangeRequest, RunOptions } from './context.ts';
import { changeIdOf, decideUndo, onlyAuditAttributes, withoutAuditAttributes } from './decide.ts';
import { runChange, type Source } from './engine.ts';
import { refuseTooMany } from './plan-checks.ts';
import { previewChange, withoutMarks } from './preview.ts';
import { filesUpTo } from './staged.ts';
import { findWrite } from './write-files.ts';

/**
 * Undoes a change by another one, which can itself be undone: each file that is still as the change left it gets back
 * what the change touched, byte for byte, and every other one is skipped. A change that is not done is closed first, and
 * its files are read once no run of it can write any more.
 *
 * @returns the undo as it ended
 * @throws Refused before anything is written, when there is no such change, nothing or too much to undo
 */
export async function undoChange(
  deps: ChangeDeps,
  id: string,
  request: ChangeRequest,
  options: ApplyOptions,
): Promise<Change> {
  const undone = await requireChange(deps, id);
  const files = await countTouched(deps, undone);
  if (files === 0) throw nothingToUndo(id);
  refuseTooMany(files, options.maxChanges);
  await refuseRepeated(deps, undone, files);
  const from = ['applying', 'stopped'] as const;
  if (undone.state !== 'done') await moveChange(deps.projection, id, { from, state: 'closed' });
  return runChange(deps, draftOf(deps, id, request, files), undoSource(deps, id), options);
}

const CONCURRENT_READS = 8;

/**
 * What undoing a change would do now, file by file, without writing: files without a result would be restored, the
 * others skipped.
 *
 * @throws Refused when there is no such change, or it has written no file
 */
export async function* previewUndo(deps: ChangeDeps, id: string): AsyncGenerator<ChangeFile, void> {
  if (!mayBeUndone(await requireChange(deps, id))) throw nothingToUndo(id);
  const draft = { ...previewChange(deps), undoes: id };
  const { items, decide } = undoSource(deps, id);
  const decided = pMapIterable(items(0), (done) => decide(done, draft), { concurrency: CONCURRENT_READS });
  for await (const file of decided) if (file) yield withoutMarks(file);
}

/** The files that an undo is about: all that the change may have written. */
export function undoSource(deps: ChangeDeps, id: string): Source<ChangeFile> {
  return {
    ready: (options) => waitForLastWrite(deps, id, options),
    items: (from) => after(from, touchedFiles(deps, id)),
    async decide(done, undo) {
      const record = await readRawRecord(deps.tracking, done.key);
      const result = done.result?.kind === 'applied' ? done.result : await findWrite(deps, id, done, record);
      if (!result) return undefined;
      return decideUndo(await leftBy(deps, id, asWritten({ ...done, result }), record), record, undo);
    },
  };
}

const STEP_MILLIS = 1_000;

/**
 * A change may be closed while it is being run, here or on any other machine: a file that is written after the undo has
 * passed it would stay changed. Once a change is done, each of its files has its result.
 */
async function waitForLastWrite(
  { projection, sleep }: ChangeDeps,
  id: string,
  { signal, onWait }: RunOptions,
): Promise<void> {
  if ((await readChange(projection, id))?.state === 'done') return;
  onWait?.(MAY_WRITE_MILLIS / 1_000);
  for (let left = MAY_WRITE_MILLIS; left > 0 && !signal?.aborted; left -= STEP_MILLIS)
    await sleep(STEP_MILLIS);
}

/**
 * A file as a change left it. If later changes have been undone since, it is so again, except for the audit attributes
 * of the last undo.
 */
async function leftBy(
  deps: ChangeDeps,
  id: string,
  done: ChangeFile,
  record: RawAttributes | undefined,
): Promise<ChangeFile> {
  const last = changeIdOf(record);
  if (!record || last === undefined || last === id) return done;
  if (!(await isBackAt(deps, { id, last }, done.key))) return done;
  return { ...done, after: { ...withoutAuditAttributes(done.after), ...onlyAuditAttributes(record) } };
}

// Changes of one file that were undone one after another.
const MOST_UNDONE = 20;

/** Whether the last change of a file undid a later one, and so left it as the given one had. */
async function isBackAt(
  { projection }: ChangeDeps,
  { id, last }: { readonly id: string; readonly last: string },
  key: RecordKey,
): Promise<boolean> {
  let at: string | undefined = last;
  for (let i = 0; at !== undefined && i < MOST_UNDONE; i++) {
    const change: Change | undefined = await readChange(projection, at);
    if (change?.undoes === undefined) return false;
    at = changeIdOf((await readChangeFile(projection, change.undoes, key))?.before);
    if (at === id) return true;
  }
  return false;
}

/** Only the files of stages that were begun, for a change in stages. */
async function* touchedFiles({ projection }: ChangeDeps, id: string): AsyncGenerator<ChangeFile, void> {
  const change = await readChange(projection, id);
  let left = change?.stageRule ? filesUpTo(change) : Number.POSITIVE_INFINITY;
  for await (const file of eachChangeFile(projection, id)) {
    if (left <= 0) return;
    left -= 1;
    if (file.result?.kind !== 'skipped') yield file;
  }
}

async function* after<T>(count: number, items: AsyncIterable<T>): AsyncGenerator<T, void> {
  let left = count;
  for await (const item of items) {
    if (left > 0) left -= 1;
    else yield item;
  }
}

/** What an undo would be checked for before it writes anything. */
export interface UndoChecks {
  /**
   * How many files its limit counts: all that the change may have written. Of an interrupted change these are more than
   * the preview shows, which looks at each record.
   */
  readonly files: number;
  /** Set if it would be refused, however high the limit is. */
  readonly refusal: Refused | undefined;
}

/** @throws Refused when there is no such change */
export async function checkUndo(deps: ChangeDeps, id: string): Promise<UndoChecks> {
  const change = await requireChange(deps, id);
  const files = await countTouched(deps, change);
  return { files, refusal: await obstacleToRepeating(deps, change, files) };
}

async function countTouched(deps: ChangeDeps, change: Change): Promise<number> {
  if (!mayBeUndone(change)) return 0;
  const { id, state, counts } = change;
  if (state === 'done' && counts) return counts.applied;
  let count = 0;
  for await (const _ of touchedFiles(deps, id)) count += 1;
  return count;
}

async function countForced(deps: ChangeDeps, id: string): Promise<number> {
  let count = 0;
  for await (const { forced } of touchedFiles(deps, id)) if (forced) count += 1;
  return count;
}

function draftOf({ tracking, now }: ChangeDeps, id: string, request: ChangeRequest, files: number): Change {
  return {
    ...request,
    state: 'preparing',
    origin: 'undo',
    createdAt: isoTime(now),
    table: tracking.name,
    files,
    digest: `undo of ${id}`,
    undoes: id,
  };
}

/**
 * An undo restores what was approved or needed no approval, so it needs none itself: it has to be quick. Undoing the
 * undo changes the files once more, maybe weeks later, for which a plan can be made and approved.
 */
async function refuseRepeated(deps: ChangeDeps, change: Change, files: number): Promise<void> {
  const refused = await obstacleToRepeating(deps, change, files);
  if (refused) throw refused;
}

async function obstacleToRepeating(
  deps: ChangeDeps,
  { id, undoes }: Change,
  files: number,
): Promise<Refused | undefined> {
  const { approval: rule } = deps;
  if (!rule || undoes === undefined) return undefined;
  const why = whyApproval(rule, { files, forced: await countForced(deps, id) });
  if (why === undefined) return undefined;
  return new Refused(
    'NOT_APPROVED',
    `The change ${id} is an undo. Undoing it needs approval, since ${why}. Nothing was written.`,
    howToApprove(rule),
  );
}

function nothingToUndo(id: string): Refused {
  return new Refused(
    'NOTHING_TO_UNDO',
    `The change ${id} has not written any file.`,
    'There is nothing to undo. A change that is not done can be closed.',
  );
}
