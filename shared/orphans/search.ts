import { searchCompleted } from './date-search.ts';
import { claimedProofsIn } from './remembered-files.ts';
import {
  checkListed,
  emptyPage,
  LISTINGS,
  type Listing,
  type OrphanSearch,
  pageOf,
  queryOf,
  type SearchCursor,
  type SearchPage,
} from './search-page.ts';

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
  const { records, results, next } = await checkListed(search, queryOf(search, listing), after);
  const page = pageOf(search, listing, records, results);
  const proofs = { converted: [], lost: await claimedProofsIn(search, records, results), found: [] };
  return { ...page, proofs, next: next ? { listing: listing.name, after: next } : following };
}
