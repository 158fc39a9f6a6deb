import pMap from 'p-map';

/** How many items are worked on at once, and the signal to stop. */
interface InTime {
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works on items in order until it is told to stop: then no item is started, and started ones are finished. The first item
 * is always done, so that repeated runs make progress.
 *
 * @returns the results of the first items, as many as were done
 */
export async function mapInTime<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  { concurrency, signal }: InTime,
): Promise<R[]> {
  const results = await pMap(
    items,
    async (item, i) => (i > 0 && signal?.aborted ? undefined : { result: await work(item) }),
    { concurrency },
  );
  const end = results.indexOf(undefined);
  return (end < 0 ? results : results.slice(0, end)).flatMap((done) => (done ? [done.result] : []));
}
