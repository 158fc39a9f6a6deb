import { eventOf } from '../pipeline/lifecycle.ts';
import { creationTime, pastTime, STATUS_TIME_ATTRIBUTE, valueIn } from '../pipeline/record.ts';
import { isInFlight, isStatus, parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { secondsBetween } from '../text/time.ts';
import type { Head } from './head.ts';
import { comparePositions, LOWEST_POSITION } from './position.ts';
import type { TimelineEvent } from './transition.ts';

/** One step between two events of a timeline. */
export interface Step {
  /** `a_to_b`, from the names of the events. */
  readonly step: string;
  readonly seconds: number;
}

/** All events of a head and its pages, in stream order, each position once. */
export function mergeEvents(head: Head | undefined, paged: readonly TimelineEvent[]): TimelineEvent[] {
  const byPosition = new Map([...paged, ...(head?.events ?? [])].map((event) => [event.position, event]));
  return [...byPosition.values()].sort((a, b) => comparePositions(a.position, b.position));
}

/**
 * What the stream showed of a file, preceded by what only its record says: a file that was already in flight when the
 * projection began has earlier events without stream records.
 *
 * @param record the tracking record; undefined if it is gone
 * @param now milliseconds since the epoch; a future time in the record is ignored
 */
export function completeEvents(
  seen: readonly TimelineEvent[],
  record: TrackingRecord | undefined,
  now: number,
): readonly TimelineEvent[] {
  const [first] = seen;
  if (!record || first?.event === 'uploaded') return seen;
  const earlier = deriveEvents(record, now).filter(({ time }) => !first || time < first.time);
  return [...earlier, ...seen];
}

/**
 * The timeline from a record's own times, for a file that the stream never showed: its creation, each step whose time it
 * still has, and its current status, in the order of those times.
 */
function deriveEvents(record: TrackingRecord, now: number): TimelineEvent[] {
  const { status } = parseStatus(record.status);
  const stamped = Object.entries(STATUS_TIME_ATTRIBUTE).map(([step, attribute]) => ({
    step,
    time: pastTime(record[attribute], now),
  }));
  const present = stamped.some(({ step, time }) => step === status && time)
    ? undefined
    : pastTime(record.updated_at, now);
  const events = [
    derived(undefined, 'pending', creationTime(valueIn(record), now)),
    ...stamped.map(({ step, time }) => derived('pending', step, time)),
    derived('manifested', status, present),
  ];
  return events.flat().sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

function derived(from: string | undefined, to: string, time: string | undefined): TimelineEvent[] {
  return time ? [{ event: eventOf(from, to), status: to, time, position: LOWEST_POSITION }] : [];
}

/** Every step of a timeline with its duration; if a clock went back, it is negative, as recorded. */
export function stepsOf(events: readonly TimelineEvent[]): Step[] {
  return events.slice(1).map((event, i) => {
    const before = events[i] as TimelineEvent;
    return { step: `${before.event}_to_${event.event}`, seconds: secondsBetween(before.time, event.time) };
  });
}

/** The events of the latest attempt: from the last upload or reset on. */
export function latestAttempt(events: readonly TimelineEvent[]): readonly TimelineEvent[] {
  const start = events.findLastIndex(({ event }) => event === 'uploaded' || event === 'reset');
  return events.slice(Math.max(0, start));
}

/** Seconds from the first event to the last settled one; undefined while nothing has settled. */
export function totalSeconds(events: readonly TimelineEvent[]): number | undefined {
  const [first] = events;
  const settled = events.findLast(({ status }) => status && isStatus(status) && !isInFlight(status));
  return first && settled ? secondsBetween(first.time, settled.time) : undefined;
}
