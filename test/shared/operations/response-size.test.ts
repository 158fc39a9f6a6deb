import { expect, test } from 'vitest';
import { fitToResponse } from '../../../shared/operations/answers.ts';

const item = (id: number, bytes: number) => ({ id, filler: 'é'.repeat(bytes / 2) });

test('a list that fits is left as it is', () => {
  const items = [item(1, 10), item(2, 10)];
  expect(fitToResponse(items)).toBe(items);
  expect(fitToResponse([])).toEqual([]);
});

test('a list over the limit of a response is cut to what fits, counted in bytes', () => {
  const items = Array.from({ length: 20 }, (_, i) => item(i, 400_000));
  const kept = fitToResponse(items);
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(6_291_456);
  expect(kept).toEqual(items.slice(0, 14));
});
