import { expect, test } from 'vitest';
import { differences } from '../../../infra/local/compare-counts.ts';

const stats = {
  stats: { pending: 1, completed: 2 },
  total: 3,
  manifests: { stats: { pending: 0, completed: 1 }, total: 1 },
};

test('counters that equal the scan show no difference', () => {
  expect(differences(stats, { 'file pending': 1, 'file completed': 2, 'manifest completed': 1 })).toEqual([]);
});

test('every status that differs is named with both numbers', () => {
  expect(differences(stats, { 'file pending': 2, 'file completed': 2, 'file archived': 1 })).toEqual([
    'file pending: counted 1, scanned 2',
    'manifest completed: counted 1, scanned 0',
    'file archived: counted 0, scanned 1',
  ]);
});
