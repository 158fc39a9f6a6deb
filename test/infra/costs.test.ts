import { expect, test } from 'vitest';
import { monthlyCosts, writeUnitsAt } from '../../infra/costs.ts';

const total = (filesPerDay: number) =>
  monthlyCosts(filesPerDay).reduce((sum, { dollars }) => sum + dollars, 0);

test('write units are as measured at the measured sizes, and between them in between', () => {
  expect([1, 10, 50, 200].map(writeUnitsAt)).toEqual([6.03, 2.62, 2.13, 1.69]);
  expect(writeUnitsAt(100)).toBeGreaterThan(1.69);
  expect(writeUnitsAt(100)).toBeLessThan(2.13);
});

test('a batch that is never larger than the largest costs no less than it', () => {
  expect(writeUnitsAt(5_000)).toBe(1.69);
});

test('writes cost what their units cost', () => {
  // 10 million files a day fill every batch: 4 transitions of 1.69 units, at 0.625 dollars a million.
  const [writes] = monthlyCosts(10_000_000);
  expect(writes?.dollars).toBeCloseTo((10e6 * 30 * 4 * 1.69 * 0.625) / 1e6);
});

test('a file costs less the more there are', () => {
  expect(total(338_000) / 338_000).toBeLessThan(total(10_000) / 10_000);
  expect(total(10_000_000) / 10_000_000).toBeLessThan(total(338_000) / 338_000);
});
