import type { Table } from '../aws/deps.ts';
import { sinceOf } from './record.ts';
import { IN_FLIGHT_STATUSES, type Status } from './status.ts';
import { listByStatus } from './status-index.ts';
import type { RecordKey, TrackingRecord } from './tracking-table.ts';

/** The file that has been longest in an in-flight status. */
export interface OldestFile extends RecordKey {
  readonly status: Status;
  /** `…Z`; undefined when it cannot be read, which counts as the oldest. */
  readonly since: string | undefined;
  /** Whether every file of the status was looked at; else there may be an older one. */
  readonly is_certain: boolean;
}

const MOST_LOOKED_AT = 200;

/**
 * The oldest file in each in-flight status that has any. The index is ordered by date and not by time, so
 * only so many files of the earliest dates are looked at: enough where few are in flight, as should be.
 *
 * @param suffixes shard suffixes known beyond the usual ones
 */
export async function oldestInFlight(table: Table, suffixes: readonly string[]): Promise<OldestFile[]> {
  const found = await Promise.all(
    IN_FLIGHT_STATUSES.map(async (status) => {
      const query = { kind: 'file' as const, status, suffixes, range: {} };
      const { records, next } = await listByStatus(table, query, MOST_LOOKED_AT);
      const oldest = oldestOf(records);
      return oldest ? [{ ...oldest, status, is_certain: next === undefined }] : [];
    }),
  );
  return found.flat();
}

function oldestOf(records: readonly TrackingRecord[]) {
  const [oldest] = records
    .map((record) => ({ date_prefix: record.date_prefix, file_key: record.file_key, since: sinceOf(record) }))
    .sort((a, b) => (a.since ?? '').localeCompare(b.since ?? '', 'en'));
  return oldest;
}
