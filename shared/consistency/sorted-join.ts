import { compareBytes } from '../text/byte-order.ts';

/** Items in the byte order of their keys. */
export type Sequence<T> = AsyncIterable<T>;

/** All items of two sequences that have one key. */
export interface Joined<L, R> {
  readonly key: string;
  readonly left: readonly L[];
  readonly right: readonly R[];
}

/** One sequence of several, each in order. It holds one item of each. */
export async function* mergeSorted<T>(
  sequences: readonly Sequence<T>[],
  keyOf: (item: T) => string,
): AsyncGenerator<T, void> {
  const readers = await Promise.all(sequences.map((sequence) => openReader(sequence, keyOf)));
  try {
    for (let first = earliest(readers); first; first = earliest(readers)) {
      yield first.item as T;
      await first.advance();
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
}

/** The full outer join of two sequences. It holds no more than the items of one key. */
export async function* joinSorted<L, R>(
  left: Sequence<L>,
  right: Sequence<R>,
  keyOfLeft: (item: L) => string,
  keyOfRight: (item: R) => string,
): AsyncGenerator<Joined<L, R>, void> {
  const [l, r] = await Promise.all([openReader(left, keyOfLeft), openReader(right, keyOfRight)]);
  try {
    for (let first = earliest([l, r]); first; first = earliest([l, r])) {
      const { key } = first;
      yield { key, left: await takeAll(l, key), right: await takeAll(r, key) };
    }
  } finally {
    await Promise.all([l.close(), r.close()]);
  }
}

/** A sequence with its next item at hand. */
interface Reader<T> {
  /** Undefined at the end. */
  item: T | undefined;
  /** Of the item. */
  key: string;
  advance(): Promise<void>;
  /** Ends the sequence, which may hold a page of a listing. */
  close(): Promise<unknown>;
}

async function openReader<T>(sequence: Sequence<T>, keyOf: (item: T) => string): Promise<Reader<T>> {
  const iterator = sequence[Symbol.asyncIterator]();
  const reader: Reader<T> = {
    item: undefined,
    key: '',
    async advance() {
      const { value, done } = await iterator.next();
      this.item = done ? undefined : value;
      this.key = done ? '' : keyOf(value);
    },
    close: async () => iterator.return?.(),
  };
  await reader.advance();
  return reader;
}

function earliest<R extends Reader<unknown>>(readers: readonly R[]): R | undefined {
  let first: R | undefined;
  for (const reader of readers) {
    if (reader.item === undefined) continue;
    if (!first || compareBytes(reader.key, first.key) < 0) first = reader;
  }
  return first;
}

async function takeAll<T>(reader: Reader<T>, key: string): Promise<T[]> {
  const items: T[] = [];
  while (reader.item !== undefined && reader.key === key) {
    items.push(reader.item);
    await reader.advance();
  }
  return items;
}
