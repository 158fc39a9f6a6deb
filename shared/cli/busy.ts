import type { Change } from '../changes/change.ts';
import { isBusy } from '../operations/change-requests.ts';
import { Refused } from '../text/refused.ts';
import type { RunContext } from './command.ts';

/**
 * Two runs at once harm no file, but write to the pipeline's table twice as fast as was asked for.
 *
 * @throws Refused while the state machine runs the change
 */
export function refuseBusy(
  { deps, commandLine }: Pick<RunContext, 'deps' | 'commandLine'>,
  change: Change,
): void {
  if (!isBusy(change, deps)) return;
  throw new Refused(
    'NOT_ENDED',
    `The change ${change.id} continues by itself: the state machine runs it until ${change.busyUntil} at least.`,
    `To see its progress: ${commandLine('changes', [change.id])}`,
  );
}
