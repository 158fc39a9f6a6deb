import { setImmediate as microtasksDone } from 'node:timers/promises';

/**
 * Takes step after step until the promise has settled, each one when all computation is waiting.
 *
 * @returns its result; fails as it does
 */
export async function stepUntil<Output>(until: Promise<Output>, step: () => unknown): Promise<Output> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  until.then(end, end);
  for (;;) {
    await microtasksDone();
    if (ended) return until;
    await step();
  }
}
