import { hoursInStatus } from '../pipeline/record.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';

/**
 * For how many hours a file may stay in each status; manifests wait like manifested files do, and run like processing
 * ones.
 */
export interface Limits {
  readonly pending: number;
  readonly manifested: number;
  readonly processing: number;
}

/** The limits that a record's age is checked against. */
export interface AgeRules {
  readonly limits: Limits;
  /** What is younger may still be in progress: table and buckets are not written at the same moment. */
  readonly graceHours: number;
  /** Milliseconds since the epoch, read once per invocation. */
  readonly now: number;
}

/** A file that was reset this often and is stuck again will not get through by itself. */
export const MOST_RESETS = 3;

/** Whether a record is known to be in its status for longer than that. */
export function isOver(record: TrackingRecord, hours: number, now: number): boolean {
  return (hoursInStatus(record, now) ?? Number.NEGATIVE_INFINITY) > hours;
}

/** The limits of a pipeline, unless others are given. */
export function limitsOfProfile({ limits }: Pick<PipelineProfile, 'limits'>): Limits {
  return {
    pending: limits.pending_hours,
    manifested: limits.manifested_hours,
    processing: limits.processing_hours,
  };
}

const FLAGS = {
  '--hours': 'processing',
  '--manifested-hours': 'manifested',
  '--pending-hours': 'pending',
} as const satisfies Record<string, keyof Limits>;

/** What a runbook's command line needs to use these limits, whatever its own are. */
export function limitArgs(limits: Partial<Limits>, graceMinutes?: number): string[] {
  const args = Object.entries(FLAGS).flatMap(([flag, status]) =>
    limits[status] === undefined ? [] : [flag, String(limits[status])],
  );
  return graceMinutes === undefined ? args : [...args, '--grace', String(graceMinutes)];
}
