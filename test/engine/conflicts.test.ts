import { expect, test } from 'vitest';
import { createConflicts } from './conflicts.ts';
import type { Footprint } from './footprint.ts';

const footprint = (kind: Footprint['kind'], ...items: string[]): Footprint => ({
  kind,
  items: items.map((item) => ({ table: 't', partition: item, item, units: 1 })),
});

test('of two transactions on one item, the later is refused, with the item that caused it', () => {
  const conflicts = createConflicts();
  conflicts.begin(footprint('transaction', 'a', 'b'));
  expect(conflicts.begin(footprint('transaction', 'x', 'b', 'y'))).toEqual({ taken: [1] });
});

test('transactions without a common item run at the same time, and an item is free when its transaction has ended', () => {
  const conflicts = createConflicts();
  const first = conflicts.begin(footprint('transaction', 'a'));
  expect(conflicts.begin(footprint('transaction', 'b'))).not.toHaveProperty('taken');
  if (!('taken' in first)) first.end();
  expect(conflicts.begin(footprint('transaction', 'a'))).not.toHaveProperty('taken');
});

test('a plain write is refused during a transaction on its item; a plain read never is', () => {
  const conflicts = createConflicts();
  conflicts.begin(footprint('transaction', 'a'));
  expect(conflicts.begin(footprint('write', 'a'))).toEqual({ taken: [0] });
  expect(conflicts.begin(footprint('write', 'b'))).not.toHaveProperty('taken');
  expect(conflicts.begin(footprint('read', 'a'))).not.toHaveProperty('taken');
});

test('plain writes to one item cause no refusal, of each other or of a transaction', () => {
  const conflicts = createConflicts();
  conflicts.begin(footprint('write', 'a'));
  expect(conflicts.begin(footprint('write', 'a'))).not.toHaveProperty('taken');
  expect(conflicts.begin(footprint('transaction', 'a'))).not.toHaveProperty('taken');
});

test.each(['transaction', 'write'] as const)(
  'a transactional read is refused during a %s on its item',
  (kind) => {
    const conflicts = createConflicts();
    conflicts.begin(footprint(kind, 'a'));
    expect(conflicts.begin(footprint('transactional read', 'b', 'a'))).toEqual({ taken: [1] });
  },
);

test('a transactional read causes no refusal of a write, and fails if there was a write in between', () => {
  const conflicts = createConflicts();
  const undisturbed = conflicts.begin(footprint('transactional read', 'b'));
  const disturbed = conflicts.begin(footprint('transactional read', 'a'));
  expect(conflicts.begin(footprint('write', 'a'))).not.toHaveProperty('taken');
  expect('taken' in disturbed || disturbed.end()).toBe(false);
  expect('taken' in undisturbed || undisturbed.end()).toBe(true);
});
