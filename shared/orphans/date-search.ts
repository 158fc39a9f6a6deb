import { listByStatus, nextDateOf, type StatusCursor } from '../pipeline/status-index.ts';
import { readCounters } from '../projection/counter-items.ts';
import { withHeadTimes } from '../projection/known-age.ts';
import { readVerifiedDate } from '../projection/verified-dates.ts';
import type { CheckResult } from './check-record.ts';
import { countOutputs, isWithoutOutput, outputsNotFound } from './outputs-not-found.ts';
import { countLost, proofsIn, recheckLost, rememberedFiles } from './remembered-files.ts';
import {
  checkAll,
  emptyPage,
  type Listing,
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
 * Does one page of the completed files: of the date under way, or of the next one. What is remembered of a date is
 * told first, then its files are listed. Files without output are only counted there: whether they are lost or the
 * output of the whole date is elsewhere shows at the end, and is told then.
 */
export async function searchCompleted(
  search: OrphanSearch,
  listing: Listing,
  cursor: SearchCursor,
): Promise<SearchPage> {
  const { dateCheck, lastDate } = cursor;
  // The token of an earlier version has no steps: its date is begun anew.
  if (dateCheck?.step) return continueDate(search, listing, dateCheck, cursor);
  const bound = lastDate ? { after: lastDate } : { start: search.range.start };
  const date = dateCheck?.date ?? (await nextDateOf(search.tracking, queryOf(search, listing), bound));
  if (!date || date > (search.range.end ?? date)) return emptyPage(listing, undefined);
  const begun = await beginDate(search, date);
  if (typeof begun === 'object') return continueDate(search, listing, begun, {});
  return { ...emptyPage(listing, { listing: listing.name, lastDate: date }), unverifiable: begun };
}

/** @returns of how many files the evidence has expired, when there is nothing else to tell of a verified date */
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
  return elsewhere || verified.lost ? repeatDateCheck(verified, now) : (verified.unverifiable ?? 0);
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

/** Files that an earlier search found lost, each looked at anew: it may have been put back since. */
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
  const { records, results, found } = await recheckLost(search, part);
  const page = pageOf(search, listing, records, results);
  const proofs = { ...(await proofsIn(search, dateCheck, records, results)), found };
  const sofar = { ...dateCheck, lost: dateCheck.lost + results.length };
  const last = part.at(-1);
  if (last && lost.length > part.length) {
    const next = { listing: listing.name, dateCheck: sofar, lostAfter: last.file_key };
    return { ...page, proofs, next };
  }
  const told = { ...page, proofs, unverifiable: page.unverifiable + dateCheck.unverifiable };
  if (!repeats) return follow(search, told, listing, { ...sofar, step: 'files' });
  if (repeats.elsewhere) return follow(search, told, listing, { ...sofar, step: 'elsewhere' });
  return { ...told, verified: endDateCheck(sofar), next: { listing: listing.name, lastDate: date } };
}

/** Goes on with the next step at once where this one has had nothing to tell. */
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

async function checkFiles(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  after: StatusCursor | undefined,
): Promise<SearchPage> {
  const { date } = dateCheck;
  const { records, next } = await listUnchecked(search, listing, dateCheck, after);
  const all = await checkAll(search, records);
  const results = all.map((result) => (isWithoutOutput(result) ? WITHHELD : result));
  const page = pageOf(search, listing, records, results);
  const proofs = { ...(await proofsIn(search, dateCheck, records, results)), found: [] };
  const count = (wanted: CheckResult['kind']) => results.filter(({ kind }) => kind === wanted).length;
  const lost = countLost(results);
  const withheld = all.filter(isWithoutOutput).length;
  const sofar = {
    ...dateCheck,
    open: dateCheck.open + count('orphan') - lost + count('unknown'),
    young: dateCheck.young + count('young') + count('age_unknown'),
    lost: dateCheck.lost + lost,
    converted: dateCheck.converted + count('healthy') - withheld,
    unverifiable: dateCheck.unverifiable + count('unverifiable'),
    withoutOutput: dateCheck.withoutOutput + withheld,
  };
  const told = { ...page, proofs };
  if (next) return { ...told, next: { listing: listing.name, after: next, dateCheck: sofar } };
  const step = isElsewhere(sofar) ? 'elsewhere' : 'without_output';
  if (sofar.withoutOutput > 0)
    return { ...told, next: { listing: listing.name, dateCheck: { ...sofar, step } } };
  return { ...told, verified: endDateCheck(sofar), next: { listing: listing.name, lastDate: date } };
}

/** A file whose missing output is told when the date is known as a whole. */
const WITHHELD: CheckResult = { kind: 'healthy' };

/** Lists the date once more, for the files that have no output while others have. */
async function tellWithoutOutput(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  after: StatusCursor | undefined,
): Promise<SearchPage> {
  const { date } = dateCheck;
  const { records, next } = await listUnchecked(search, listing, dateCheck, after);
  const results = await checkAll(search, records);
  const told = records.flatMap((record, i) => {
    const result = results[i];
    return result && isWithoutOutput(result) ? [{ record, result }] : [];
  });
  const toldRecords = told.map(({ record }) => record);
  const toldResults = told.map(({ result }) => result);
  const proofs = { ...(await proofsIn(search, dateCheck, toldRecords, toldResults)), found: [] };
  const page = { ...pageOf(search, listing, toldRecords, toldResults), checked: 0, proofs };
  const sofar = { ...dateCheck, lost: dateCheck.lost + countLost(toldResults) };
  if (next) return { ...page, next: { listing: listing.name, after: next, dateCheck: sofar } };
  return { ...page, verified: endDateCheck(sofar), next: { listing: listing.name, lastDate: date } };
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

/** A page of the date's completed files that are not told already. */
async function listUnchecked(
  search: OrphanSearch,
  listing: Listing,
  dateCheck: DateCheck,
  after: StatusCursor | undefined,
) {
  const { date } = dateCheck;
  const query = { ...queryOf(search, listing), range: { start: date, end: date } };
  const { records, next } = await listByStatus(search.tracking, query, search.pageSize, after);
  const remembered = await rememberedFiles(search, dateCheck);
  const unchecked = records.filter(
    (record) => isUnverified(dateCheck, record) && !remembered.has(record.file_key),
  );
  return { records: await withHeadTimes(search.projection, unchecked, search.now), next };
}
