import { expect, test } from 'vitest';
import { sizeText } from '../../../shared/text/number-text.ts';

test('a size is shown in the largest unit that leaves at least one of it', () => {
  const sizes = [0, 0.0052, 0.5, 1, 4.6113, 1_023.9, 1_024, 2_150, 3_000_000];
  expect(sizes.map(sizeText)).toEqual([
    '0.0 KB',
    '5.3 KB',
    '512.0 KB',
    '1.0 MB',
    '4.6 MB',
    '1023.9 MB',
    '1.0 GB',
    '2.1 GB',
    '2.9 TB',
  ]);
});

test('a size that is rounded up to a whole unit is shown in that unit', () => {
  expect([0.99999, 1_023.999].map(sizeText)).toEqual(['1.0 MB', '1.0 GB']);
});

test('a size that is text, because a number could not hold it, is shown like any other', () => {
  expect(sizeText('0.00518798828125000000000000000001')).toBe('5.3 KB');
});

test('what is not a size is shown as an empty text', () => {
  expect(['', ' ', 'large', null, undefined, Number.NaN, true, {}].map(sizeText)).toEqual(
    Array.from({ length: 8 }, () => ''),
  );
});
