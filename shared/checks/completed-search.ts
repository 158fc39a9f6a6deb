import { addDays } from '../files/calendar.ts';
import { nextDateOf } from '../files/status-dates.ts';
import { listByStatus, type StatusPosition } from '../files/status-index.ts';
import { readCounters } from '../projection/projection-table.ts';
import {
  checkAll,
  emptyPage,
  type OrphanSearch,
  pageOf,
  queryOf,
  type SearchPage,
  type SearchPosition,
  type Stage,
} from './search-page.ts';
import { beginPass, endPass, isUnverified, readVerification, type VerificationPass } from './verification.ts';

/** Does one page of the completed files: of the date under way, or of the next one that is not verified yet. */
export async function searchCompleted(
  search: OrphanSearch,
  stage: Stage,
  { pass, after, lastDate }: SearchPosition,
): Promise<SearchPage> {
  if (pass) return searchDate(search, stage, pass, after);
  const date = await nextDateOf(search.tracking, queryOf(search, stage), lastDate ?? dateBefore(search));
  if (!date || date > (search.range.end ?? date)) return emptyPage(stage, undefined);
  // The counters come first: what is counted later is found by the next search.
  const [counters, verification] = await Promise.all([
    readCounters(search.projection, date),
    readVerification(search.projection, date),
  ]);
  const begun = beginPass(date, verification, counters, search.now);
  return begun
    ? searchDate(search, stage, begun, undefined)
    : emptyPage(stage, { stage: stage.name, lastDate: date });
}

async function searchDate(
  search: OrphanSearch,
  stage: Stage,
  pass: VerificationPass,
  after: StatusPosition | undefined,
): Promise<SearchPage> {
  const { date } = pass;
  const query = { ...queryOf(search, stage), range: { start: date, end: date } };
  const { records, next } = await listByStatus(search.tracking, query, search.pageSize, after);
  const unverified = records.filter((record) => isUnverified(pass, record));
  const results = await checkAll(search, unverified);
  const page = pageOf(search, stage, unverified, results);
  const count = (wanted: string) => results.filter(({ kind }) => kind === wanted).length;
  const sofar = {
    ...pass,
    open: pass.open + count('orphan') + count('unknown'),
    young: pass.young + count('young'),
  };
  if (next) return { ...page, next: { stage: stage.name, after: next, pass: sofar } };
  return {
    ...page,
    verified: { date, verification: endPass(sofar) },
    next: { stage: stage.name, lastDate: date },
  };
}

function dateBefore({ range: { start } }: OrphanSearch): string {
  return start ? addDays(start, -1) : '';
}
