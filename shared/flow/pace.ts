import { pMapIterable } from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { classifyFault } from '../aws/faults.ts';

const MOST_ATTEMPTS = 6;
const SHORTEST_WAIT_MILLIS = 100;

/** What retrying needs: nothing is retried once the signal is aborted. */
type RetryDeps = Pick<Deps, 'sleep'> & Partial<Pick<Deps, 'signal'>>;

/** How fast items are worked on. */
export interface Pace {
  /** Items under way at once; 8 when left out. */
  readonly concurrency?: number | undefined;
  /** Items begun in a second at most; unbounded when left out. */
  readonly ratePerSecond?: number | undefined;
}

/**
 * Repeats what throttles or the network kept from happening, after waits that double. The SDK has retried by
 * then, with jitter; this is for a table that stays too slow for longer than that.
 *
 * @throws the last error, or the first that no retry helps
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
 * Does something with each item, several at once, begun no faster than the rate allows. Results come as they
 * are ready. Once `isOver` says so, no item is begun, and those under way are still finished.
 *
 * @param isFree tells the items that cost nothing, and need not wait
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
