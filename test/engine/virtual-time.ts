import { stepUntil } from '../support/step-until.ts';

/** A clock that stands still while anything computes, and goes on to the next end of a sleep when all wait. */
export interface VirtualTime {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(millis: number): Promise<void>;
  /** Lets time pass until this has come to its end; whatever it waits for must be sleeps of this clock. */
  run<Output>(until: Promise<Output>): Promise<Output>;
}

/** So a measurement is the same on every machine, however busy it is. */
export function createVirtualTime(begin: number): VirtualTime {
  /** In the order in which they end; those that end together, in the order in which they began. */
  const sleepers: { readonly until: number; wake(): void }[] = [];
  let now = begin;

  function insert(until: number, wake: () => void): void {
    let [from, to] = [0, sleepers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((sleepers[middle]?.until ?? 0) <= until) from = middle + 1;
      else to = middle;
    }
    sleepers.splice(from, 0, { until, wake });
  }

  return {
    now: () => now,
    sleep: (millis) => new Promise((wake) => insert(now + Math.max(0, millis), wake)),
    run: (until) =>
      stepUntil(until, () => {
        const next = sleepers.shift();
        if (!next) throw new Error('Everything waits for something that this clock does not bring.');
        now = next.until;
        next.wake();
      }),
  };
}
