import { expect, test } from 'vitest';
import {
  completeEvents,
  latestAttempt,
  mergeEvents,
  stepsOf,
  totalSeconds,
} from '../../../shared/projection/timeline.ts';
import type { TimelineEvent } from '../../../shared/projection/transition.ts';

const NOW = Date.parse('2026-11-24T00:00:00Z');

function event(name: TimelineEvent['event'], status: string, minute: number): TimelineEvent {
  const mm = String(minute).padStart(2, '0');
  return { event: name, status, time: `2026-11-23T05:${mm}:00.000Z`, position: `p${mm}` };
}

const cycles = [
  event('uploaded', 'pending', 0),
  event('manifested', 'manifested', 1),
  event('failed', 'failed', 3),
  event('reset', 'pending', 10),
  event('manifested', 'manifested', 11),
  event('completed', 'completed', 15),
];

test('events of the head and of its pages are one list, each position once', () => {
  const head = { events: cycles.slice(2) } as unknown as Parameters<typeof mergeEvents>[0];
  expect(mergeEvents(head, cycles.slice(0, 4))).toEqual(cycles);
});

test('every step of every cycle has its duration', () => {
  expect(stepsOf(cycles).map(({ step, seconds }) => `${step} ${seconds}`)).toEqual([
    'uploaded_to_manifested 60',
    'manifested_to_failed 120',
    'failed_to_reset 420',
    'reset_to_manifested 60',
    'manifested_to_completed 240',
  ]);
});

test('the latest attempt begins with the last upload or reset', () => {
  expect(latestAttempt(cycles).map((e) => e.event)).toEqual(['reset', 'manifested', 'completed']);
  expect(latestAttempt(cycles.slice(1, 3))).toHaveLength(2);
});

test('the total runs from the first event to the last settled one, and is undefined before that', () => {
  expect(totalSeconds(cycles)).toBe(900);
  expect(totalSeconds(cycles.slice(0, 5))).toBe(180);
  expect(totalSeconds(cycles.slice(0, 2))).toBeUndefined();
  expect(totalSeconds([])).toBeUndefined();
});

test("a record's own times give its timeline, in their order", () => {
  const events = completeEvents(
    [],
    {
      date_prefix: '2026-11-23',
      file_key: 'a.ndjson',
      status: 'completed#3',
      created_at: '2026-11-23T05:00:00.000000+00:00',
      manifest_time: '2026-11-23T05:01:00Z',
      completed_time: '2026-11-23T05:04:00',
      updated_at: '2026-11-23T05:04:01Z',
    },
    NOW,
  );
  expect(events.map(({ event: name, time }) => `${name} ${time.slice(11, 19)}`)).toEqual([
    'uploaded 05:00:00',
    'manifested 05:01:00',
    'completed 05:04:00',
  ]);
});

test('a status without a time of its own gets updated_at, and pending again is a reset', () => {
  const record = { date_prefix: 'd', file_key: 'k', status: 'pending#3', updated_at: '2026-11-23T05:09:00Z' };
  expect(completeEvents([], record, NOW)).toMatchObject([
    { event: 'reset', time: '2026-11-23T05:09:00.000Z' },
  ]);
});

test('a record without times has no timeline', () => {
  expect(
    completeEvents([], { date_prefix: 'd', file_key: 'k', status: 'failed', manifest_path: null }, NOW),
  ).toEqual([]);
});

test('a beginning that the stream never showed comes from the record, the rest from the stream', () => {
  const record = { date_prefix: 'd', file_key: 'k', status: 'failed', created_at: '2026-11-23T04:00:00Z' };
  const events = completeEvents(cycles.slice(1, 3), { ...record, updated_at: '2026-11-23T05:09:00Z' }, NOW);
  expect(events.map(({ event: name }) => name)).toEqual(['uploaded', 'manifested', 'failed']);
});

test('a timeline that the stream showed from the upload on needs nothing from the record', () => {
  const record = { date_prefix: 'd', file_key: 'k', status: 'failed', created_at: '2026-11-23T04:00:00Z' };
  expect(completeEvents(cycles, record, NOW)).toEqual(cycles);
  expect(completeEvents(cycles, undefined, NOW)).toEqual(cycles);
});

test('a future time is ignored', () => {
  const record = { date_prefix: 'd', file_key: 'k', status: 'failed', failed_time: '2026-11-25T00:00:00Z' };
  expect(completeEvents([], record, NOW)).toEqual([]);
});
