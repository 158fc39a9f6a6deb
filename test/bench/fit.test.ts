import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitPowerLaw } from './fit.ts';

test('a cost that stays the same has the exponent 0', () => {
  const { factor, exponent, offBy } = fitPowerLaw([
    { size: 1_000, cost: 1 },
    { size: 10_000, cost: 1 },
    { size: 100_000, cost: 1 },
  ]);
  expect(factor).toBeCloseTo(1);
  expect(exponent).toBeCloseTo(0);
  expect(offBy).toBeCloseTo(1);
});

test('the law of points that follow a power law is recovered', () => {
  const law = fc.record({
    factor: fc.double({ min: 0.001, max: 1_000, noNaN: true }),
    exponent: fc.double({ min: -2, max: 3, noNaN: true }),
  });
  fc.assert(
    fc.property(law, ({ factor, exponent }) => {
      const points = [1, 7, 1_000, 100_000].map((size) => ({ size, cost: factor * size ** exponent }));
      const fitted = fitPowerLaw(points);
      expect(fitted.exponent).toBeCloseTo(exponent, 6);
      expect(fitted.factor / factor).toBeCloseTo(1, 6);
      expect(fitted.offBy).toBeCloseTo(1, 6);
    }),
  );
});

test('the deviation is that of the farthest point, above or below', () => {
  const { exponent, offBy } = fitPowerLaw([
    { size: 1, cost: 1 },
    { size: 10, cost: 2 },
    { size: 100, cost: 1 },
  ]);
  expect(exponent).toBeCloseTo(0);
  expect(offBy).toBeCloseTo(2 ** (2 / 3));
});

test.each([
  [[]],
  [[{ size: 10, cost: 1 }]],
  [
    [
      { size: 10, cost: 1 },
      { size: 10, cost: 2 },
    ],
  ],
  [
    [
      { size: 10, cost: 0 },
      { size: 20, cost: 2 },
    ],
  ],
  [
    [
      { size: 0, cost: 1 },
      { size: 20, cost: 2 },
    ],
  ],
])('no law is made out of %j', (points) => {
  expect(() => fitPowerLaw(points)).toThrow(RangeError);
});
