import { expect, test } from 'vitest';
import { cutToResponse } from '../../../shared/operations/response-size.ts';

const item = (id: number, bytes: number) => ({ id, filler: 'x'.repeat(bytes) });

test('a list that fits is left as it is', () => {
  const items = [item(1, 10), item(2, 10)];
  expect(cutToResponse(items, 'after', ({ id }) => `after ${id}`)).toEqual({ items, next: 'after' });
});

test('a list over the limit of a response is cut, and goes on after its last item', () => {
  const items = Array.from({ length: 20 }, (_, i) => item(i, 400_000));
  const cut = cutToResponse(items, undefined, ({ id }) => `after ${id}`);
  expect(JSON.stringify(cut.items).length).toBeLessThan(6_291_456);
  expect(cut.next).toBe(`after ${cut.items.length - 1}`);
  expect(cut.items.length).toBeGreaterThan(10);
});
