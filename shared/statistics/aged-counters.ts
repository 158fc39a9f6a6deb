import type { Table } from '../aws/deps.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus } from '../pipeline/status.ts';
import { describeAges, type StatusAge } from '../projection/ages.ts';
import { type Reading, readCountersAndAges } from '../projection/counter-items.ts';

/** For how many hours a file may stay in each status. */
export type HourLimits = Readonly<Record<InFlightStatus, number>>;

/** Counts, and how many of them are late. */
export type AgedCounters = Awaited<ReturnType<typeof readCountersAndAges>> & {
  readonly late: Readonly<Record<InFlightStatus, StatusAge>>;
};

/**
 * The counts of one date, or of everything, with the ages of files in flight: a single Query, whatever the number of files.
 * If it saw half of a transaction, so that ages and counts differ, it is repeated with a consistent read.
 *
 * @param now milliseconds since the epoch
 */
export async function readAgedCounters(
  table: Table,
  date_prefix: string | undefined,
  limits: HourLimits,
  now: number,
): Promise<AgedCounters> {
  const read = async (reading: Reading) => {
    const counters = await readCountersAndAges(table, date_prefix, reading);
    return { ...counters, late: describeAges(counters.ages, counters.file, limits, now) };
  };
  const first = await read('eventual');
  return isWhole(first) ? first : read('consistent');
}

/** Whether every file in flight is counted by its age. */
function isWhole({ late }: Pick<AgedCounters, 'late'>): boolean {
  return IN_FLIGHT_STATUSES.every((status) => late[status].not_counted === 0);
}
