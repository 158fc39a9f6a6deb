import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import type { Actor, Change } from './change.ts';
import { moveChange, requireChange } from './change-table.ts';
import type { ChangeDeps } from './context.ts';

/**
 * Ends a change that ended early, or was cut off, and that nobody wants to go on with: what it did stays, and can
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
    `The change ${id} is ${closed.state}: there is nothing left to end.`,
    'To take back what it did, undo it.',
  );
}
