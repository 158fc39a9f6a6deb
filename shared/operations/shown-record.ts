import { parseStatus } from '../files/status.ts';
import type { TrackingRecord } from '../files/tracking-table.ts';

/** A record as callers see it: its status without the shard suffix, which is the pipeline's own affair. */
export function shownRecord(record: TrackingRecord): TrackingRecord {
  return 'status' in record ? { ...record, status: parseStatus(record.status).status } : record;
}
