import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { cached } from '../../../shared/flow/cache.ts';

function counting(most: number, weightOf: (value: string) => number = () => 1) {
  const loads: string[] = [];
  const get = cached(
    async (key) => {
      loads.push(key);
      if (key === 'bad') throw new Error('no');
      return key;
    },
    { most, weightOf },
  );
  return { get, loads };
}

test('a key is loaded once, even if two callers ask for it at the same time', async () => {
  const { get, loads } = counting(10);
  await Promise.all([get('a'), get('a')]);
  await get('a');
  expect(loads).toEqual(['a']);
});

test('the least recently used value is dropped first', async () => {
  const { get, loads } = counting(2);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
  expect(loads).toEqual(['a', 'b', 'c', 'b']);
});

/** A cache of two values, in which the key `slow` is loaded only when `end` is called. */
function withSlowLoad() {
  const loads: string[] = [];
  const slow = new EventEmitter();
  const get = cached(
    async (key) => {
      loads.push(key);
      if (key === 'slow') await once(slow, 'end');
      return key;
    },
    { most: 2, weightOf: () => 1 },
  );
  return { get, loads, end: () => slow.emit('end') };
}

test('a load that takes longer than others is shared until its end', async () => {
  const { get, loads, end } = withSlowLoad();
  const first = get('slow');
  for (const key of ['a', 'b', 'c']) await get(key);
  const second = get('slow');
  end();
  expect(await Promise.all([first, second])).toEqual(['slow', 'slow']);
  expect(loads).toEqual(['slow', 'a', 'b', 'c']);
});

test('a slow load does not make the cache keep more than it may', async () => {
  const { get, loads, end } = withSlowLoad();
  const first = get('slow');
  await get('a');
  await get('b');
  end();
  await first;
  await get('a');
  expect(loads).toEqual(['slow', 'a', 'b', 'a']);
});

test('a value heavier than the entire cache is still returned', async () => {
  const { get, loads } = counting(3, (value) => value.length);
  expect(await get('long-one')).toBe('long-one');
  await get('b');
  await get('long-one');
  expect(loads).toEqual(['long-one', 'b', 'long-one']);
});

test('a failed load is tried again', async () => {
  const { get, loads } = counting(2);
  await expect(get('bad')).rejects.toThrow('no');
  await expect(get('bad')).rejects.toThrow('no');
  expect(loads).toEqual(['bad', 'bad']);
});
