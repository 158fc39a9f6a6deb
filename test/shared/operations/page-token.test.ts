import { expect, test } from 'vitest';
import { decodePageToken, encodePageToken } from '../../../shared/operations/page-token.ts';

const scope = ['get_file_state', 'tracking', '2026-11-23'];
const position = { date_prefix: '2026-11-23', file_key: 'é😀+%20.ndjson' };

test('a token gives back the position it was made from', () => {
  expect(decodePageToken(scope, encodePageToken(scope, position))).toEqual(position);
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
  expect(() => decodePageToken(scope, spoil(encodePageToken(scope, position)))).toThrow('does not belong');
});

test('a token of another date is refused', () => {
  const other = encodePageToken(['get_file_state', 'tracking', '2026-11-22'], position);
  expect(() => decodePageToken(scope, other)).toThrow('does not belong');
});
