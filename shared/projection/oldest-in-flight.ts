import type { Deps } from '../aws/deps.ts';
import { sinceOf } from '../pipeline/record.ts';
import { IN_FLIGHT_STATUSES, type Status } from '../pipeline/status.ts';
import { type KnownSuffixes, listByStatus } from '../pipeline/status-index.ts';
import { keyOf, type RecordKey, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { withHeadTimes } from './known-age.ts';

/** The file that has been longest in an in-flight status; one of unknown age only where no age is known. */
export interface OldestFile extends RecordKey {
  readonly status: Status;
  /** `…Z`; undefined when no file's age is known. */
  readonly since: string | undefined;
  /** How many files were looked at whose age is unknown: any of them may be older. */
  readonly age_unknown: number;
  /** Whether every file of the status was looked at; else there may be an older one. */
  readonly is_certain: boolean;
}

const MOST_LOOKED_AT = 200;

/**
 * The oldest file in each in-flight status that has any. The index is ordered by date and not by time, so
 * only so many files of the earliest dates are looked at: enough where few are in flight, as should be.
 */
export async function oldestInFlight(
  { tracking, projection, now }: Pick<Deps, 'tracking' | 'projection' | 'now'>,
  suffixes: KnownSuffixes,
): Promise<OldestFile[]> {
  const found = await Promise.all(
    IN_FLIGHT_STATUSES.map(async (status) => {
      const query = { kind: 'file' as const, status, suffixes, range: {} };
      const { records, next } = await listByStatus(tracking, query, MOST_LOOKED_AT);
      const oldest = oldestOf(await withHeadTimes(projection, records, now), now);
      return oldest ? [{ ...oldest, status, is_certain: next === undefined }] : [];
    }),
  );
  return found.flat();
}

function oldestOf(records: readonly TrackingRecord[], now: number) {
  const files = records.map((record) => ({ ...keyOf(record), since: sinceOf(record, now) }));
  const known = files.flatMap(({ since, ...key }) => (since === undefined ? [] : [{ ...key, since }]));
  const [oldest = files[0]] = known.sort((a, b) => a.since.localeCompare(b.since, 'en'));
  return oldest && { ...oldest, age_unknown: files.length - known.length };
}
