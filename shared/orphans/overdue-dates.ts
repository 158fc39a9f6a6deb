import type { Deps } from '../aws/deps.ts';
import { sinceOf } from '../pipeline/record.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { isCountedBefore } from '../projection/ages.ts';
import { type LateAnswer, overdueDates } from '../projection/overdue.ts';
import type { AgeRules } from './limits.ts';
import { LISTINGS, type Listing } from './listings.ts';

const HOUR = 3_600_000;

/** A date on which records of a listing are old enough to be looked at. It is plain JSON. */
export interface OverdueDate {
  readonly date: string;
  /** At most how many are, those of unknown age among them. */
  readonly files: number;
  /** Who entered his status in an hour that began earlier is one of them; in milliseconds since the epoch. */
  readonly before: number;
}

/** What the counters of ages say of a listing. */
export interface ListingAges {
  readonly inFlight: number;
  /** For how long the oldest has been in its status at least; undefined when there is none. */
  readonly oldestHours: number | undefined;
  /** With how many the index has in that status. */
  readonly dates: readonly (OverdueDate & { readonly inStatus: number })[];
}

type AgesByListing = ReadonlyMap<Listing['name'], ListingAges>;

/** What can be told without reading a record: of a listing that has no answer, everything is to be read. */
export async function readOverdueDates(deps: AgeRules & Pick<Deps, 'projection'>): Promise<AgesByListing> {
  const asked = IN_FLIGHT.map((listing) => {
    const { kind: entity, status } = listing;
    return { entity, status, before: beforeOf(listing, deps) };
  });
  const answers = await overdueDates(deps.projection, asked);
  const known = IN_FLIGHT.flatMap(({ name }, i) => {
    const [answer, before] = [answers[i], asked[i]?.before ?? 0];
    // So many are no cheaper to go through one by one, and have to fit in what a search keeps of itself.
    if (!answer || answer.dates.length > MOST_DATES) return [];
    return [[name, listingAges(answer, before, deps.now)] as const];
  });
  return new Map(known);
}

const MOST_DATES = 100;

type InFlightListing = Exclude<Listing, { readonly name: 'completed' }>;
const IN_FLIGHT = LISTINGS.filter((listing): listing is InFlightListing => listing.name !== 'completed');

// Ages are told in hundredths of an hour: who is rounded up is over his limit before his time.
const ROUNDING_MILLIS = HOUR / 200;

/** Who entered his status before then may be told of; who did later is certainly well. */
function beforeOf({ kind, status }: InFlightListing, { limits, graceHours, now }: AgeRules): number {
  const hours = { ...limits };
  // A manifest waits as manifested files do.
  if (kind === 'manifest') hours.pending = limits.manifested;
  // Where a file's manifest is gone, that is told after the grace.
  else if (status !== 'pending') hours[status] = Math.min(graceHours, limits[status]);
  return now - hours[status] * HOUR + ROUNDING_MILLIS;
}

function listingAges(
  { in_status, oldest_from, dates }: LateAnswer,
  before: number,
  now: number,
): ListingAges {
  const oldest = oldest_from === undefined ? undefined : Math.max(0, now - oldest_from - HOUR);
  return {
    inFlight: in_status,
    oldestHours: oldest === undefined ? undefined : Math.round((oldest / HOUR) * 100) / 100,
    dates: dates.map(({ date_prefix: date, at_most, age_unknown, in_status: inStatus }) => {
      return { date, files: at_most + age_unknown, before, inStatus };
    }),
  };
}

/** Whether a record is one of those that `files` counts, as far as it tells its age. */
export function isOneOfThem({ before }: OverdueDate, record: TrackingRecord, now: number): boolean {
  const since = sinceOf(record, now);
  return since === undefined || isCountedBefore(since, before);
}

/** Tells where a search has to look, and asks the counters once, when it is first asked. */
export function overdueReader(deps: AgeRules & Pick<Deps, 'projection'>) {
  let asked: Promise<AgesByListing> | undefined;
  return async ({ name }: Listing): Promise<readonly OverdueDate[] | undefined> => {
    asked ??= readOverdueDates(deps);
    const dates = (await asked).get(name)?.dates;
    return dates?.map(({ date, files, before }) => ({ date, files, before }));
  };
}
