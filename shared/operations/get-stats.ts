import * as z from 'zod';
import type { Deps } from '../aws/deps.ts';
import { readLearntLimits } from '../orphans/learnt-limits.ts';
import { limitsOfProfile } from '../orphans/limits.ts';
import { senderRule } from '../pipeline/sender.ts';
import { IN_FLIGHT_STATUSES, STATUSES, type Status } from '../pipeline/status.ts';
import { incompleteListing } from '../pipeline/status-index.ts';
import { readCounters } from '../projection/counter-items.ts';
import type { StatusCounts } from '../projection/counters.ts';
import { listDates, longDateText } from '../projection/dates.ts';
import { sampleOf } from '../projection/flow-samples.ts';
import { senderPathOf } from '../settings/index-profile.ts';
import { type AgedCounters, readAgedCounters } from '../statistics/aged-counters.ts';
import { forecastDrain } from '../statistics/drain-forecast.ts';
import { readFlowCounts } from '../statistics/flow-counts.ts';
import { readSenders } from '../statistics/read-senders.ts';
import { isoTime } from '../text/time.ts';
import { datePrefix } from './inputs.ts';
import { readDateNotes } from './notes.ts';
import { operation } from './operation.ts';

export const getStats = operation({
  name: 'get_stats',
  description:
    'How many files are in each status, for one date or in total, how many are late, and when they will be settled',
  input: z.strictObject({
    date_prefix: datePrefix.optional(),
    in_flight: z
      .boolean()
      .optional()
      .describe('Also how long files have been in flight and how many are late, which takes more read units'),
    durations: z
      .boolean()
      .optional()
      .describe('Also how long files took for each step, their sizes, and, for everything, learnt limits'),
    senders: z
      .boolean()
      .optional()
      .describe(
        'Also the counts of each sender, with failures and late files, if the profile has senders counted',
      ),
  }),
  async run(
    deps: Pick<Deps, 'projection' | 'profile' | 'now'>,
    { date_prefix, in_flight = false, durations = false, senders = false }: Asked,
  ) {
    const { projection } = deps;
    const { late, ages, samples, ...counters } = await readCounts(deps, date_prefix, in_flight);
    const dates = async () =>
      date_prefix === undefined ? (await listDates(projection)).slice(-MOST_DATES) : [date_prefix];
    const flow = durations ? await readFlowCounts(projection, await dates()) : undefined;
    const { audit, dead_letters, came, long_date } = counters.health;
    const incomplete = incompleteListing(counters.suffixes);
    const notes = date_prefix === undefined ? [] : await readDateNotes(projection, date_prefix);
    return {
      ...counted(counters.file),
      manifests: counted(counters.manifest),
      arrivals: pick(counters.arrivals.file),
      ...(late && { in_flight: late }),
      as_of: counters.asOf === undefined ? null : isoTime(counters.asOf),
      lag_seconds: counters.lagMillis === undefined ? null : counters.lagMillis / 1000,
      ...flow,
      ...(senders && { by_sender: (await sendersOf(deps, date_prefix)) ?? null }),
      ...(notes.length > 0 && { notes }),
      // They are about the whole projection: a date's counters do not repeat them.
      ...(date_prefix === undefined && {
        ...(durations && {
          learnt_limits: (await readLearntLimits(projection, deps.profile, deps.now)) ?? null,
        }),
        ...(ages && { drain: drainOf({ ...counters, ages, samples }, deps) }),
        came: came ?? null,
        last_audit: audit ?? null,
        dead_letters_waiting: dead_letters ?? null,
        ...(incomplete && { incomplete }),
        ...(long_date !== undefined && { not_audited: longDateText(long_date) }),
      }),
    };
  },
});

type Counts = Awaited<ReturnType<typeof readCounters>> & Partial<Pick<AgedCounters, 'late' | 'ages'>>;

/** Ages are as many items again for each day of entry, so they are read only on request. */
function readCounts(
  { projection, profile, now }: Pick<Deps, 'projection' | 'profile' | 'now'>,
  date_prefix: string | undefined,
  withAges: boolean,
): Promise<Counts> {
  return withAges
    ? readAgedCounters(projection, date_prefix, limitsOfProfile(profile), now)
    : readCounters(projection, date_prefix, 'eventual');
}

/** Undefined where the profile counts no senders. */
async function sendersOf(
  { projection, profile, now }: Pick<Deps, 'projection' | 'profile' | 'now'>,
  date_prefix: string | undefined,
) {
  const rule = senderRule(senderPathOf(profile));
  return rule && readSenders(projection, rule, date_prefix, limitsOfProfile(profile), now);
}

/** When the files in flight will be settled. */
function drainOf(
  counters: Pick<AgedCounters, 'file' | 'arrivals' | 'lagMillis' | 'ages' | 'samples'>,
  { profile, now }: Pick<Deps, 'profile' | 'now'>,
) {
  return forecastDrain({
    samples: [...counters.samples.filter(({ at }) => at < now), sampleOf(counters, now)],
    lagMillis: counters.lagMillis,
    ages: IN_FLIGHT_STATUSES.flatMap((status) => counters.ages[status]),
    maxFiles: profile.builder.max_files,
  });
}

// For everything: the latest dates, one small Query each.
const MOST_DATES = 31;

interface Asked {
  readonly date_prefix?: string | undefined;
  readonly in_flight?: boolean;
  readonly durations?: boolean;
  readonly senders?: boolean;
}

/** What it answers. */
export type Stats = Awaited<ReturnType<typeof getStats.run>>;

/** Whether nothing is counted: the stream has brought nothing, and no rebuild has counted the records. */
export function isNothingCounted({
  as_of,
  total,
  manifests,
}: Pick<Stats, 'as_of' | 'total' | 'manifests'>): boolean {
  return as_of === null && total + manifests.total === 0;
}

/** Records whose status is none of the six are in the total, and named when there are any. */
function counted(counts: StatusCounts) {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { stats: pick(counts), total, ...(counts.unknown !== 0 && { unknown_status: counts.unknown }) };
}

function pick(counts: StatusCounts): Record<Status, number> {
  return Object.fromEntries(STATUSES.map((status) => [status, counts[status]])) as Record<Status, number>;
}
