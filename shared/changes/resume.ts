import type { Actor, Change } from './change.ts';
import type { ChangeContext, RunOptions } from './context.ts';
import { requireChange } from './known-change.ts';
import { ChangeRefused } from './refused.ts';
import { resumePrepared, runChange } from './run.ts';
import { undoSource } from './undo.ts';

/**
 * Goes on with a change that was cut off, from its audit: no plan is needed once all files were prepared.
 *
 * @returns the change as it ended; at once when it is done
 * @throws ChangeRefused when there is no such change, it was closed, or it was cut off before its audit was
 *   complete and only its plan can tell the rest
 */
export async function resumeChange(
  context: ChangeContext,
  id: string,
  actor: Actor,
  options: RunOptions,
): Promise<Change> {
  const change = await requireChange(context, id);
  if (change.state !== 'preparing') return resumePrepared(context, change, actor, options);
  if (change.undoes === undefined) throw planNeeded(change);
  return runChange(context, { ...change, actor }, undoSource(context, change.undoes), options);
}

function planNeeded({ id }: Change): ChangeRefused {
  return new ChangeRefused(
    'PLAN_NEEDED',
    `The change ${id} was cut off while it was prepared: no file was touched.`,
    'Apply its plan again with this id, or plan anew.',
  );
}
