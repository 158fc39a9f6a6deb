import { statusTime } from './record.ts';
import { parseStatus } from './status.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** When a record took its present status, by its own word: `…Z`; undefined when it has no readable time. */
export function sinceOf(record: TrackingRecord): string | undefined {
  return statusTime(parseStatus(record.status).status, (name) => {
    const value = record[name];
    return typeof value === 'string' ? value : undefined;
  });
}

/**
 * Whether a record has had its status since before a moment, in milliseconds since the epoch. A time that is
 * missing or cannot be read counts as the oldest: such a record must not hide from whoever looks for old ones.
 */
export function isSinceBefore(record: TrackingRecord, millis: number): boolean {
  const since = sinceOf(record);
  return since === undefined || Date.parse(since) < millis;
}
