import { expect, test } from 'vitest';
import { creationTime, recordKind, statusTime } from '../../../shared/pipeline/record.ts';

const read = (record: Record<string, string>) => (name: string) => record[name];

test('meta records are told from files by their keys', () => {
  expect(
    recordKind({ date_prefix: '2026-11-23', file_key: 'MANIFEST#batch-0001-20261123-052254.json' }),
  ).toBe('manifest');
  expect(recordKind({ date_prefix: 'LOCK#2026-11-23', file_key: 'LOCK' })).toBe('lock');
  expect(recordKind({ date_prefix: '2026-11-23', file_key: 'with+space.ndjson' })).toBe('file');
  expect(recordKind({ date_prefix: '2026-11-23', file_key: 'MANIFEST%23odd-name.ndjson' })).toBe('file');
});

test('a record is created at created_at, or at upload_time', () => {
  expect(creationTime(read({ created_at: '2026-11-23T05:00:00Z' }))).toBe('2026-11-23T05:00:00.000Z');
  expect(creationTime(read({ upload_time: '2026-11-23T06:00:00' }))).toBe('2026-11-23T06:00:00.000Z');
  expect(creationTime(read({}))).toBeUndefined();
});

test("a status is dated by its own attribute, else by updated_at, else by the record's creation", () => {
  const created_at = '2026-11-23T05:00:00Z';
  const updated_at = '2026-11-23T07:00:00Z';
  const own = read({ created_at, updated_at, completed_time: '2026-11-23T06:59:59Z' });
  expect(statusTime('completed', own)).toBe('2026-11-23T06:59:59.000Z');
  expect(statusTime('completed', read({ created_at, updated_at }))).toBe('2026-11-23T07:00:00.000Z');
  expect(statusTime('pending', read({ created_at }))).toBe('2026-11-23T05:00:00.000Z');
});

test('a time left over from an earlier attempt does not date a later one', () => {
  const first = { completed_time: '2026-11-22T01:00:00Z', updated_at: '2026-11-22T02:00:00Z' };
  const second = { ...first, updated_at: '2026-11-23T09:00:00Z' };
  expect(statusTime('completed', read(second), read(first))).toBe('2026-11-23T09:00:00.000Z');
  expect(statusTime('completed', read(first), read(first))).toBeUndefined();
});

test('a time that cannot be read is passed over', () => {
  const record = read({ failed_time: 'soon', updated_at: '2026-11-23T09:00:00Z' });
  expect(statusTime('failed', record)).toBe('2026-11-23T09:00:00.000Z');
});
