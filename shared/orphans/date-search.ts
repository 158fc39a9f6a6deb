import { nextDateOf, type StatusCursor } from '../pipeline/status-index.ts';
import { readCounters } from '../projection/counter-items.ts';
import { readVerifiedDate } from '../reports/verified-dates.ts';
import type { CheckResult } from './check-record.ts';
import type { Listing } from './listings.ts';
import { countOutputs, isWithoutOutput, outputsNotFound } from './outputs-not-found.ts';
import { addResults, countLost, proofsIn, recheckLost, rememberedFiles } from './remembered-files.ts';
import {
  type CheckedRecords,
  checkListed,
  emptyPage,
  type OrphanSearch,
  pageOf,
  queryOf,
  type SearchCursor,
  type SearchPage,
} from './search-page.ts';
import {
  beginDateCheck,
  type DateCheck,
  endDateCheck,
  isElsewhere,
  isUnverified,
  repeatDateCheck,
} from './verified-dates.ts';

/**
 * Does one page of the completed files, of the current date or of the next one. What is remembered of a date is
 * reported first, then its files are listed. Files without output are only counted there: whether they are lost, or the
 * output of the whole date is elsewhere, is known at the end, and reported then.
 */
export async function searchCompleted(
  search: OrphanSearch,
  listing: Listing,
  cursor: SearchCursor,
): Promise<SearchPage> {
  const { dateCheck, lastDate } = cursor;
  // The token of an earlier version has no steps: its date is begun again.
  if (dateCheck?.step) return continueDate(search, listing, dateCheck, cursor);
  const bound = lastDate ? { after: lastDate } : { start: search.range.start };
  const known = cursor.date ?? dateCheck?.date;
  const date = known ?? (await nextDateOf(search.tracking, queryOf(search, listing), bound));
  if (!date || date > (search.range.end ?? date)) return emptyPage(listing, undefined);
  const begun = await beginDate(search, date);
  if (typeof begun === 'object') return continueDate(search, listing, begun, {});
  return { ...emptyPage(listing, { listing: listing.name, lastDate: date }), unverifiable: begun };
}

/** @returns how many files have expired evidence, when there is nothing else to report about a verified date */
async function beginDate(search: OrphanSearch, date: string): Promise<DateCheck | number> {
  const { projection, now } = search;
  // The counters come first: what is counted later is found by the next search.
  const [counters, verified] = await Promise.all([
    readCounters(projection, date),
    readVerifiedDate(projection, date),
  ]);
  const begun = beginDateCheck(date, verified, counters, now);
  if (begun || !verified) return begun ?? 0;
  const { elsewhere } = verified;
  if (elsewhere && (await countOutputs(search, date)) !== elsewhere.objects)
    return beginDateCheck(date, { ...verified, open: 1 }, counters, now) ?? 0;
  const isLost = verified.lost || (await search.provedRows.lostOf(date)).length > 0;
  return elsewhere || isLost ? repeatDateCheck(verified, now) : (verified.unverifiable ?? 0);
}

function continueDate(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  { after, lostAfter }: Pick<SearchCursor, 'after' | 'lostAfter'>,
): Promise<SearchPage> {
  switch (dateCheck.step) {
    case 'remembered':
      return tellRemembered(search, listing, dateCheck, lostAfter);
    case 'files':
      return checkFiles(search, listing, dateCheck, after);
    case 'without_output':
      return tellWithoutOutput(search, listing, dateCheck, after);
    case 'elsewhere':
      return tellElsewhere(search, listing, dateCheck);
  }
}

/** Files that an earlier search found lost, each checked again: it may have been reset since. */
async function tellRemembered(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  after = '',
): Promise<SearchPage> {
  const { date, repeats } = dateCheck;
  const lost = [...(await rememberedFiles(search, dateCheck)).values()]
    .filter(({ file_key }) => file_key > after)
    .sort((a, b) => (a.file_key < b.file_key ? -1 : 1));
  const part = lost.slice(0, search.pageSize);
  const { records, results, found, looked } = await recheckLost(search, part);
  const page = pageOf(search, listing, records, results);
  const known = await search.memory.lostFilesOf(date);
  // Those that only the rows showed are remembered as if found before, or this check would find them again.
  const before = { ...dateCheck, number: dateCheck.number - 1 };
  const proofs = {
    ...(await proofsIn(search, before, records, results)),
    found: found.filter(({ file_key }) => known.has(file_key)),
  };
  const sofar = { ...dateCheck, lost: dateCheck.lost + results.length };
  const last = part[looked - 1];
  if (last && lost.length > looked) {
    const next = { listing: listing.name, dateCheck: sofar, lostAfter: last.file_key };
    return { ...page, proofs, next };
  }
  const told = { ...page, proofs, unverifiable: page.unverifiable + dateCheck.unverifiable };
  if (!repeats) return follow(search, told, listing, { ...sofar, step: 'files' });
  if (repeats.elsewhere) return follow(search, told, listing, { ...sofar, step: 'elsewhere' });
  return { ...told, verified: endDateCheck(sofar), next: { listing: listing.name, lastDate: date } };
}

/** Continues with the next step at once if this one had nothing to report. */
async function follow(
  search: OrphanSearch,
  page: SearchPage,
  listing: Listing,
  dateCheck: DateCheck,
): Promise<SearchPage> {
  const isEmpty = page.checked === 0 && page.proofs.found.length === 0;
  if (!isEmpty) return { ...page, next: { listing: listing.name, dateCheck } };
  const next = await continueDate(search, listing, dateCheck, {});
  return { ...next, unverifiable: next.unverifiable + page.unverifiable };
}

/** Checks a page of the date's files. Files without output are held back until the whole date is known. */
async function checkFiles(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  after: StatusCursor | undefined,
): Promise<SearchPage> {
  const { records, results, next } = await checkUntold(search, listing, dateCheck, after);
  const told = results.map((result) => (isWithoutOutput(result) ? KEPT_BACK : result));
  const page = await tell(search, listing, dateCheck, { records, results: told });
  const sofar = addResults(dateCheck, results);
  if (next || sofar.withoutOutput === 0) return goOn(page, listing, sofar, next);
  const step = isElsewhere(sofar) ? 'elsewhere' : 'without_output';
  return { ...page, next: { listing: listing.name, dateCheck: { ...sofar, step } } };
}

const KEPT_BACK: CheckResult = { kind: 'healthy' };

/** Lists the date once more, for the files that have no output while others have. */
async function tellWithoutOutput(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  after: StatusCursor | undefined,
): Promise<SearchPage> {
  const { records, results, next } = await checkUntold(search, listing, dateCheck, after);
  const told = {
    records: records.filter((_, i) => isWithoutOutput(results[i])),
    results: results.filter(isWithoutOutput),
  };
  // They have already been counted as checked.
  const page = { ...(await tell(search, listing, dateCheck, told)), checked: 0 };
  return goOn(page, listing, { ...dateCheck, lost: dateCheck.lost + countLost(told.results) }, next);
}

/** The page of these results, with what they prove. */
async function tell(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  { records, results }: Pick<CheckedRecords, 'records' | 'results'>,
): Promise<SearchPage> {
  const proofs = { ...(await proofsIn(search, dateCheck, records, results)), found: [] };
  return { ...pageOf(search, listing, records, results), proofs };
}

/** Continues the listing of the date, or ends its check. */
function goOn(
  page: SearchPage,
  { name }: Listing,
  dateCheck: DateCheck,
  after: StatusCursor | undefined,
): SearchPage {
  if (after) return { ...page, next: { listing: name, after, dateCheck } };
  return { ...page, verified: endDateCheck(dateCheck), next: { listing: name, lastDate: dateCheck.date } };
}

async function tellElsewhere(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
): Promise<SearchPage> {
  const { date } = dateCheck;
  const { verdict, objects } = await outputsNotFound(search, dateCheck);
  return {
    ...emptyPage(listing, { listing: listing.name, lastDate: date }),
    verdicts: search.kinds.includes(verdict.kind) ? [verdict] : [],
    verified: endDateCheck(dateCheck, objects),
  };
}

/** Checks a page of the date's completed files, except those already reported or verified before. */
async function checkUntold(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  after: StatusCursor | undefined,
): Promise<CheckedRecords> {
  const { date } = dateCheck;
  const query = { ...queryOf(search, listing), range: { start: date, end: date } };
  const remembered = await rememberedFiles(search, dateCheck);
  return checkListed(
    search,
    query,
    after,
    (record) => isUnverified(dateCheck, record) && !remembered.has(record.file_key),
  );
}
