import { REQUEST_TIMEOUTS } from '../aws/clients.ts';
import type { Change } from './change.ts';
import { changeClosed, readChange } from './change-table.ts';
import type { ChangeDeps } from './context.ts';

const LOOK_MILLIS = 5_000;
// For a request that DynamoDB still has when its sender gives it up, and for a clock that is corrected meanwhile.
const SPARE_MILLIS = 3_000;

/**
 * How long runs of a change may still write after it was closed. Each attempt to write begins at most 5 seconds after a
 * look at the change, by the time of day, and ends by itself.
 */
export const MAY_WRITE_MILLIS =
  LOOK_MILLIS + REQUEST_TIMEOUTS.connectionTimeout + REQUEST_TIMEOUTS.requestTimeout + SPARE_MILLIS;

/** Whether somebody has closed a change, for the one who runs it. */
export interface ClosingWatch {
  isClosed(): boolean;
  /** Aborted once the change is known to be closed. */
  readonly signal: AbortSignal;
  /**
   * To be awaited before each attempt to write: returns if the change was not closed within the last seconds.
   *
   * @throws Refused when it was closed
   * @throws Error when that cannot be found out: then nothing may be written
   */
  requireOpen(): Promise<void>;
}

/**
 * Looks every few seconds whether a change was closed. The time of day counts, not the number of files: files may be
 * slow, and a process that was suspended does not know how long.
 */
export function watchClosing(
  { projection, clock }: Pick<ChangeDeps, 'projection' | 'clock'>,
  change: Pick<Change, 'id'>,
): ClosingWatch {
  const closed = new AbortController();
  let openAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  return {
    isClosed: () => closed.signal.aborted,
    signal: closed.signal,
    async requireOpen() {
      if (!isRecent() && !closed.signal.aborted) {
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
      }
      if (closed.signal.aborted) throw changeClosed(change);
      if (!isRecent()) throw tooSlow(change);
    },
  };

  function isRecent(): boolean {
    const age = clock() - openAt;
    return age >= 0 && age < LOOK_MILLIS;
  }

  async function look(): Promise<void> {
    // It may be closed as soon as it is read.
    const begun = clock();
    if ((await readChange(projection, change.id))?.state === 'closed') closed.abort();
    else openAt = begun;
  }
}

/** It may be tried again, as after any other timeout. */
function tooSlow({ id }: Pick<Change, 'id'>): Error {
  const error = new Error(`Reading the change ${id} took more than ${LOOK_MILLIS / 1_000} seconds.`);
  return Object.assign(error, { name: 'TimeoutError' });
}
