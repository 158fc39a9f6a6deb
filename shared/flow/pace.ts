import { pMapIterable } from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { classifyFault } from '../aws/faults.ts';

const MOST_ATTEMPTS = 6;
const SHORTEST_WAIT_MILLIS = 100;

/** What retrying needs. Nothing is retried after the signal is aborted. */
type RetryDeps = Pick<Deps, 'sleep'> & Partial<Pick<Deps, 'signal'>>;

/** How fast items are worked on. */
export interface Pace {
  /** Items worked on at once; 8 by default. */
  readonly concurrency?: number | undefined;
  /** The most items started per second; unlimited by default. */
  readonly ratePerSecond?: number | undefined;
}

/**
 * Retries what failed because of throttling or the network, with waits that double. By then the SDK has already retried,
 * with jitter; this is for a table that stays too slow for longer than that.
 *
 * @throws the last error, or the first one that retries cannot fix
 */
export async function withBackoff<T>(attempt: () => Promise<T>, { sleep, signal }: RetryDeps): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const isHopeless = classifyFault(error) !== 'busy' || tried >= MOST_ATTEMPTS;
      if (isHopeless || signal?.aborted) throw error;
      await sleep(SHORTEST_WAIT_MILLIS * 2 ** (tried - 1));
    }
  }
}

const CONCURRENCY = 8;

/**
 * Works on each item, several at once, started no faster than the rate allows. Results come as they are ready. Once
 * `isOver` is true, no item is started, and started ones are finished.
 *
 * @param isFree whether an item costs nothing and need not wait
 */
export function eachPaced<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  { sleep }: Pick<Deps, 'sleep'>,
  { concurrency = CONCURRENCY, ratePerSecond }: Pace,
  isOver: () => boolean,
  isFree: (item: T) => boolean = () => false,
): AsyncIterable<R> {
  const gap = ratePerSecond === undefined ? 0 : 1_000 / ratePerSecond;
  return pMapIterable(begun(), work, { concurrency, preserveOrder: false });

  async function* begun(): AsyncGenerator<T, void> {
    for await (const item of items) {
      if (gap > 0 && !isFree(item)) await sleep(gap);
      if (isOver()) return;
      yield item;
    }
  }
}
