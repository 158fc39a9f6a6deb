import { expect, test } from 'vitest';
import { isSinceBefore, sinceOf } from '../../../shared/pipeline/record.ts';

const record = (attributes: object) => ({ date_prefix: '2026-11-23', file_key: 'x', ...attributes });

test('a record has its status since the time of that status', () => {
  const times = { created_at: '2026-11-23T05:00:00', manifest_time: '2026-11-23T05:10:00.5+00:00' };
  expect(sinceOf(record({ status: 'manifested#3', ...times }))).toBe('2026-11-23T05:10:00.500Z');
  expect(sinceOf(record({ status: 'pending', ...times }))).toBe('2026-11-23T05:00:00.000Z');
});

test('a time that is missing or cannot be read is before any moment', () => {
  expect(isSinceBefore(record({ status: 'pending' }), 0)).toBe(true);
  expect(isSinceBefore(record({ status: 'pending', created_at: 'soon' }), 0)).toBe(true);
});

test('before a moment does not include it', () => {
  const fresh = record({ status: 'pending', created_at: '2026-11-23T05:00:00Z' });
  const moment = Date.parse('2026-11-23T05:00:00Z');
  expect([isSinceBefore(fresh, moment), isSinceBefore(fresh, moment + 1)]).toEqual([false, true]);
});
