import { pMapIterable } from 'p-map';
import { readRawRecord } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import type { Change, ChangeFile } from './change.ts';
import { eachChangeFile } from './change-file-table.ts';
import { moveChange, requireChange } from './change-table.ts';
import type { ApplyOptions, ChangeContext, Order } from './context.ts';
import { decideUndo } from './decide.ts';
import { hasWritten, runChange, type Source } from './engine.ts';
import { refuseTooMany } from './plan-checks.ts';
import { previewChange } from './preview.ts';
import { ChangeRefused } from './refused.ts';

/**
 * Undoes a change by another one, which can be undone in its turn: each file that is still as the change left
 * it gets back what the change touched, byte for byte, and every other one is skipped. A change that was cut
 * off is closed first, so that it cannot go on while what it did is taken back.
 *
 * @returns the undo as it ended
 * @throws ChangeRefused before anything is written, when there is no such change, nothing or too much to undo
 */
export async function undoChange(
  context: ChangeContext,
  id: string,
  order: Order,
  options: ApplyOptions,
): Promise<Change> {
  const undone = await requireChange(context, id);
  const files = await countTouched(context, undone);
  if (files === 0) throw nothingToUndo(id);
  refuseTooMany(files, options.maxChanges);
  const from = ['applying', 'stopped'] as const;
  if (undone.state !== 'done') await moveChange(context.projection, id, { from, state: 'closed' });
  return runChange(context, draftOf(context, id, order, files), undoSource(context, id), options);
}

const CONCURRENT_READS = 8;

/**
 * What undoing a change would do now, file by file, and write nothing: those without a result would be put
 * back, and the others be skipped.
 *
 * @throws ChangeRefused when there is no such change
 */
export async function* previewUndo(context: ChangeContext, id: string): AsyncGenerator<ChangeFile, void> {
  await requireChange(context, id);
  const draft = { ...previewChange(context), undoes: id };
  const { items, decide } = undoSource(context, id);
  const decided = pMapIterable(items(), (done) => decide(done, draft), { concurrency: CONCURRENT_READS });
  for await (const file of decided) if (file) yield file;
}

/** The files that an undo is about: all that the change may have written. */
export function undoSource(context: ChangeContext, id: string): Source<ChangeFile> {
  return {
    items: () => touchedFiles(context, id),
    async decide(done, undo) {
      const record = await readRawRecord(context.tracking, done.key);
      const wasWritten = done.result?.kind === 'applied' || (await hasWritten(context, id, done, record));
      return wasWritten ? decideUndo(done, record, undo) : undefined;
    },
  };
}

async function* touchedFiles({ projection }: ChangeContext, id: string): AsyncGenerator<ChangeFile, void> {
  for await (const file of eachChangeFile(projection, id)) {
    if (file.result?.kind !== 'skipped') yield file;
  }
}

async function countTouched(context: ChangeContext, { id, state, counts }: Change): Promise<number> {
  if (state === 'preparing') return 0;
  if (state === 'done' && counts) return counts.applied;
  let count = 0;
  for await (const _ of touchedFiles(context, id)) count += 1;
  return count;
}

function draftOf({ tracking, now }: ChangeContext, id: string, order: Order, files: number): Change {
  return {
    ...order,
    state: 'preparing',
    origin: 'undo',
    createdAt: isoTime(now),
    table: tracking.name,
    files,
    digest: `undo of ${id}`,
    undoes: id,
  };
}

function nothingToUndo(id: string): ChangeRefused {
  return new ChangeRefused(
    'NOTHING_TO_UNDO',
    `The change ${id} has written no file.`,
    'Nothing needs to be done.',
  );
}
