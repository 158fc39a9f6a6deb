import { isoTime } from '../files/time.ts';
import type { Actor, Change } from './change.ts';
import { createChange, moveChange } from './change-table.ts';
import type { ChangeContext, RunOptions } from './context.ts';
import { prepareFiles, type Source } from './prepare.ts';
import { ChangeRefused } from './refused.ts';
import { writeFiles } from './write-files.ts';

/**
 * Runs a change, or goes on with it from wherever it was cut off: first its item, then the audit of every
 * file, then the files. So whatever is touched is named in the audit before, and nothing is written twice.
 *
 * @returns the change as it ended: `preparing` when the run was ended before any file was touched
 * @throws ChangeRefused when its id belongs to a different change, or it was closed
 */
export async function runChange<T>(
  context: ChangeContext,
  draft: Change,
  source: Source<T>,
  options: RunOptions,
): Promise<Change> {
  const found = await createChange(context.projection, draft);
  if (found !== draft) refuseDifferent(found, draft);
  const change = found === draft ? draft : await noteResumption(context, found, draft.actor);
  if (change.state !== 'preparing') return finishChange(context, change, options);
  const prepared = await prepareFiles(context, change, source, options);
  return prepared ? finishChange(context, prepared, options) : change;
}

/**
 * Goes on with a change whose files are all prepared; returns at once when it is done.
 *
 * @throws ChangeRefused when it was closed
 */
export async function resumePrepared(
  context: ChangeContext,
  change: Change,
  actor: Actor,
  options: RunOptions,
): Promise<Change> {
  return finishChange(context, await noteResumption(context, change, actor), options);
}

/** A change that is done or closed stays as it is. */
function noteResumption(context: ChangeContext, { id, state }: Change, actor: Actor): Promise<Change> {
  const resumedBy = { ...actor, at: isoTime(context.now) };
  if (state === 'preparing') {
    return moveChange(context.projection, id, { from: ['preparing'], state, resumedBy });
  }
  const from = ['applying', 'stopped'] as const;
  const unknown = { counts: undefined, stopCause: undefined };
  return moveChange(context.projection, id, { from, state: 'applying', ...unknown, resumedBy });
}

async function finishChange(context: ChangeContext, change: Change, options: RunOptions): Promise<Change> {
  if (change.state === 'done') return change;
  if (change.state === 'closed') throw closed(change);
  const ending = await writeFiles(context, change, options);
  return moveChange(context.projection, change.id, { from: ['applying', 'stopped'], ...ending });
}

function refuseDifferent(found: Change, draft: Change): void {
  if (found.digest === draft.digest && found.table === draft.table) return;
  throw new ChangeRefused(
    'CHANGE_EXISTS',
    `The change ${found.id} exists already, and is about other files.`,
    'Go on with the plan that it began with, or leave the id out to make a new change.',
  );
}

function closed({ id }: Change): ChangeRefused {
  return new ChangeRefused(
    'CHANGE_CLOSED',
    `The change ${id} was undone before it was done, and cannot go on.`,
    'Make a new plan for the files that are still to be changed.',
  );
}
