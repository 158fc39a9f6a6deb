import { recordKind, statusTime } from '../files/record.ts';
import { parseStatus } from '../files/status.ts';
import type { TrackingRecord } from '../files/tracking-table.ts';
import type { Head } from './head.ts';
import { LOWEST_POSITION } from './position.ts';

/**
 * The head that a tracking record gives when the stream never showed it: no events, and a position below
 * every stream record, so that whatever the stream still brings supersedes it.
 *
 * @returns undefined for locks, which have no head
 */
export function headOfRecord(record: TrackingRecord): Head | undefined {
  const kind = recordKind(record.date_prefix, record.file_key);
  if (kind === 'lock') return undefined;
  const { status } = parseStatus(record.status);
  return {
    entity: kind,
    datePrefix: record.date_prefix,
    fileKey: record.file_key,
    status,
    since: sinceOf(record, status),
    position: LOWEST_POSITION,
    events: [],
    pages: 0,
    revision: 1,
  };
}

/** Since when a record has its present status, by its own word; empty when it does not say. */
export function sinceOf(record: TrackingRecord, status: string): string {
  const read = (name: string) => (typeof record[name] === 'string' ? record[name] : undefined);
  return statusTime(status, read) ?? '';
}

/** The shard suffix of a record's status, for the counters to keep. */
export function suffixesOf(record: TrackingRecord): string[] {
  return [parseStatus(record.status).suffix];
}
