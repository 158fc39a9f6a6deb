import { expect, test } from 'vitest';
import { errorText, namedErrorText } from '../../../shared/text/error-text.ts';

test('an error is described by its message, and by its name where that helps', () => {
  expect(errorText(new TypeError('no number'))).toBe('no number');
  expect(namedErrorText(new TypeError('no number'))).toBe('TypeError: no number');
});

test('what was thrown and is not an error is described as text', () => {
  expect([errorText('stop'), namedErrorText(undefined)]).toEqual(['stop', 'undefined']);
});
