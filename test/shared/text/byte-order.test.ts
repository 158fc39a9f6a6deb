/** @module-tag search */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareBytes } from '../../../shared/text/byte-order.ts';
import { search } from '../../support/search.ts';

test('texts are ordered as their UTF-8 bytes are', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 8 });
  await search(
    fc.property(text, text, fc.string({ maxLength: 3 }), (a, b, start) => {
      const [x, y] = [start + a, start + b];
      expect(Math.sign(compareBytes(x, y))).toBe(Math.sign(Buffer.compare(Buffer.from(x), Buffer.from(y))));
    }),
    { least: 500, most: 2_000 },
  );
});

test('what is beyond the BMP comes after what is within it', () => {
  expect('\u{1f680}' < '\uff5e').toBe(true);
  expect(compareBytes('\u{1f680}', '\uff5e')).toBeGreaterThan(0);
});
