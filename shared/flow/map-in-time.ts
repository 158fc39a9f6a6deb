import pMap from 'p-map';

/** How many are worked on at once, and what tells to stop. */
interface InTime {
  readonly concurrency: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Works on items in their order until it is told to stop: none is begun then, and what was begun is finished. The first
 * one is done in any case, so that whoever goes on after the last one always comes further.
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
