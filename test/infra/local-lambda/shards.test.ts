import { expect, test } from 'vitest';
import { readableShards, startPosition } from '../../../infra/local-lambda/shards.ts';

const SHARDS = [
  { id: 'grandchild', parentId: 'child', closed: false },
  { id: 'root', closed: true },
  { id: 'child', parentId: 'root', closed: true },
  { id: 'other', parentId: 'trimmed long ago', closed: false },
];

function readable(begun: string[], finished: string[]): string[] {
  return readableShards(SHARDS, new Set(begun), new Set(finished)).map(({ id }) => id);
}

test('a shard waits for its parent to be read to its end', () => {
  expect(readable([], [])).toEqual(['root', 'other']);
  expect(readable(['root', 'other'], [])).toEqual([]);
  expect(readable(['other'], ['root'])).toEqual(['child']);
  expect(readable(['other'], ['root', 'child'])).toEqual(['grandchild']);
  expect(readable(['other', 'grandchild'], ['root', 'child'])).toEqual([]);
});

test('reading continues at the checkpoint whatever the starting position', () => {
  const shard = { id: 'root', closed: true };
  for (const isLatest of [true, false]) {
    expect(startPosition(shard, { finished: true }, isLatest)).toBe('finished');
    expect(startPosition(shard, { afterSequenceNumber: '7' }, isLatest)).toEqual({
      kind: 'after',
      sequenceNumber: '7',
    });
  }
});

test('the latest position is the end of an open shard, and passes over a closed one', () => {
  expect(startPosition({ id: 'open', closed: false }, undefined, true)).toEqual({ kind: 'newest' });
  expect(startPosition({ id: 'closed', closed: true }, undefined, true)).toBe('finished');
  expect(startPosition({ id: 'closed', closed: true }, undefined, false)).toEqual({ kind: 'oldest' });
});
