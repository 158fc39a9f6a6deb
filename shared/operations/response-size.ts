// Lambda refuses a response over 6 MB (6,291,556 bytes); what stands around the list needs little.
const MOST_BYTES = 6_000_000;

/**
 * Cuts a list so that the answer stays under Lambda's limit of 6 MB, whatever the size of its items.
 *
 * @param next where the listing goes on after the whole list; undefined when it ends there
 * @param keyOf where it goes on after a given item
 */
export function cutToResponse<T, K>(
  items: readonly T[],
  next: K | undefined,
  keyOf: (item: T) => K,
): { items: readonly T[]; next: K | undefined } {
  let bytes = 0;
  for (const [i, item] of items.entries()) {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes > MOST_BYTES) {
      const kept = items.slice(0, Math.max(1, i));
      return { items: kept, next: keyOf(kept.at(-1) as T) };
    }
  }
  return { items, next };
}
