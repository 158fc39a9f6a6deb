import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FindKey, type KeyRange, splitKeys } from '../../../shared/consistency/key-ranges.ts';
import { compareBytes } from '../../../shared/text/byte-order.ts';

/** Finds keys in a list, and counts how often it was asked. */
function finderOf(keys: readonly string[]): { find: FindKey; asked(): number } {
  const inOrder = [...keys].sort(compareBytes);
  let asked = 0;
  const find = async (after: string) => {
    asked += 1;
    let [from, to] = [0, inOrder.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compareBytes(inOrder[middle] ?? '', after) > 0) to = middle;
      else from = middle + 1;
    }
    return inOrder[from];
  };
  return { find, asked: () => asked };
}

const isIn = ({ after, until }: KeyRange, key: string) =>
  compareBytes(key, after) > 0 && (until === undefined || compareBytes(key, until) <= 0);
const sizes = (ranges: readonly KeyRange[], keys: readonly string[]) =>
  ranges.map((range) => keys.filter((key) => isIn(range, key)).length);

test('whatever the keys, each is in one range, and ranges follow one another', async () => {
  const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      async (keys, wanted) => {
        const ranges = await splitKeys(finderOf(keys).find, wanted);
        for (const each of keys) expect(ranges.filter((range) => isIn(range, each))).toHaveLength(1);
        expect(ranges.map(({ after }) => after)).toEqual([
          '',
          ...ranges.slice(0, -1).map(({ until }) => until),
        ]);
      },
    ),
    { numRuns: 300, seed: 18 },
  );
});

test('numbered names are cut into ranges of similar size, with few requests', async () => {
  const keys = Array.from(
    { length: 20_000 },
    (_, i) => `2026-11-23-test${String(i).padStart(5, '0')}.ndjson`,
  );
  const { find, asked } = finderOf(keys);
  const ranges = await splitKeys(find, 64);
  expect(ranges.length).toBeGreaterThanOrEqual(64);
  expect(Math.max(...sizes(ranges, keys))).toBeLessThanOrEqual(keys.length / 20);
  expect(asked()).toBeLessThan(400);
});

test('an empty date, and one with a single file, is one range', async () => {
  expect(await splitKeys(finderOf([]).find, 16)).toEqual([{ after: '', until: undefined }]);
  expect(await splitKeys(finderOf(['a.ndjson']).find, 16)).toEqual([{ after: '', until: undefined }]);
});
