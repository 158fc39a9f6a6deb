import { pastTime, sinceOf } from '../pipeline/record.ts';
import { parseStatus, SETTLED_STATUSES } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';

// S3 gives times to the second, and its clock is not that of the pipeline.
const SLACK_MILLIS = 60_000;

/**
 * The last moment, in milliseconds since the epoch, at which an upload was sure to be included in what a record is
 * about. A job reads its inputs when it runs, and not when they are claimed. So an upload counts until the job of a
 * completed file began. A failed or quarantined file has been given up, with everything uploaded before.
 *
 * @returns undefined in flight, where a new upload is still converted, and when the record's times cannot be read
 */
export function takenAt(record: TrackingRecord, now: number): number | undefined {
  const { status } = parseStatus(record.status);
  if (!SETTLED_STATUSES.some((settled) => settled === status)) return undefined;
  const begun = status === 'completed' ? [record.manifest_time, record.processing_start_time] : [];
  const times = begun.flatMap((value) => pastTime(value, now) ?? []).sort();
  const time = times.at(-1);
  return time === undefined ? settledTime(record, now) : Date.parse(time);
}

/** When a record settled, by its own times, in milliseconds since the epoch; undefined when they cannot be read. */
export function settledTime(record: TrackingRecord, now: number): number | undefined {
  const time = sinceOf(record, now);
  return time === undefined ? undefined : Date.parse(time);
}

/** Whether an object is newer than the converted content of its file; both in milliseconds since the epoch. */
export function isUploadedAgain(modified: number, taken: number | undefined): boolean {
  return taken !== undefined && modified > taken + SLACK_MILLIS;
}
