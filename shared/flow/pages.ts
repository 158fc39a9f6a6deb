/** A page of something that is read in portions. */
interface Page<C> {
  /** Where the next page begins; undefined after the last one. */
  readonly next?: C | undefined;
}

/**
 * Reads page after page until there are no more, each only on demand: if the caller stops early, no more pages are read.
 *
 * @param load reads the page that begins at a cursor
 * @param from where to begin; by default, at the start
 */
export async function* pages<C, P extends Page<C>>(
  load: (cursor: C | undefined) => Promise<P>,
  from?: C,
): AsyncGenerator<P, void> {
  let cursor = from;
  do {
    const page = await load(cursor);
    yield page;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** What was collected from a list, and where the rest of it begins; `next` is undefined if there is no more. */
export interface Collected<T, C> {
  readonly items: readonly T[];
  readonly next: C | undefined;
}

/**
 * Collects the requested number of items, however few a page has; fewer if they are very large.
 *
 * @param load reads a page of no more than `limit` items that begins at a cursor
 * @param limit how many items to collect at most; at least 1
 * @param from where to begin; by default, at the start
 * @param mostBytes no page is read after items of this size, as JSON; by default, their size does not matter
 */
export async function collectPages<T, C>(
  load: (limit: number, cursor: C | undefined) => Promise<Collected<T, C>>,
  limit: number,
  from?: C,
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<Collected<T, C>> {
  const items: T[] = [];
  let bytes = 0;
  const loadRest = (cursor: C | undefined) => load(limit - items.length, cursor);
  for await (const page of pages(loadRest, from)) {
    items.push(...page.items);
    for (const item of page.items) bytes += Buffer.byteLength(JSON.stringify(item));
    if (items.length >= limit || bytes >= mostBytes) return { items, next: page.next };
  }
  return { items, next: undefined };
}
