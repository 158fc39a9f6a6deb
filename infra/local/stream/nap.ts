import { setTimeout } from 'node:timers/promises';

/** Waits, or returns at once when the signal is aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (milliseconds, signal) => {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
};

export interface Napper {
  nap(milliseconds: number): Promise<void>;
  /** Ends the nap; the next one ends at once when there is none, so that no wake-up is lost. */
  wake(): void;
  /** Ends this nap and every later one. */
  retire(): void;
  retired(): boolean;
}

/** Pauses of one loop that something else may cut short. */
export function createNapper(sleep: Sleep): Napper {
  let retired = false;
  let current = new AbortController();
  return {
    async nap(milliseconds) {
      if (milliseconds <= 0) return;
      if (!current.signal.aborted) await sleep(milliseconds, current.signal);
      if (!retired) current = new AbortController();
    },
    wake: () => current.abort(),
    retire() {
      retired = true;
      current.abort();
    },
    retired: () => retired,
  };
}
