import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { hoursInStatus } from '../pipeline/record.ts';
import {
  type DateRange,
  type KnownSuffixes,
  listByStatus,
  nextDateOf,
  type StatusCursor,
  type StatusQuery,
} from '../pipeline/status-index.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { addUnknownAge, NO_UNKNOWN_AGES, type UnknownAges } from '../pipeline/unknown-ages.ts';
import { readCounters } from '../projection/counter-items.ts';
import { withHeadTimes } from '../projection/known-age.ts';
import { readVerifiedDate, type VerifiedDate } from '../projection/verified-dates.ts';
import { type Check, type CheckResult, checkRecord } from './check-record.ts';
import type { OrphanKind, Verdict } from './verdict.ts';
import { beginDateCheck, type DateCheck, endDateCheck, isUnverified } from './verified-dates.ts';

/**
 * What is searched, in this order: a file that moves on meanwhile is young where it is met again. Completed
 * files are searched by date, the others as the index has them.
 */
const LISTINGS = [
  { name: 'pending', kind: 'file', status: 'pending', finds: ['stuck_in_pending'] },
  {
    name: 'manifested',
    kind: 'file',
    status: 'manifested',
    finds: ['stuck_in_manifested', 'missing_manifests'],
  },
  {
    name: 'processing',
    kind: 'file',
    status: 'processing',
    finds: ['stuck_in_processing', 'missing_manifests'],
  },
  { name: 'manifests_pending', kind: 'manifest', status: 'pending', finds: ['stuck_manifests'] },
  { name: 'manifests_processing', kind: 'manifest', status: 'processing', finds: ['stuck_manifests'] },
  {
    name: 'completed',
    kind: 'file',
    status: 'completed',
    finds: ['missing_outputs', 'not_in_manifest', 'missing_manifests'],
  },
] as const satisfies readonly {
  name: string;
  kind: StatusQuery['kind'];
  status: string;
  finds: readonly OrphanKind[];
}[];
export type Listing = (typeof LISTINGS)[number];

/** What to search. */
export interface OrphanSearch extends Check, Pick<Deps, 'projection'> {
  /** What to report; at least one. */
  readonly kinds: readonly OrphanKind[];
  readonly range: DateRange;
  readonly suffixes: KnownSuffixes;
  /** How many records to list in one go. */
  readonly pageSize: number;
}

/** Where a search goes on. It is plain JSON. */
export interface SearchCursor {
  readonly listing: Listing['name'];
  /** The listing goes on after this. */
  readonly after?: StatusCursor | undefined;
  /** The date whose completed files are being looked at; without it, the next one after `lastDate` is. */
  readonly dateCheck?: DateCheck | undefined;
  /** Completed files are done up to and with this date. */
  readonly lastDate?: string | undefined;
}

/** What a page of a search came to. */
export interface SearchPage {
  readonly listing: Listing['name'];
  readonly verdicts: readonly Verdict[];
  /** How many records were looked at. */
  readonly checked: number;
  /** Of how many something could not be looked at. */
  readonly unknown: number;
  /** Those of them that nothing can be said of, because their age is unknown. */
  readonly ageUnknown: UnknownAges;
  /** Of all files listed, in their status; undefined when no age is known. */
  readonly oldestHours: number | undefined;
  /** Set when the completed files of a date are done: to be saved by whoever may write. */
  readonly verified?: VerifiedDate | undefined;
  /** Undefined when the search is complete. */
  readonly next: SearchCursor | undefined;
}

const CONCURRENT_CHECKS = 16;

export const SEARCH_START: SearchCursor = { listing: LISTINGS[0].name };

/**
 * Does one page of a search for orphans, and tells where it goes on. It writes nothing, so a page that was
 * cut off is simply done again.
 */
export async function searchPage(search: OrphanSearch, cursor: SearchCursor): Promise<SearchPage> {
  const index = LISTINGS.findIndex(({ name }) => name === cursor.listing);
  const listing = LISTINGS[index];
  if (!listing) throw new TypeError(`"${cursor.listing}" is no listing of a search.`);
  const following = LISTINGS[index + 1];
  const after = following && { listing: following.name };
  if (!listing.finds.some((kind) => search.kinds.includes(kind))) return emptyPage(listing, after);
  return listing.name === 'completed'
    ? searchCompleted(search, listing, cursor)
    : searchListed(search, listing, cursor, after);
}

async function searchListed(
  search: OrphanSearch,
  listing: Listing,
  { after }: SearchCursor,
  following: SearchCursor | undefined,
): Promise<SearchPage> {
  const query = queryOf(search, listing);
  const { records: listed, next } = await listByStatus(search.tracking, query, search.pageSize, after);
  const records = await withHeadTimes(search.projection, listed, search.now);
  const page = pageOf(search, listing, records, await checkAll(search, records));
  return { ...page, next: next ? { listing: listing.name, after: next } : following };
}

/** Does one page of the completed files: of the date under way, or of the next one that is not verified yet. */
async function searchCompleted(
  search: OrphanSearch,
  listing: Listing,
  { dateCheck, after, lastDate }: SearchCursor,
): Promise<SearchPage> {
  if (dateCheck) return searchDate(search, listing, dateCheck, after);
  const bound = lastDate ? { after: lastDate } : { start: search.range.start };
  const date = await nextDateOf(search.tracking, queryOf(search, listing), bound);
  if (!date || date > (search.range.end ?? date)) return emptyPage(listing, undefined);
  // The counters come first: what is counted later is found by the next search.
  const [counters, verified] = await Promise.all([
    readCounters(search.projection, date),
    readVerifiedDate(search.projection, date),
  ]);
  const begun = beginDateCheck(date, verified, counters, search.now);
  return begun
    ? searchDate(search, listing, begun, undefined)
    : emptyPage(listing, { listing: listing.name, lastDate: date });
}

async function searchDate(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  after: StatusCursor | undefined,
): Promise<SearchPage> {
  const { date } = dateCheck;
  const query = { ...queryOf(search, listing), range: { start: date, end: date } };
  const { records, next } = await listByStatus(search.tracking, query, search.pageSize, after);
  const listed = records.filter((record) => isUnverified(dateCheck, record));
  const unverified = await withHeadTimes(search.projection, listed, search.now);
  const results = await checkAll(search, unverified);
  const page = pageOf(search, listing, unverified, results);
  const count = (wanted: string) => results.filter(({ kind }) => kind === wanted).length;
  const sofar = {
    ...dateCheck,
    open: dateCheck.open + count('orphan') + count('unknown'),
    young: dateCheck.young + count('young') + count('age_unknown'),
  };
  if (next) return { ...page, next: { listing: listing.name, after: next, dateCheck: sofar } };
  return {
    ...page,
    verified: endDateCheck(sofar),
    next: { listing: listing.name, lastDate: date },
  };
}

function checkAll(search: OrphanSearch, records: readonly TrackingRecord[]): Promise<CheckResult[]> {
  return pMap(records, (record) => checkRecord(search, record), { concurrency: CONCURRENT_CHECKS });
}

/** The page that these results make, as if it were the last. */
function pageOf(
  search: OrphanSearch,
  listing: Listing,
  records: readonly TrackingRecord[],
  results: readonly CheckResult[],
): SearchPage {
  const verdicts = verdictsIn(results);
  const undated = records.filter((_, i) => results[i]?.kind === 'age_unknown');
  const hours = records.flatMap((record) => hoursInStatus(record, search.now) ?? []);
  return {
    listing: listing.name,
    verdicts: verdicts.filter(({ kind }) => search.kinds.includes(kind)),
    checked: records.length,
    unknown: results.filter(({ kind }) => kind === 'unknown').length + verdicts.filter(isUncertain).length,
    ageUnknown: undated.reduce(addUnknownAge, NO_UNKNOWN_AGES),
    oldestHours: hours.reduce<number | undefined>((most, each) => Math.max(most ?? each, each), undefined),
    next: undefined,
  };
}

function emptyPage(listing: Listing, next: SearchCursor | undefined): SearchPage {
  return {
    listing: listing.name,
    verdicts: [],
    checked: 0,
    unknown: 0,
    ageUnknown: NO_UNKNOWN_AGES,
    oldestHours: undefined,
    next,
  };
}

function verdictsIn(results: readonly CheckResult[]): Verdict[] {
  return results.flatMap((result) => (result.kind === 'orphan' ? [result.verdict] : []));
}

function queryOf({ range, suffixes }: OrphanSearch, { kind, status }: Listing): StatusQuery {
  return { kind, status, suffixes, range };
}

function isUncertain({ evidence }: Verdict): boolean {
  return evidence.some(({ found }) => found === 'unknown');
}
