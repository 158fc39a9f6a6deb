import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, markupOf } from '../../../shared/page-kit/html.ts';
import { visibleText } from '../../../shared/text/visible-text.ts';
import { parseElements } from '../../support/markup.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus='x",
    '</title>',
  ),
  fc.string({
    unit: fc.constantFrom('<', '>', '"', "'", '&', '=', '/', '`', '\n', '\u0000', '\u202e', 'a'),
    maxLength: 30,
  }),
);

test('whatever is put into a template stays text, in content and in attributes', () => {
  fc.assert(
    fc.property(hostile, hostile, (attribute, content) => {
      const made = markupOf(html`<p title="${attribute}">${content}</p>`);
      expect(parseElements(made)).toEqual([
        { name: 'p', attributes: { title: visibleText(attribute) }, text: visibleText(content) },
      ]);
    }),
    { numRuns: 500 },
  );
});

test('no data, however made, passes as markup', () => {
  const forged = JSON.parse('{"markup":"<b>","Symbol(markup)":"<b>"}');
  expect(() => markupOf(html`<p>${forged}</p>`)).toThrow(TypeError);
});

test('markup made by a template is inserted unchanged, alone and in lists', () => {
  const items = ['a<b', 'c'].map((item) => html`<li>${item}</li>`);
  expect(markupOf(html`<ul>${items}</ul>`)).toBe('<ul><li>a&lt;b</li><li>c</li></ul>');
});

test('nothing is shown for what is missing, and a zero is shown', () => {
  expect(markupOf(html`${undefined}${null}${false}${''}${0}`)).toBe('0');
});

test('an attribute without quotes is refused', () => {
  expect(() => html`<p title=${'x'}>`).toThrow('An attribute needs quotes: …<p title=');
});

test('data that ends like an attribute is not one', () => {
  expect(markupOf(html`${'a='}${'b'}`)).toBe('a=b');
});

test('invisible characters are shown as a symbol or by their number', () => {
  expect(visibleText('a\nb\u0000c\u007fd\u202ee\ud800f\u0085g')).toBe('a␊b␀c␡d\\u{202e}e\\u{d800}f\\u{85}g');
  expect(visibleText('café 文件 😀.ndjson')).toBe('café 文件 😀.ndjson');
});
