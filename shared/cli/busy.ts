import type { Change } from '../changes/change.ts';
import { noteBusy } from '../changes/change-table.ts';
import { isBusy } from '../operations/change-requests.ts';
import { Refused } from '../text/refused.ts';
import { isoTime } from '../text/time.ts';
import type { RunContext } from './command.ts';

/**
 * Two runs at once harm no file, but write to the pipeline's table twice as fast as was asked for.
 *
 * @throws Refused while the state machine or another runbook runs the change
 */
export function refuseBusy(
  { deps, commandLine }: Pick<RunContext, 'deps' | 'commandLine'>,
  change: Change,
): void {
  if (!isBusy(change, deps)) return;
  throw new Refused(
    'NOT_ENDED',
    `The change ${change.id} continues by itself: the state machine or a runbook runs it until ${change.busyUntil} at least.`,
    `To see its progress: ${commandLine('changes', [change.id])}`,
  );
}

const EVERY_MILLIS = 5_000;
const HELD_MILLIS = 30_000;

/**
 * Runs a change, and stores on it that it is being run, unless it is done within seconds. After a kill it is taken to be
 * running for half a minute more.
 */
export async function whileHeld<T>(
  { deps: { projection } }: Pick<RunContext, 'deps'>,
  changeId: string,
  run: () => Promise<T>,
): Promise<T> {
  let holding: Promise<void> | undefined;
  const hold = (until: number) => {
    // It only protects the table from double speed: a failure to store it must not end the change.
    holding = noteBusy(projection, changeId, isoTime(until)).catch(() => undefined);
  };
  const timer = setInterval(() => hold(Date.now() + HELD_MILLIS), EVERY_MILLIS);
  try {
    return await run();
  } finally {
    clearInterval(timer);
    if (holding !== undefined) {
      await holding;
      hold(Date.now());
      await holding;
    }
  }
}
