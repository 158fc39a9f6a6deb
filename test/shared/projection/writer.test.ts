import { expect, test } from 'vitest';
import { createRandom } from '../../../infra/simulator/random.ts';
import { createWriter, MOST_SLOTS, type Writer } from '../../../shared/projection/writer.ts';

const seeded = (seed: number) => {
  const random = createRandom(seed);
  return () => random.between(0, 1);
};

function commit(writer: Writer, times: number): void {
  for (let i = 0; i < times; i++) writer.committed();
}

test('a writer that is alone stays in the first slot', () => {
  const writer = createWriter(seeded(1));
  commit(writer, 1_000);
  expect(writer.slot()).toBe(0);
});

test('a writer that meets another one leaves its slot, and keeps the next one', () => {
  const writer = createWriter(seeded(1));
  writer.metOnCounters();
  const slot = writer.slot();
  expect(slot).toBeGreaterThan(0);
  commit(writer, 1_000);
  expect(writer.slot()).toBe(slot);
});

test('a writer with rare conflicts moves among the existing slots; one with repeated conflicts uses more', () => {
  const seldom = createWriter(seeded(1), { slots: [0], width: 4 });
  const often = createWriter(seeded(1), { slots: [0], width: 4 });
  const slotsOf = (writer: Writer, between: number) =>
    Array.from({ length: 100 }, () => {
      commit(writer, between);
      writer.metOnCounters();
      return writer.slot();
    });
  expect(Math.max(...slotsOf(seldom, 100))).toBe(3);
  const highest = Math.max(...slotsOf(often, 1));
  expect(highest).toBeGreaterThan(64);
  expect(highest).toBeLessThan(MOST_SLOTS);
});

test.each([2, 16, 64])('%i writers that begin in the same slot each find one of their own', (count) => {
  const writers = Array.from({ length: count }, (_, i) => createWriter(seeded(i + 1)));
  const rounds = Array.from({ length: 60 }, () => {
    const taken = new Set<number>();
    let met = 0;
    for (const writer of writers) {
      if (taken.has(writer.slot())) {
        met += 1;
        writer.metOnCounters();
      } else {
        taken.add(writer.slot());
        writer.committed();
      }
    }
    return met;
  });
  expect(rounds.slice(-20)).toEqual(Array(20).fill(0));
  expect(new Set(writers.map((writer) => writer.slot())).size).toBe(count);
});

test('a new writer begins in one of the given slots', () => {
  const random = seeded(1);
  const begun = Array.from({ length: 50 }, () => createWriter(random, { slots: [3, 7], width: 8 }).slot());
  expect([...new Set(begun)].sort()).toEqual([3, 7]);
});

test('a transaction takes fewer heads after a failed condition, and soon as many as before', () => {
  const writer = createWriter(seeded(1));
  expect(writer.heads()).toBe(94);
  for (const heads of [47, 25, 25]) {
    writer.conditionFailed();
    expect(writer.heads()).toBe(heads);
  }
  for (const heads of [50, 94, 94]) {
    writer.committed();
    expect(writer.heads()).toBe(heads);
  }
});
