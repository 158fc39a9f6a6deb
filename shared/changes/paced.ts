import { pMapIterable } from 'p-map';
import type { ChangeContext, RunOptions } from './context.ts';

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
  { sleep }: Pick<ChangeContext, 'sleep'>,
  { concurrency = CONCURRENCY, ratePerSecond }: RunOptions,
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
