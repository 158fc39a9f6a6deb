import { expect, test } from 'vitest';
import * as z from 'zod';
import { decodePageToken, encodePageToken } from '../../../shared/operations/page-token.ts';

const scope = ['get_file_state', 'tracking', '2026-11-23'];
const form = z.strictObject({ date_prefix: z.string(), file_key: z.string() });
const position = { date_prefix: '2026-11-23', file_key: 'é😀+%20.ndjson' };

test('a token gives back the position it was made from', () => {
  expect(decodePageToken(scope, encodePageToken(scope, position), form)).toEqual(position);
});

test('a token depends on nothing but its scope and position, so it outlives a redeploy', () => {
  expect(encodePageToken(scope, position)).toBe(encodePageToken([...scope], { ...position }));
});

test.each([
  ['altered', (token: string) => `e30${token.slice(3)}`],
  ['cut short', (token: string) => token.slice(0, -4)],
  ['without its digest', (token: string) => token.split('.')[0] ?? ''],
  ['no token at all', () => 'next'],
])('a token that is %s is refused', (_name, spoil) => {
  expect(() => decodePageToken(scope, spoil(encodePageToken(scope, position)), form)).toThrow(
    'does not belong',
  );
});

test('a token of another date is refused', () => {
  const other = encodePageToken(['get_file_state', 'tracking', '2026-11-22'], position);
  expect(() => decodePageToken(scope, other, form)).toThrow('does not belong');
});

test.each([
  ['another form', { date_prefix: 7 }],
  ['no position', null],
  ['more than it should', { ...position, more: 1 }],
])('a token that was forged with %s is refused, although its digest is right', (_name, forged) => {
  expect(() => decodePageToken(scope, encodePageToken(scope, forged), form)).toThrow('does not belong');
});
