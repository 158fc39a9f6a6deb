import { expect, test } from 'vitest';
import { sinceOf } from '../../../shared/pipeline/record.ts';

const NOW = Date.parse('2026-11-24T00:00:00Z');
const record = (attributes: object) => ({ date_prefix: '2026-11-23', file_key: 'x', ...attributes });

test('a record has its status since the time of that status', () => {
  const times = { created_at: '2026-11-23T05:00:00', manifest_time: '2026-11-23T05:10:00.5+00:00' };
  expect(sinceOf(record({ status: 'manifested#3', ...times }), NOW)).toBe('2026-11-23T05:10:00.500Z');
  expect(sinceOf(record({ status: 'pending', ...times }), NOW)).toBe('2026-11-23T05:00:00.000Z');
});

test('a time that is missing, unreadable or in the future is unknown, not old', () => {
  expect(sinceOf(record({ status: 'pending' }), NOW)).toBeUndefined();
  expect(sinceOf(record({ status: 'pending', created_at: 'soon' }), NOW)).toBeUndefined();
  expect(sinceOf(record({ status: 'pending', created_at: '2026-11-24T01:00:00Z' }), NOW)).toBeUndefined();
});
