import type { Change } from '../changes/change.ts';
import { isBusy } from '../operations/change-requests.ts';
import { Refused } from '../text/refused.ts';
import type { RunContext } from './command.ts';

/**
 * Two at once do no harm to a file, and write to the pipeline's table twice as fast as was asked for.
 *
 * @throws Refused while the state machine is at the change
 */
export function refuseBusy(
  { deps, commandLine }: Pick<RunContext, 'deps' | 'commandLine'>,
  change: Change,
): void {
  if (!isBusy(change, deps)) return;
  throw new Refused(
    'NOT_ENDED',
    `The change ${change.id} goes on by itself: the state machine is at it until ${change.busyUntil} at least.`,
    `To see how far it is: ${commandLine('changes', [change.id])}`,
  );
}
