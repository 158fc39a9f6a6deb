import { expect, test } from 'vitest';
import { collectPages, pages } from '../../../shared/flow/pages.ts';

/** The numbers below `end`, read `size` at a time; a cursor is the number that a page begins with. */
function numbersBelow(end: number, size: number) {
  const reads: { from: number; limit: number }[] = [];
  const load = async (limit: number, from = 0) => {
    reads.push({ from, limit });
    const to = Math.min(end, from + Math.min(size, limit));
    return {
      items: Array.from({ length: to - from }, (_, i) => from + i),
      next: to < end ? to : undefined,
    };
  };
  return { reads, load };
}

async function collected<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

test('pages are read up to the one without a next page', async () => {
  const { load } = numbersBelow(5, 2);
  const all = await collected(pages((cursor?: number) => load(100, cursor)));
  expect(all.map(({ items }) => items)).toEqual([[0, 1], [2, 3], [4]]);
});

test('reading begins at the given cursor', async () => {
  const { load } = numbersBelow(5, 2);
  const all = await collected(
    pages<number, Awaited<ReturnType<typeof load>>>((cursor) => load(100, cursor), 3),
  );
  expect(all.map(({ items }) => items)).toEqual([[3, 4]]);
});

test('a cursor of 0 is not the end', async () => {
  const seen: (number | undefined)[] = [];
  const load = async (cursor?: number) => {
    seen.push(cursor);
    return { next: cursor === undefined ? 0 : undefined };
  };
  await collected(pages(load));
  expect(seen).toEqual([undefined, 0]);
});

test('a caller that stops early reads no more pages', async () => {
  const { reads, load } = numbersBelow(5, 2);
  for await (const { items } of pages((cursor?: number) => load(100, cursor))) if (items.includes(2)) break;
  expect(reads).toHaveLength(2);
});

test('the requested number of items is collected from smaller pages', async () => {
  const { reads, load } = numbersBelow(10, 2);
  expect(await collectPages(load, 5)).toEqual({ items: [0, 1, 2, 3, 4], next: 5 });
  expect(reads).toEqual([
    { from: 0, limit: 5 },
    { from: 2, limit: 3 },
    { from: 4, limit: 1 },
  ]);
});

test('collecting continues where it stopped before', async () => {
  const { load } = numbersBelow(10, 3);
  const { next } = await collectPages(load, 4);
  expect(await collectPages(load, 4, next)).toEqual({ items: [4, 5, 6, 7], next: 8 });
});

test('a list that ends before the limit has no next cursor', async () => {
  const { load } = numbersBelow(3, 2);
  expect(await collectPages(load, 5)).toEqual({ items: [0, 1, 2], next: undefined });
});

test('empty pages in between are skipped', async () => {
  const lists = [[], [1], [], [2]];
  const load = async (_limit: number, cursor = 0) => ({
    items: lists[cursor] ?? [],
    next: cursor + 1 < lists.length ? cursor + 1 : undefined,
  });
  expect(await collectPages(load, 2)).toEqual({ items: [1, 2], next: undefined });
});

test('no page is read after items that are large enough together', async () => {
  const { reads, load } = numbersBelow(10, 2);
  expect(await collectPages(load, 10, undefined, 3)).toEqual({ items: [0, 1, 2, 3], next: 4 });
  expect(reads).toHaveLength(2);
});
