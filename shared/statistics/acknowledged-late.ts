import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { entityOf } from '../pipeline/record.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus } from '../pipeline/status.ts';
import { keyOf, type RecordKey, readRawRecord } from '../pipeline/tracking-table.ts';
import { isCountedBefore } from '../projection/ages.ts';
import { liveStatus } from '../projection/head.ts';
import { readHead } from '../projection/projection-table.ts';
import { type Acknowledged, holds, keyText } from '../reports/acknowledged-files.ts';

const HOUR = 3_600_000;
const CONCURRENT_READS = 16;

/** A file that is acknowledged in its current state, and since when it has been in its status, according to its head. */
export interface LateAcknowledged extends RecordKey {
  /** `…Z`, or empty if unknown. */
  readonly since: string;
}

/**
 * The acknowledged files of a status: two reads for each that was acknowledged in it. Which of its findings was
 * acknowledged does not matter: it is known that the file is late.
 */
export async function acknowledgedInStatus(
  { tracking, projection }: Pick<Deps, 'tracking' | 'projection'>,
  { files }: Acknowledged,
  status: InFlightStatus,
): Promise<LateAcknowledged[]> {
  // Manifests have their own ages.
  const meant = files.filter((each) => each.status === status && entityOf(each) === 'file');
  const keys = new Map(meant.map((each) => [keyText(each), each]));
  const found = await pMap(
    keys.values(),
    async (each) => {
      const [record, head] = await Promise.all([readRawRecord(tracking, each), readHead(projection, each)]);
      const isKnown = files.some((other) => isSameKey(other, each) && holds(other, record));
      return isKnown && liveStatus(head) === status ? [{ ...keyOf(each), since: head?.since ?? '' }] : [];
    },
    { concurrency: CONCURRENT_READS },
  );
  return found.flat();
}

/** Whether both name the same file. */
export function isSameKey(a: RecordKey, b: RecordKey): boolean {
  return a.date_prefix === b.date_prefix && a.file_key === b.file_key;
}

/**
 * How many of them the ages count as over a limit. Files of the hour in which the limit falls are counted by neither.
 *
 * @param before milliseconds since the epoch; files that entered earlier are over the limit
 */
export function countAcknowledgedOver(known: readonly LateAcknowledged[], before: number): number {
  return known.filter(({ since }) => isCountedBefore(since, before - HOUR + 1)).length;
}

/** How many acknowledged files of each status the counters count as late, if they count any. */
export async function countAcknowledgedLate(
  deps: Pick<Deps, 'tracking' | 'projection' | 'now'>,
  known: Acknowledged,
  late: Readonly<Record<InFlightStatus, { readonly over_limit: number; readonly limit_hours: number }>>,
): Promise<Readonly<Record<InFlightStatus, number>>> {
  const counted = await Promise.all(
    IN_FLIGHT_STATUSES.map(async (status) => {
      const { over_limit, limit_hours } = late[status];
      const files = over_limit > 0 ? await acknowledgedInStatus(deps, known, status) : [];
      return [status, countAcknowledgedOver(files, deps.now - limit_hours * HOUR)] as const;
    }),
  );
  return Object.fromEntries(counted) as Record<InFlightStatus, number>;
}
