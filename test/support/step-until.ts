import { setImmediate as microtasksDone } from 'node:timers/promises';

/**
 * Takes step after step until this has come to its end, each once everything that computes has come to wait.
 *
 * @returns what it came to; fails as it does
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
