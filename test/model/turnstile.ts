import { setImmediate as microtasksDone } from 'node:timers/promises';
import { stepUntil } from '../support/step-until.ts';

/**
 * Lets the calls of several consumers through one at a time, in an order that is given and not left to chance:
 * the same order is the same run. Calls are what consumers wait for, so that every way in which consumers can
 * get in each other's way is some order of their calls.
 */
export interface Turnstile {
  /**
   * Makes the call when its turn has come.
   *
   * @param overtakenBy so many calls go first, if there are others
   */
  pass<T>(call: () => Promise<T>, overtakenBy?: number): Promise<T>;
  /** Within a call that has its turn: gives the turn up, and goes on when the next one has come. */
  pause(): Promise<void>;
  /** Lets calls through until this has come to its end; what waits then goes on waiting. Fails as it does. */
  operate(until: Promise<unknown>): Promise<void>;
  /** Lets through what still waits. */
  empty(): Promise<void>;
  /** How many calls have gone through. */
  turns(): number;
}

interface Waiting {
  overtakenBy: number;
  call(): Promise<void>;
}

/** @param order for each turn, which of the waiting calls it is; the oldest one when there is no more */
export function createTurnstile(
  order: readonly number[],
  beforeTurn: (turn: number) => Promise<void>,
): Turnstile {
  const waiting: Waiting[] = [];
  let turns = 0;
  /** The call that has its turn, and the way for it to give that up. */
  let running: Promise<void> = Promise.resolve();
  let giveUp: () => void = () => undefined;

  async function next(): Promise<void> {
    const ready = waiting.filter(({ overtakenBy }) => overtakenBy <= 0);
    const choices = ready.length > 0 ? ready : waiting;
    const chosen = choices[(order[turns] ?? 0) % choices.length];
    if (!chosen) return;
    turns += 1;
    waiting.splice(waiting.indexOf(chosen), 1);
    for (const other of waiting) other.overtakenBy -= 1;
    await beforeTurn(turns);
    const givenUp = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    // Not before `running` is known: a call may pause at once.
    running = Promise.resolve().then(() => chosen.call());
    await Promise.race([running, givenUp]);
  }

  return {
    pass: (call, overtakenBy = 0) =>
      new Promise((resolve, reject) => {
        waiting.push({ overtakenBy, call: () => call().then(resolve, reject) });
      }),
    pause: () => {
      const own = running;
      return new Promise((resolve) => {
        const call = () => {
          resolve();
          return own;
        };
        waiting.push({ overtakenBy: 0, call });
        giveUp();
      });
    },
    async operate(until) {
      // A consumer does nothing but compute between two calls: at each step all of them wait here, or have ended.
      await stepUntil(until, next);
    },
    async empty() {
      while (waiting.length > 0) {
        await next();
        await microtasksDone();
      }
    },
    turns: () => turns,
  };
}
