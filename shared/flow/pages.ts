/** A page of something that is read piece by piece. */
interface Page<C> {
  /** Where the next page begins; undefined after the last one. */
  readonly next?: C | undefined;
}

/**
 * Reads page after page until there is no more, each only when it is asked for: a caller that stops early
 * reads no further.
 *
 * @param load reads the page that begins at a cursor
 * @param from where to begin; at the start when left out
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

/** What was collected of a list, and where the rest of it begins; undefined when there is none. */
export interface Collected<T, C> {
  readonly items: readonly T[];
  readonly next: C | undefined;
}

/**
 * Collects as many items as asked for, however few of them a page has.
 *
 * @param load reads a page of no more than `limit` items that begins at a cursor
 * @param limit how many items to collect at most; at least 1
 * @param from where to begin; at the start when left out
 */
export async function collectPages<T, C>(
  load: (limit: number, cursor: C | undefined) => Promise<Collected<T, C>>,
  limit: number,
  from?: C,
): Promise<Collected<T, C>> {
  const items: T[] = [];
  const loadRest = (cursor: C | undefined) => load(limit - items.length, cursor);
  for await (const page of pages(loadRest, from)) {
    items.push(...page.items);
    if (items.length >= limit) return { items, next: page.next };
  }
  return { items, next: undefined };
}
