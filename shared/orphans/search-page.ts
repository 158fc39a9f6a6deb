import { mapInTime } from '../flow/map-in-time.ts';
import { hoursInStatus } from '../pipeline/record.ts';
import {
  cursorAfter,
  type DateRange,
  type KnownSuffixes,
  listByStatus,
  type StatusCursor,
  type StatusQuery,
} from '../pipeline/status-index.ts';
import type { RecordKey, TrackingRecord } from '../pipeline/tracking-table.ts';
import { addUnknownAge, NO_UNKNOWN_AGES, type UnknownAges } from '../pipeline/unknown-ages.ts';
import { withHeadTimes } from '../projection/known-age.ts';
import type { AcknowledgedFile } from '../reports/acknowledgements.ts';
import type { ConvertedManifest, LostFile } from '../reports/proofs.ts';
import type { VerifiedDate } from '../reports/verified-dates.ts';
import { type Check, type CheckResult, checkRecord } from './check-record.ts';
import type { Listing } from './listings.ts';
import type { OverdueDate } from './overdue-dates.ts';
import type { OrphanKind, Verdict } from './verdict.ts';
import type { DateCheck } from './verified-dates.ts';

/** What to search. */
export interface OrphanSearch extends Check {
  /** What to report; at least one. */
  readonly kinds: readonly OrphanKind[];
  readonly range: DateRange;
  readonly suffixes: KnownSuffixes;
  /** How many records to list at a time. */
  readonly pageSize: number;
  /** Where files in flight are old enough to be checked; without it, or where it is undefined, all are checked. */
  readonly overdueIn?: (listing: Listing) => Promise<readonly OverdueDate[] | undefined>;
  /** Ends a page after the record that is being checked. */
  readonly signal?: AbortSignal | undefined;
}

/** Where a search continues. It is plain JSON. */
export interface SearchCursor {
  readonly listing: Listing['name'];
  /** The listing continues after this. */
  readonly after?: StatusCursor | undefined;
  /** What is left of a listing of which only old enough records are checked; the first date is being checked. */
  readonly overdue?: readonly OverdueDate[] | undefined;
  /** The lost files of the current date have been reported up to and including this one. */
  readonly lostAfter?: string | undefined;
  /** The date whose completed files are being checked; without it, the next one after `lastDate`. */
  readonly dateCheck?: DateCheck | undefined;
  /** The date whose completed files are checked next, where that is known. */
  readonly date?: string | undefined;
  /** Completed files are done up to and including this date. */
  readonly lastDate?: string | undefined;
}

/** The result of a page of a search. */
export interface SearchPage {
  readonly listing: Listing['name'];
  readonly verdicts: readonly Verdict[];
  /** What was set apart from them, where that was done. */
  readonly acknowledged?: readonly AcknowledgedVerdict[];
  /** How many records were checked. */
  readonly checked: number;
  /** For how many of them something could not be checked. */
  readonly unknown: number;
  /** Those of them about which nothing can be said, because their age is unknown. */
  readonly ageUnknown: UnknownAges;
  /** For how many completed ones the evidence has expired. */
  readonly unverifiable: number;
  /** Of all listed files, the longest time in a status; undefined when no age is known. */
  readonly oldestHours: number | undefined;
  /** Set when the completed files of a date are done: to be saved by whoever may write. */
  readonly verified?: VerifiedDate | undefined;
  /** What was proved, to be saved in the same way. */
  readonly proofs: Proofs;
  /** Undefined when the search is complete. */
  readonly next: SearchCursor | undefined;
}

/** A verdict that somebody has acknowledged. */
export interface AcknowledgedVerdict {
  readonly verdict: Verdict;
  readonly acknowledgement: AcknowledgedFile;
}

/** What a page has proved about completed files. */
export interface Proofs {
  readonly converted: readonly ConvertedManifest[];
  readonly lost: readonly LostFile[];
  /** Files that were thought to be lost. */
  readonly found: readonly RecordKey[];
}

const NO_PROOFS: Proofs = { converted: [], lost: [], found: [] };

const CONCURRENT_CHECKS = 16;

/** A page of records that were listed and checked, with the result of each at the same index. */
export interface CheckedRecords {
  readonly records: readonly TrackingRecord[];
  readonly results: readonly CheckResult[];
  /** Where the listing continues; undefined at its end. */
  readonly next: StatusCursor | undefined;
}

/**
 * Lists one page of records and checks each, as far as there is time.
 *
 * @param isMeant which of those listed are checked; all unless it is given
 */
export async function checkListed(
  search: OrphanSearch,
  query: StatusQuery,
  after: StatusCursor | undefined,
  isMeant: (record: TrackingRecord) => boolean = () => true,
): Promise<CheckedRecords> {
  const { records: listed, next } = await listByStatus(search.tracking, query, search.pageSize, after);
  const meant = listed.filter(isMeant);
  const all = await withHeadTimes(search.projection, meant, search.now);
  const results = await mapInTime(all, (record) => checkRecord(search, record), {
    concurrency: CONCURRENT_CHECKS,
    signal: search.signal,
  });
  const records = all.slice(0, results.length);
  const left = meant[results.length];
  return { records, results, next: left ? cursorAfter(listed.slice(0, listed.indexOf(left)), after) : next };
}

/** The page that these results make, as if it were the last. */
export function pageOf(
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
    unverifiable: results.filter(({ kind }) => kind === 'unverifiable').length,
    proofs: NO_PROOFS,
    oldestHours: hours.reduce<number | undefined>((most, each) => Math.max(most ?? each, each), undefined),
    next: undefined,
  };
}

/** A page on which nothing was checked. */
export function emptyPage(listing: Listing, next: SearchCursor | undefined): SearchPage {
  return {
    listing: listing.name,
    verdicts: [],
    checked: 0,
    unknown: 0,
    ageUnknown: NO_UNKNOWN_AGES,
    unverifiable: 0,
    oldestHours: undefined,
    proofs: NO_PROOFS,
    next,
  };
}

function verdictsIn(results: readonly CheckResult[]): Verdict[] {
  return results.flatMap((result) => (result.kind === 'orphan' ? [result.verdict] : []));
}

export function queryOf({ range, suffixes }: OrphanSearch, { kind, status }: Listing): StatusQuery {
  return { kind, status, suffixes, range };
}

function isUncertain({ evidence }: Verdict): boolean {
  return evidence.some(({ found }) => found === 'unknown');
}
