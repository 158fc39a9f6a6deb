import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { isInRange } from '../text/time.ts';
import type { CheckResult } from './check-record.ts';
import { searchCompleted } from './date-search.ts';
import { LISTINGS, type Listing } from './listings.ts';
import { isOneOfThem } from './overdue-dates.ts';
import { claimedProofsIn } from './remembered-files.ts';
import {
  checkListed,
  emptyPage,
  type OrphanSearch,
  pageOf,
  queryOf,
  type SearchCursor,
  type SearchPage,
} from './search-page.ts';

export const SEARCH_START: SearchCursor = { listing: LISTINGS[0].name };

/**
 * Does one page of a search for orphans, and says where it continues. It writes nothing, so an interrupted page is
 * simply done again.
 */
export async function searchPage(search: OrphanSearch, cursor: SearchCursor): Promise<SearchPage> {
  const index = LISTINGS.findIndex(({ name }) => name === cursor.listing);
  const listing = LISTINGS[index];
  if (!listing) throw new TypeError(`"${cursor.listing}" is not a listing of a search.`);
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
  { after, overdue }: SearchCursor,
  following: SearchCursor | undefined,
): Promise<SearchPage> {
  // A listing that was begun one way is finished that way.
  const known = overdue ?? (after ? undefined : await search.overdueIn?.(listing));
  const dates = known?.filter(({ date }) => isInRange(search.range, date));
  if (dates) return searchOverdue(search, listing, { after, overdue: dates }, following);
  const { records, results, next } = await checkListed(search, queryOf(search, listing), after);
  const page = await pageOfListed(search, listing, records, results);
  return { ...page, next: next ? { listing: listing.name, after: next } : following };
}

/** Checks what is old enough on the first of the dates, until as many are found as there are. */
async function searchOverdue(
  search: OrphanSearch,
  listing: Listing,
  { after, overdue: [overdue, ...others] = [] }: Pick<SearchCursor, 'after' | 'overdue'>,
  following: SearchCursor | undefined,
): Promise<SearchPage> {
  if (!overdue) return emptyPage(listing, following);
  const { date, files } = overdue;
  const query = { ...queryOf(search, listing), range: { start: date, end: date } };
  const isMeant = (record: TrackingRecord) => isOneOfThem(overdue, record, search.now);
  const { records, results, next } = await checkListed(search, query, after, isMeant);
  const page = await pageOfListed(search, listing, records, results);
  const left = { ...overdue, files: files - records.filter(isMeant).length };
  const { name } = listing;
  if (next && left.files > 0)
    return { ...page, next: { listing: name, after: next, overdue: [left, ...others] } };
  return { ...page, next: others.length > 0 ? { listing: name, overdue: others } : following };
}

async function pageOfListed(
  search: OrphanSearch,
  listing: Listing,
  records: readonly TrackingRecord[],
  results: readonly CheckResult[],
): Promise<SearchPage> {
  const proofs = { converted: [], lost: await claimedProofsIn(search, records, results), found: [] };
  return { ...pageOf(search, listing, records, results), proofs };
}
