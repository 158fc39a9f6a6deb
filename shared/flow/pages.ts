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
