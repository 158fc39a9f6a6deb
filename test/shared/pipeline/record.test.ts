import { expect, test } from 'vitest';
import {
  creationTime,
  newestTime,
  pastTime,
  recordKind,
  statusTime,
} from '../../../shared/pipeline/record.ts';

const NOW = Date.parse('2026-11-24T00:00:00Z');
const read = (record: Record<string, unknown>) => (name: string) => record[name];

test('keys distinguish meta records from files', () => {
  expect(
    recordKind({ date_prefix: '2026-11-23', file_key: 'MANIFEST#batch-0001-20261123-052254.json' }),
  ).toBe('manifest');
  expect(recordKind({ date_prefix: 'LOCK#2026-11-23', file_key: 'LOCK' })).toBe('lock');
  expect(recordKind({ date_prefix: '2026-11-23', file_key: 'MANIFEST' })).toBe('manifest');
  expect(recordKind({ date_prefix: '2026-11-23', file_key: 'LOCK' })).toBe('lock');
  for (const file_key of ['with+space.ndjson', 'MANIFEST.ndjson', 'LOCKED-2026-11-23.ndjson'])
    expect(recordKind({ date_prefix: '2026-11-23', file_key })).toBe('file');
  expect(recordKind({ date_prefix: '2026-11-23', file_key: 'MANIFEST%23odd-name.ndjson' })).toBe('file');
});

test("a record's creation time is created_at, otherwise upload_time", () => {
  expect(creationTime(read({ created_at: '2026-11-23T05:00:00Z' }), NOW)).toBe('2026-11-23T05:00:00.000Z');
  expect(creationTime(read({ upload_time: '2026-11-23T06:00:00' }), NOW)).toBe('2026-11-23T06:00:00.000Z');
  expect(creationTime(read({}), NOW)).toBeUndefined();
});

test("the time of a status is its own attribute, otherwise updated_at, otherwise the record's creation", () => {
  const created_at = '2026-11-23T05:00:00Z';
  const updated_at = '2026-11-23T07:00:00Z';
  const own = read({ created_at, updated_at, completed_time: '2026-11-23T06:59:59Z' });
  expect(statusTime('completed', own, NOW)).toBe('2026-11-23T06:59:59.000Z');
  expect(statusTime('completed', read({ created_at, updated_at }), NOW)).toBe('2026-11-23T07:00:00.000Z');
  expect(statusTime('pending', read({ created_at }), NOW)).toBe('2026-11-23T05:00:00.000Z');
});

test('a time from an earlier attempt does not count for a later one', () => {
  const first = { completed_time: '2026-11-22T01:00:00Z', updated_at: '2026-11-22T02:00:00Z' };
  const second = { ...first, updated_at: '2026-11-23T09:00:00Z' };
  expect(statusTime('completed', read(second), NOW, read(first))).toBe('2026-11-23T09:00:00.000Z');
  expect(statusTime('completed', read(first), NOW, read(first))).toBeUndefined();
});

test('a time that cannot be read is skipped', () => {
  const record = read({ failed_time: 'soon', updated_at: '2026-11-23T09:00:00Z' });
  expect(statusTime('failed', record, NOW)).toBe('2026-11-23T09:00:00.000Z');
});

test.each([{ processing_start_time: 'soon' }, { updated_at: '2027-01-01T00:00:00Z' }, { updated_at: 42 }])(
  'a record whose latest time is %j does not get the time of its creation, which was long before',
  (times) => {
    const record = read({ created_at: '2026-11-20T00:00:00Z', ...times });
    expect(statusTime('processing', record, NOW)).toBeUndefined();
  },
);

test('if a time is NULL or empty, the creation time counts', () => {
  const record = read({ created_at: '2026-11-20T00:00:00Z', processing_start_time: null, updated_at: '' });
  expect(statusTime('processing', record, NOW)).toBe('2026-11-20T00:00:00.000Z');
});

test('a clock may be ahead by 15 minutes; a later time is a mistake and is ignored', () => {
  expect(pastTime('2026-11-24T00:15:00Z', NOW)).toBe('2026-11-24T00:15:00.000Z');
  expect(pastTime('2026-11-24T00:15:01Z', NOW)).toBeUndefined();
  expect(pastTime(NOW * 1_000, NOW)).toBe('2026-11-24T00:00:00.000Z');
});

test("the newest time is one that has passed, and never the record's expiry", () => {
  const record = {
    ...{ date_prefix: '2026-11-23', file_key: 'a', created_at: '2026-11-23T05:00:00Z' },
    ...{ processing_start_time: 1_795_416_000, failed_time: '2030-01-01T00:00:00Z' },
    ttl: 1_795_478_000,
  };
  expect(newestTime(record, NOW)).toBe(1_795_416_000_000);
  expect(newestTime({ date_prefix: '2026-11-23', file_key: 'a', ttl: 1_795_478_000 }, NOW)).toBe(0);
});
