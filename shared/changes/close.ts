import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import type { Actor, Change } from './change.ts';
import { moveChange, requireChange } from './change-table.ts';
import type { ChangeDeps } from './context.ts';

/**
 * Closes a change that ended early or was interrupted, and that nobody wants to resume: what it did stays, and can
 * still be undone.
 *
 * @throws Refused when there is no such change, or it is done
 */
export async function closeChange(
  deps: Pick<ChangeDeps, 'tracking' | 'projection' | 'now'>,
  id: string,
  { actor, reason }: { readonly actor: Actor; readonly reason: string },
): Promise<Change> {
  await requireChange(deps, id);
  const closed = await moveChange(deps.projection, id, {
    from: ['preparing', 'applying', 'stopped'],
    state: 'closed',
    closedBy: { ...actor, reason, at: isoTime(deps.now) },
  });
  if (closed.state === 'closed') return closed;
  throw new Refused(
    'CHANGE_CLOSED',
    `The change ${id} is ${closed.state}: there is nothing left to close.`,
    'To reverse what it did, undo it.',
  );
}
