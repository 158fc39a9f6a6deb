import { hoursInStatus } from '../pipeline/record.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';

/** For how many hours a file may stay in each status; manifests wait like manifested files do, and run like processing ones. */
export interface Limits {
  readonly pending: number;
  readonly manifested: number;
  readonly processing: number;
}

/** Late files wait for the end of their day; a claimed one only for its manifest's job. */
export const DEFAULT_LIMITS: Limits = { pending: 24, manifested: 6, processing: 2 };

/**
 * What is younger than this is still under way, unless another time is asked for: writers of table and buckets
 * do not write at one moment.
 */
export const GRACE_HOURS = 0.25;

/** The longest that is allowed: the check of completed files relies on it. */
export const LONGEST_GRACE_HOURS = 1;

/** The limits that a record's age is checked against. */
export interface AgeRules {
  readonly limits: Limits;
  readonly graceHours: number;
  /** Milliseconds since the epoch, read once per invocation. */
  readonly now: number;
}

/** A file that was reset so often and is stuck again will not get through by itself. */
export const MOST_RESETS = 3;

/** Whether a record is in its status for longer than that; one without readable times is. */
export function isOver(record: TrackingRecord, hours: number, now: number): boolean {
  return (hoursInStatus(record, now) ?? Number.POSITIVE_INFINITY) > hours;
}

const FLAGS = {
  '--hours': 'processing',
  '--manifested-hours': 'manifested',
  '--pending-hours': 'pending',
} as const satisfies Record<string, keyof Limits>;

/** What a runbook's command line needs to use these limits: nothing where they are the defaults. */
export function limitArgs(limits: Limits): string[] {
  return Object.entries(FLAGS).flatMap(([flag, status]) =>
    limits[status] === DEFAULT_LIMITS[status] ? [] : [flag, String(limits[status])],
  );
}
