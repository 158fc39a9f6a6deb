import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { limitsOfProfile } from '../orphans/limits.ts';
import { STATUSES, type Status } from '../pipeline/status.ts';
import { incompleteListing } from '../pipeline/status-index.ts';
import { readAgedCounters } from '../projection/aged-counters.ts';
import type { StatusCounts } from '../projection/counters.ts';
import { listDates } from '../projection/dates.ts';
import { readFlowCounts } from '../projection/flow-counts.ts';
import { isoTime } from '../text/time.ts';
import { datePrefix } from './inputs.ts';
import { operation } from './operation.ts';

export const getStats = operation({
  name: 'get_stats',
  description: 'How many files are in each status, and how many are late, of one date or in all',
  input: z.strictObject({
    date_prefix: datePrefix.optional(),
    durations: z.boolean().optional().describe('Also how long files took for each step, and their sizes'),
  }),
  async run(
    { projection, profile, now }: Pick<Deps, 'projection' | 'profile' | 'now'>,
    { date_prefix, durations = false }: Asked,
  ) {
    const counters = await readAgedCounters(projection, date_prefix, limitsOfProfile(profile), now);
    const dates = async () =>
      date_prefix === undefined ? (await listDates(projection)).slice(-MOST_DATES) : [date_prefix];
    const flow = durations ? await readFlowCounts(projection, await dates()) : undefined;
    const { audit, dead_letters } = counters.health;
    const incomplete = incompleteListing(counters.suffixes);
    return {
      ...counted(counters.file),
      manifests: counted(counters.manifest),
      arrivals: pick(counters.arrivals.file),
      in_flight: counters.late,
      as_of: counters.asOf === undefined ? null : isoTime(counters.asOf),
      lag_seconds: counters.lagMillis === undefined ? null : counters.lagMillis / 1000,
      ...flow,
      // They are about the whole projection: a date's counters do not repeat them.
      ...(date_prefix === undefined && {
        last_audit: audit ?? null,
        dead_letters_waiting: dead_letters ?? null,
        ...(incomplete && { incomplete }),
      }),
    };
  },
});

// Of everything: the latest dates, a small Query each.
const MOST_DATES = 31;

interface Asked {
  readonly date_prefix?: string | undefined;
  readonly durations?: boolean;
}

/** What it answers. */
export type Stats = Awaited<ReturnType<typeof getStats.run>>;

/** Records whose status is none of the six are in the total, and named when there are any. */
function counted(counts: StatusCounts) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { stats: pick(counts), total, ...(counts.unknown !== 0 && { unknown_status: counts.unknown }) };
}

function pick(counts: StatusCounts): Record<Status, number> {
  return Object.fromEntries(STATUSES.map((status) => [status, counts[status]])) as Record<Status, number>;
}
