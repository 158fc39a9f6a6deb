import { expect, test } from 'vitest';
import {
  allowedNext,
  EVENTS,
  eventOf,
  isAllowedTransition,
  statusAfter,
} from '../../../shared/pipeline/lifecycle.ts';
import { STATUSES } from '../../../shared/pipeline/status.ts';

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

test('a removal by the time to live is shown as expired', () => {
  expect(eventOf('completed', undefined, true)).toBe('expired');
});

test('every event except a removal implies the status that it leads to', () => {
  expect(EVENTS.filter((event) => statusAfter(event) === undefined)).toEqual(['removed', 'expired']);
  expect(statusAfter('uploaded')).toBe('pending');
  expect(statusAfter('reset')).toBe('pending');
  expect(statusAfter('processing_started')).toBe('processing');
  expect(statusAfter('unrecognised')).toBeUndefined();
});

test("the pipeline's own transitions are allowed, and so is resetting or giving up a file that did not get through", () => {
  expect(Object.fromEntries(STATUSES.map((status) => [status, allowedNext(status)]))).toEqual({
    pending: ['manifested', 'failed', 'quarantined'],
    manifested: ['processing', 'completed', 'failed', 'quarantined', 'pending'],
    processing: ['completed', 'failed', 'quarantined', 'pending'],
    completed: [],
    failed: ['pending', 'quarantined'],
    quarantined: [],
  });
});

test('a file may keep its status, and leaves or takes an unknown status only with force', () => {
  for (const status of STATUSES) expect(isAllowedTransition(status, status)).toBe(true);
  expect(isAllowedTransition('completed', 'pending')).toBe(false);
  expect(isAllowedTransition('archived', 'archived')).toBe(false);
  expect(isAllowedTransition('pending', 'archived')).toBe(false);
  expect(allowedNext('archived')).toEqual([]);
});
