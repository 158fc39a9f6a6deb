import { expect, test } from 'vitest';
import { EVENTS, eventOf, statusAfter } from '../../../shared/files/lifecycle.ts';

test.each([
  [undefined, 'pending', 'uploaded'],
  [undefined, 'manifested', 'manifested'],
  ['pending', 'manifested', 'manifested'],
  ['manifested', 'processing', 'processing_started'],
  ['manifested', 'completed', 'completed'],
  ['processing', 'failed', 'failed'],
  ['failed', 'quarantined', 'quarantined'],
  ['manifested', 'pending', 'reset'],
  ['completed', 'pending', 'reset'],
  ['pending', 'archived', 'unrecognised'],
  ['completed', undefined, 'removed'],
])('from %s to %s is %s', (from, to, event) => {
  expect(eventOf(from, to)).toBe(event);
});

test('a removal by the time to live is an expiry', () => {
  expect(eventOf('completed', undefined, true)).toBe('expired');
});

test('every event but a removal tells the status it leads to', () => {
  expect(EVENTS.filter((event) => statusAfter(event) === undefined)).toEqual(['removed', 'expired']);
  expect(statusAfter('uploaded')).toBe('pending');
  expect(statusAfter('reset')).toBe('pending');
  expect(statusAfter('processing_started')).toBe('processing');
  expect(statusAfter('unrecognised')).toBeUndefined();
});
