import { expect, test } from 'vitest';
import {
  IN_FLIGHT_STATUSES,
  isInFlight,
  parseStatus,
  SETTLED_STATUSES,
  STATUSES,
  storedStatus,
} from '../../../shared/pipeline/status.ts';

test('a sharded status is read as the status and its suffix', () => {
  expect(parseStatus('pending#3')).toEqual({ status: 'pending', suffix: '#3' });
  expect(parseStatus('completed#12')).toEqual({ status: 'completed', suffix: '#12' });
});

test('a plain status has an empty suffix', () => {
  expect(parseStatus('failed')).toEqual({ status: 'failed', suffix: '' });
});

test.each([[undefined], [null], [7], [{}], [''], ['#3']])('%j is the unknown status', (stored) => {
  expect(parseStatus(stored).status).toBe('unknown');
});

test('an unknown status keeps its name', () => {
  expect(parseStatus('archived#1')).toEqual({ status: 'archived', suffix: '#1' });
});

test('a status is stored with the suffix it came with', () => {
  const { suffix } = parseStatus('manifested#7');
  expect(storedStatus('pending', suffix)).toBe('pending#7');
});

test('pending, manifested and processing are in flight, the others are settled', () => {
  expect(STATUSES.filter(isInFlight)).toEqual(['pending', 'manifested', 'processing']);
  expect([...IN_FLIGHT_STATUSES, ...SETTLED_STATUSES]).toEqual(STATUSES);
});
