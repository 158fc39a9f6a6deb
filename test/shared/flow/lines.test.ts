import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { linesOf } from '../../../shared/flow/lines.ts';

async function linesIn(...chunks: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(
    Readable.from(chunks.map((chunk) => Buffer.from(chunk))).setEncoding('utf8'),
  ))
    lines.push(line);
  return lines;
}

test('a line ends at a line feed, with or without a carriage return, and at the end of the text', async () => {
  expect(await linesIn('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c']);
  expect(await linesIn('a\n')).toEqual(['a']);
  expect(await linesIn()).toEqual([]);
});

test('other separators that JSON leaves in a text end no line', async () => {
  const text = '{"reason":"a\u2028b\u2029c\u0085d"}';
  expect(await linesIn(`${text}\n${text}`)).toEqual([text, text]);
});

test('lines and characters may be cut anywhere between two chunks', async () => {
  const bytes = Buffer.from('é😀\r\nü\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(await linesIn(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(['é😀', 'ü']);
  }
});
