import { isStatus, STATUSES, type Status } from './status.ts';

/** What happened to a file, as its timeline names it. */
export const EVENTS = [
  'uploaded',
  'manifested',
  'processing_started',
  'completed',
  'failed',
  'quarantined',
  'reset',
  'removed',
  'expired',
] as const;
export type LifecycleEvent = (typeof EVENTS)[number] | 'unrecognised';

const EVENT_OF_STATUS: Readonly<Record<Status, LifecycleEvent>> = {
  pending: 'reset',
  manifested: 'manifested',
  processing: 'processing_started',
  completed: 'completed',
  failed: 'failed',
  quarantined: 'quarantined',
};

/**
 * The event that brings a record from one status to another; `undefined` is "no record".
 * Back to pending is a reset, whoever did it: the pipeline itself releases claims that way.
 */
export function eventOf(from: string | undefined, to: string | undefined, expired = false): LifecycleEvent {
  if (to === undefined) return expired ? 'expired' : 'removed';
  if (from === undefined && to === 'pending') return 'uploaded';
  return EVENT_OF_STATUS[to as Status] ?? 'unrecognised';
}

/** The status that an event leads to; undefined for removals and for unknown events. */
export function statusAfter(event: LifecycleEvent): Status | undefined {
  if (event === 'uploaded') return 'pending';
  return STATUSES.find((status) => EVENT_OF_STATUS[status] === event);
}

// What the pipeline does by itself, and what operators do to files that stopped on their way: a pending file whose
// input is gone can only fail. No transition from `completed` is allowed: its data has been converted, and would be
// converted twice.
const ALLOWED_NEXT: Readonly<Record<Status, readonly Status[]>> = {
  pending: ['manifested', 'failed', 'quarantined'],
  manifested: ['processing', 'completed', 'failed', 'quarantined', 'pending'],
  processing: ['completed', 'failed', 'quarantined', 'pending'],
  completed: [],
  failed: ['pending', 'quarantined'],
  quarantined: [],
};

/** Whether an operator may make a transition without force; a file may always keep its status. */
export function isAllowedTransition(from: string, to: string): boolean {
  if (!isStatus(from) || !isStatus(to)) return false;
  return from === to || ALLOWED_NEXT[from].includes(to);
}

/** The statuses that a file may go to from the one it has, without force. */
export function allowedNext(from: string): readonly Status[] {
  return isStatus(from) ? ALLOWED_NEXT[from] : [];
}
