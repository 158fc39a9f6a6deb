import { setTimeout } from 'node:timers/promises';

export interface Idleness {
  /** Resolves when each shard listed after this call has ended or been found empty by a read begun after it. */
  wait(): Promise<void>;
  /** To be called before the shards are listed; what it returns, with the list. */
  onList(): (shardIds: readonly string[]) => void;
  /** To be called before a shard is read; what it returns, when that read left nothing to do. */
  onRead(shardId: string): () => void;
  onEnd(shardId: string): void;
  /** Rejects everyone who is waiting. */
  stop(): void;
}

type Waiter = { since: number; resolve(): void; reject(error: Error): void };

/**
 * Knows when everything that was in a stream at some moment is done. A stream does not say how long it is: only
 * a read that began after that moment and found nothing shows that nothing is left.
 */
export function createIdleness(): Idleness {
  let moment = 0;
  let waiters: Waiter[] = [];
  let listed: { since: number; shardIds: readonly string[] } = { since: -1, shardIds: [] };
  const emptySince = new Map<string, number>();

  function resolveWaiters(): void {
    const isOver = ({ since }: Waiter) =>
      listed.since >= since && listed.shardIds.every((id) => (emptySince.get(id) ?? -1) >= since);
    for (const waiter of waiters.filter(isOver)) waiter.resolve();
    waiters = waiters.filter((waiter) => !isOver(waiter));
  }

  return {
    wait() {
      moment += 1;
      return new Promise((resolve, reject) => {
        waiters.push({ since: moment, resolve, reject });
      });
    },
    onList() {
      const since = moment;
      return (shardIds) => {
        listed = { since, shardIds };
        resolveWaiters();
      };
    },
    onRead(shardId) {
      const since = moment;
      return () => {
        emptySince.set(shardId, since);
        resolveWaiters();
      };
    },
    onEnd(shardId) {
      emptySince.set(shardId, Number.POSITIVE_INFINITY);
      resolveWaiters();
    },
    stop() {
      for (const { reject } of waiters) reject(new Error('The stream runner has been stopped.'));
      waiters = [];
    },
  };
}

/** Waits; returns immediately if the signal is aborted. */
export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (milliseconds, signal) => {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
};

export interface Sleeper {
  sleep(milliseconds: number): Promise<void>;
  /** Ends the current sleep; if there is none, the next one ends immediately, so that no wake-up is lost. */
  wake(): void;
  /** Ends this sleep and every later one. */
  retire(): void;
  retired(): boolean;
}

/** The pauses of one loop, which others can cut short. */
export function createSleeper(sleep: Sleep): Sleeper {
  let retired = false;
  let current = new AbortController();
  return {
    async sleep(milliseconds) {
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
