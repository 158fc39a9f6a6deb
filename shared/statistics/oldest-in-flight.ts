import type { Deps } from '../aws/deps.ts';
import { sinceOf } from '../pipeline/record.ts';
import { IN_FLIGHT_STATUSES, type Status } from '../pipeline/status.ts';
import { type KnownSuffixes, listByStatus } from '../pipeline/status-index.ts';
import { keyOf, type RecordKey, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { withHeadTimes } from '../projection/known-age.ts';

/** The file that has been in an in-flight status for longest; one of unknown age only if no age is known. */
export interface OldestFile extends RecordKey {
  readonly status: Status;
  /** `…Z`; undefined if no file's age is known. */
  readonly since: string | undefined;
  /** How many of the files that were read have an unknown age; any of them may be older. */
  readonly age_unknown: number;
  /** Whether every file of the status was read; if not, there may be an older one. */
  readonly is_certain: boolean;
}

const MOST_LOOKED_AT = 200;

/**
 * The oldest file in each in-flight status that has any. The index is ordered by date, not by time, so only the first 200
 * files of the earliest dates are read; that is enough if few are in flight, as is usual.
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
