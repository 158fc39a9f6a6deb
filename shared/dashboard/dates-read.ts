import type { Read } from '../page-kit/card.ts';
import { listDates } from '../projection/dates.ts';
import { MOST_DATES, readDateCounters } from './date-counters.ts';
import { datesShown } from './date-range.ts';
import type { Dates } from './dates-view.ts';
import { readDirectly } from './read.ts';
import type { Source } from './source.ts';

const FEWEST = 14;

/** Two reads: which dates there are, and the counters of those that are shown. */
export function readDates(source: Source): Promise<Read<Dates>> {
  const { projection, timeRange } = source;
  return readDirectly(source, async () => {
    const known = await listDates(projection);
    const dates = datesShown(known, timeRange, FEWEST, MOST_DATES);
    return { listed: await readDateCounters(projection, dates), known: known.length };
  });
}
