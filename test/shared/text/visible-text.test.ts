import { expect, test } from 'vitest';
import { cutTo, printable, visibleJson } from '../../../shared/text/visible-text.ts';

const RED = '\u001b[31m';

test('line ends stay, and our colors do where they are shown; every other sequence can be seen', () => {
  const text = `${RED}a\u001b[39m\n\u001b[2Jb\u001b[8mc\u202e`;
  expect(printable(text, true)).toBe(`${RED}a\u001b[39m\n␛[2Jb␛[8mc\\u{202e}`);
  expect(printable(text, false)).toBe('␛[31ma␛[39m\n␛[2Jb␛[8mc\\u{202e}');
});

test('JSON in which everything is visible means the same', () => {
  const value = { text: 'a\u009b\u202e\u2028\u{e0001}\n\u0000"' };
  const json = visibleJson(JSON.stringify(value, undefined, 2));
  expect(json).toMatch(/^[\n\u0020-\u007e]*$/);
  expect(JSON.parse(json)).toEqual(value);
});

test('a text is cut before a character that would only fit by half', () => {
  expect(cutTo('ab\u{1f680}', 3)).toBe('ab');
  expect(cutTo('ab\u{1f680}', 4)).toBe('ab\u{1f680}');
  expect(cutTo('abc', 2)).toBe('ab');
});
