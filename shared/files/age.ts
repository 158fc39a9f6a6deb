import { sinceOf } from './since.ts';
import type { TrackingRecord } from './tracking-table.ts';

/**
 * How long a record has been in its present status, in hours to two decimals.
 *
 * @param now milliseconds since the epoch
 * @returns undefined when none of its times can be read: such a record counts as the oldest
 */
export function hoursInStatus(record: TrackingRecord, now: number): number | undefined {
  const since = sinceOf(record);
  return since === undefined ? undefined : Math.round((now - Date.parse(since)) / 36_000) / 100;
}
