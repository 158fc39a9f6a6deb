import type { Deps } from '../aws/deps.ts';
import { sinceOf } from '../pipeline/record.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { isCountedBefore } from '../projection/ages.ts';
import { type LateAnswer, overdueDates } from '../statistics/overdue.ts';
import type { AgeRules } from './limits.ts';
import { LISTINGS, type Listing } from './listings.ts';

const HOUR = 3_600_000;

/** A date on which records of a listing are old enough to be checked. It is plain JSON. */
export interface OverdueDate {
  readonly date: string;
  /** At most how many are, including those of unknown age. */
  readonly files: number;
  /** A file that entered its status in an hour that began before this is one of them; milliseconds since the epoch. */
  readonly before: number;
}

/** What the counters of ages say about a listing. */
export interface ListingAges {
  readonly inFlight: number;
  /** How long the oldest has been in its status at least; undefined when there is none. */
  readonly oldestHours: number | undefined;
  /** With the number of records that the index has in that status. */
  readonly dates: readonly (OverdueDate & { readonly inStatus: number })[];
}

type AgesByListing = ReadonlyMap<Listing['name'], ListingAges>;

/** What is known without reading a record; a listing without an answer must be read in full. */
export async function readOverdueDates(deps: AgeRules & Pick<Deps, 'projection'>): Promise<AgesByListing> {
  const asked = IN_FLIGHT.map((listing) => {
    const { kind: entity, status } = listing;
    return { entity, status, before: beforeOf(listing, deps) };
  });
  const answers = await overdueDates(deps.projection, asked);
  const known = IN_FLIGHT.flatMap(({ name }, i) => {
    const [answer, before] = [answers[i], asked[i]?.before ?? 0];
    // With more dates, going through them one by one is no cheaper, and they must fit into the state of a search.
    if (!answer || answer.dates.length > MOST_DATES) return [];
    return [[name, listingAges(answer, before, deps.now)] as const];
  });
  return new Map(known);
}

const MOST_DATES = 100;

type InFlightListing = Exclude<Listing, { readonly name: 'completed' }>;
const IN_FLIGHT = LISTINGS.filter((listing): listing is InFlightListing => listing.name !== 'completed');

// Ages are given in hundredths of an hour: one that is rounded up exceeds the limit slightly too early.
const ROUNDING_MILLIS = HOUR / 200;

/** A record that entered its status before this may be reported; one that did so later is certainly healthy. */
function beforeOf({ kind, status }: InFlightListing, { limits, graceHours, now }: AgeRules): number {
  const hours = { ...limits };
  // A manifest waits like manifested files.
  if (kind === 'manifest') hours.pending = limits.manifested;
  // A missing manifest is reported after the grace.
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

/** Whether a record is one of those that `files` counts, as far as its age is known. */
export function isOneOfThem({ before }: OverdueDate, record: TrackingRecord, now: number): boolean {
  const since = sinceOf(record, now);
  return since === undefined || isCountedBefore(since, before);
}

/** Says where a search has to look. It reads the counters once, at the first call. */
export function overdueReader(deps: AgeRules & Pick<Deps, 'projection'>) {
  let asked: Promise<AgesByListing> | undefined;
  return async ({ name }: Listing): Promise<readonly OverdueDate[] | undefined> => {
    asked ??= readOverdueDates(deps);
    const dates = (await asked).get(name)?.dates;
    return dates?.map(({ date, files, before }) => ({ date, files, before }));
  };
}
