import { expect, test } from 'vitest';
import { hoursInStatus } from '../../../shared/pipeline/record.ts';

const now = Date.parse('2026-11-23T06:00:00Z');
const hours = (attributes: object) =>
  hoursInStatus({ date_prefix: '2026-11-23', file_key: 'a', ...attributes }, now);

test('the age of a file counts from the time of its status', () => {
  const updated_at = '2026-11-23T05:59:59Z';
  const start = { processing_start_time: '2026-11-23T03:29:42.532494+00:00', updated_at };
  expect(hours({ status: 'processing#3', ...start })).toBe(2.5);
  expect(hours({ status: 'pending#3', updated_at })).toBe(0.0003);
});

test('a clock that is slightly ahead does not make an age negative', () => {
  expect(hours({ status: 'pending', created_at: '2026-11-23T06:10:00Z' })).toBe(0);
});

test('a file whose times cannot be read has no age', () => {
  expect(hours({ status: 'processing' })).toBeUndefined();
  expect(hours({ status: 'processing', updated_at: 'yesterday', created_at: 7 })).toBeUndefined();
});
