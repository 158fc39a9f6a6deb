import pMap from 'p-map';
import { getStats } from '../operations/get-stats.ts';
import type { OperationContext } from '../operations/operation.ts';
import { ask } from './ask.ts';
import type { DateStats } from './stats-range-view.ts';

const CONCURRENT_READS = 8;

/**
 * The counts of each date, in the order given: one small read each, whatever the number of files.
 *
 * @param onRead called after each date with how many are read
 */
export function statsByDate(
  service: OperationContext,
  dates: readonly string[],
  onRead: (count: number) => void,
): Promise<DateStats[]> {
  let read = 0;
  return pMap(
    dates,
    async (date_prefix) => {
      const stats = await ask(service, getStats, { date_prefix });
      onRead(++read);
      return { date_prefix, ...stats };
    },
    { concurrency: CONCURRENT_READS },
  );
}
