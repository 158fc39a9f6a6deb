import { expect, test } from 'vitest';
import { type CapacityRules, createCapacity, DOCUMENTED } from './capacity.ts';
import type { Footprint } from './footprint.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

/** A plain write of so many units to an item. */
const write = (units: number, item = 'a', partition = item): Footprint => ({
  kind: 'write',
  items: [{ table: 't', partition, item, units }],
});
const read = (units: number): Footprint => ({ ...write(units), kind: 'read' });

/** How many writes of one unit go through at that time. */
function granted(
  capacity: ReturnType<typeof createCapacity>,
  now: number,
  most: number,
  item?: string,
): number {
  let count = 0;
  while (count < most && !capacity.take(write(1, item), now)) count += 1;
  return count;
}

const unsaved: CapacityRules = { ...DOCUMENTED, burstSeconds: 1, savedSeconds: 1 };

test('a key range accepts 1,000 write units a second, independently of other ranges', () => {
  const capacity = createCapacity(unsaved);
  expect(granted(capacity, 0, 2_000)).toBe(1_000);
  expect(capacity.take(write(1), 0)).toEqual({ at: 0, limit: 'key range' });
  expect(capacity.take(write(1, 'b'), 0)).toBeUndefined();
  expect(granted(capacity, 500, 2_000)).toBe(500);
});

test('a key range accepts 3,000 read units a second, independently of its writes', () => {
  const capacity = createCapacity(unsaved);
  granted(capacity, 0, 2_000);
  for (let i = 0; i < 3; i++) expect(capacity.take(read(1_000), 0)).toBeUndefined();
  expect(capacity.take(read(1), 0)).toEqual({ at: 0, limit: 'key range' });
});

test('unused capacity of the last five minutes is saved for a burst, and no more', () => {
  const rules = {
    ...DOCUMENTED,
    savedSeconds: 1,
    table: { write: 1e9, read: 1e9 },
    account: { write: 1e9, read: 1e9 },
  };
  const capacity = createCapacity(rules);
  expect(granted(capacity, 0, 1_000)).toBe(1_000);
  expect(granted(capacity, 60 * SECOND, 1e6)).toBe(60_000);
  expect(granted(capacity, 60 * MINUTE, 1e6)).toBe(300_000);
});

test('items with one partition key share its range, unless it was split for heat', () => {
  const together = createCapacity(unsaved);
  expect(together.take(write(1_000, 'a', 'p'), 0)).toBeUndefined();
  expect(together.take(write(1, 'b', 'p'), 0)).toEqual({ at: 0, limit: 'key range' });
  const split = createCapacity({ ...unsaved, rangeOf: ({ item }) => item });
  expect(split.take(write(1_000, 'a', 'p'), 0)).toBeUndefined();
  expect(split.take(write(1, 'b', 'p'), 0)).toBeUndefined();
});

test('requests that are too fast for one item use up no capacity of others', () => {
  const capacity = createCapacity(unsaved);
  granted(capacity, 0, 1_000);
  const both = { kind: 'transaction' as const, items: [...write(1_000, 'b').items, ...write(1).items] };
  expect(capacity.take(both, 0)).toEqual({ at: 1, limit: 'key range' });
  expect(granted(capacity, 0, 2_000, 'b')).toBe(1_000);
});

test('a request larger than the remaining capacity is accepted, and later ones are refused until the excess is paid off', () => {
  const capacity = createCapacity(unsaved);
  const large = { kind: 'transaction' as const, items: [...write(1_500).items, ...write(1_500).items] };
  expect(capacity.take(large, 0)).toBeUndefined();
  expect(capacity.take(write(1), 1_999)).toEqual({ at: 0, limit: 'key range' });
  expect(capacity.take(write(1), 2_001)).toBeUndefined();
});

/** As much as a table takes in one second, over so many key ranges. */
function tableTakes(capacity: ReturnType<typeof createCapacity>, now: number): number {
  for (let range = 0; ; range++) {
    const throttle = capacity.take(write(500, `range ${range}`), now);
    if (throttle) return 500 * range;
  }
}

test('a new on-demand table accepts 4,000 writes a second, and twice its peak half an hour later', () => {
  const capacity = createCapacity(DOCUMENTED);
  expect(tableTakes(capacity, 0)).toBe(4_000);
  expect(tableTakes(capacity, 29 * MINUTE)).toBe(4_000);
  expect(tableTakes(capacity, 31 * MINUTE)).toBe(8_000);
  expect(tableTakes(capacity, 62 * MINUTE)).toBe(16_000);
});

test('a table never accepts more than the quota of its account', () => {
  const capacity = createCapacity(DOCUMENTED);
  const seconds = [0, 31, 62, 93, 124, 155].map((minutes) => tableTakes(capacity, minutes * MINUTE));
  expect(seconds.at(-1)).toBe(40_000);
  expect(capacity.take(write(1, 'one more'), 155 * MINUTE)).toEqual({ at: 0, limit: 'account' });
});
