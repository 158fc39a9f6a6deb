import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mapInTime } from '../../../shared/flow/map-in-time.ts';

const items = Array.from({ length: 20 }, (_, i) => i);

test('items that were started in time are finished, and the results are those of the first items', async () => {
  const stop = new AbortController();
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    if (item === 6) stop.abort();
    // The later ones are finished first.
    await sleep(20 - item);
    return item;
  };
  const results = await mapInTime(items, work, { concurrency: 4, signal: stop.signal });
  expect(results).toEqual(begun);
  expect(results).toEqual(items.slice(0, results.length));
  expect(results.length).toBeLessThan(12);
});

test('the first item is done even if time is already up', async () => {
  const signal = AbortSignal.abort();
  expect(await mapInTime(items, async (item) => item, { concurrency: 4, signal })).toEqual([0]);
});

test('without a signal, all items are done', async () => {
  expect(await mapInTime(items, async (item) => item, { concurrency: 4 })).toEqual(items);
});
