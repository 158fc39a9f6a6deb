/** @module-tag search */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinSorted, mergeSorted } from '../../../shared/consistency/sorted-join.ts';
import { compareBytes } from '../../../shared/text/byte-order.ts';
import { search } from '../../support/search.ts';

const keys = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', '-', '\u{1f680}', '\uff5e'), maxLength: 3 }),
);
const sorted = (list: readonly string[]) => [...list].sort(compareBytes);
const itself = (key: string) => key;

async function* sequence(list: readonly string[], onEnd?: () => void): AsyncGenerator<string, void> {
  try {
    yield* sorted(list);
  } finally {
    onEnd?.();
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test('several sequences become one in order, with nothing lost or added', async () => {
  await search(
    fc.asyncProperty(fc.array(keys, { maxLength: 5 }), async (lists) => {
      const merged = await all(
        mergeSorted(
          lists.map((list) => sequence(list)),
          itself,
        ),
      );
      expect(merged).toEqual(sorted(lists.flat()));
    }),
    { least: 100, most: 100 },
  );
});

test('a join has every key once, in order, with all items of both sides', async () => {
  await search(
    fc.asyncProperty(keys, keys, async (left, right) => {
      const joined = await all(joinSorted(sequence(left), sequence(right), itself, itself));
      const expected = sorted([...new Set([...left, ...right])]).map((key) => ({
        key,
        left: left.filter((each) => each === key),
        right: right.filter((each) => each === key),
      }));
      expect(joined).toEqual(expected);
    }),
    { least: 100, most: 100 },
  );
});

test('stopping early closes the sequences', async () => {
  let ended = 0;
  const onEnd = () => {
    ended += 1;
  };
  const merged = mergeSorted([sequence(['a', 'b'], onEnd), sequence(['c'], onEnd)], itself);
  for await (const { key } of joinSorted(merged, sequence(['a', 'z'], onEnd), itself, itself)) {
    expect(key).toBe('a');
    break;
  }
  expect(ended).toBe(3);
});

test('a sequence that fails fails the join', async () => {
  async function* broken(): AsyncGenerator<string, void> {
    yield 'a';
    throw new Error('throttled');
  }
  await expect(all(joinSorted(broken(), sequence(['b']), itself, itself))).rejects.toThrow('throttled');
});
