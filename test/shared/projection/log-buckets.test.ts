import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundsOf, bucketOf, percentileOf, shareAbove } from '../../../shared/projection/log-buckets.ts';

const value = fc.double({ min: 0, max: 1e15, noNaN: true });

test('every value lies within its bucket, which is 5 % wide', () => {
  fc.assert(
    fc.property(value, (given) => {
      const { from, to } = boundsOf(bucketOf(given));
      expect(from <= given && given < to).toBe(true);
      if (from > 0) expect(to / from).toBeCloseTo(1.05, 9);
    }),
  );
});

test('the edge between two buckets belongs to the upper one, and negative values count as 0', () => {
  for (let bucket = 1; bucket < 700; bucket++) expect(bucketOf(boundsOf(bucket).from)).toBe(bucket);
  expect(bucketOf(-3)).toBe(0);
});

test('a percentile is the bucket that contains the exact one, however the parts are summed', () => {
  const values = fc.array(value, { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99, 1), (given, share) => {
      const counts = new Map<number, number>();
      for (const each of given) counts.set(bucketOf(each), (counts.get(bucketOf(each)) ?? 0) + 1);
      const exact = [...given].sort((a, b) => a - b)[Math.ceil(given.length * share) - 1] ?? 0;
      expect(percentileOf(counts, share)).toEqual(boundsOf(bucketOf(exact)));
    }),
  );
  expect(percentileOf(new Map(), 0.5)).toBeUndefined();
});

test('the share above a value is exact except for the values in its own bucket, and falls as the value grows', () => {
  const values = fc.array(value, { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(values, value, value, (given, one, other) => {
      const counts = new Map<number, number>();
      for (const each of given) counts.set(bucketOf(each), (counts.get(bucketOf(each)) ?? 0) + 1);
      const shareOf = (chosen: (each: number) => boolean) => given.filter(chosen).length / given.length;
      const share = shareAbove(counts, one);
      expect(share).toBeGreaterThanOrEqual(shareOf((each) => bucketOf(each) > bucketOf(one)));
      expect(share).toBeLessThanOrEqual(shareOf((each) => bucketOf(each) >= bucketOf(one)));
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      expect(shareAbove(counts, low)).toBeGreaterThanOrEqual(shareAbove(counts, high));
    }),
  );
  expect(shareAbove(new Map(), 5)).toBe(0);
});
