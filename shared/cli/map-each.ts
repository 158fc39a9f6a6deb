/** Each of a sequence, changed, as it comes. */
export async function* mapEach<T, U>(
  items: AsyncIterable<T> | Iterable<T>,
  change: (item: T) => U,
): AsyncGenerator<U> {
  for await (const item of items) yield change(item);
}
