import pMap from 'p-map';
import { hoursInStatus } from '../pipeline/record.ts';
import {
  type DateRange,
  listByStatus,
  nextDateOf,
  type StatusPosition,
  type StatusQuery,
} from '../pipeline/status-index.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { type ProjectionTable, readCounters } from '../projection/projection-table.ts';
import { addDays } from '../text/time.ts';
import { type Check, type Checked, checkRecord } from './check-record.ts';
import type { OrphanKind, Verdict } from './verdict.ts';
import {
  beginPass,
  endPass,
  isUnverified,
  readVerification,
  type Verification,
  type VerificationPass,
} from './verified-dates.ts';

/**
 * What is searched, in this order: a file that moves on meanwhile is young where it is met again. Completed
 * files are searched by date, the others as the index has them.
 */
export const STAGES = [
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
export type Stage = (typeof STAGES)[number];

/** What to search. */
export interface OrphanSearch extends Check {
  readonly projection: ProjectionTable;
  /** What to report; at least one. */
  readonly kinds: readonly OrphanKind[];
  readonly range: DateRange;
  /** Shard suffixes known beyond the usual ones. */
  readonly suffixes: readonly string[];
  /** How many records to list in one go. */
  readonly pageSize: number;
}

/** Where a search goes on. It is plain JSON. */
export interface SearchPosition {
  readonly stage: Stage['name'];
  /** The listing goes on after this. */
  readonly after?: StatusPosition | undefined;
  /** The date whose completed files are being looked at; without it, the next one after `lastDate` is. */
  readonly pass?: VerificationPass | undefined;
  /** Completed files are done up to and with this date. */
  readonly lastDate?: string | undefined;
}

/** What a page of a search came to. */
export interface SearchPage {
  readonly stage: Stage['name'];
  readonly verdicts: readonly Verdict[];
  /** How many records were looked at. */
  readonly checked: number;
  /** Of how many something could not be looked at. */
  readonly unknown: number;
  /** Of all files listed, in their status; undefined when none has a readable time. */
  readonly oldestHours: number | undefined;
  /** Set when the completed files of a date are done: to be saved by whoever may write. */
  readonly verified?: { readonly date: string; readonly verification: Verification } | undefined;
  /** Undefined when the search is complete. */
  readonly next: SearchPosition | undefined;
}

const CONCURRENT_CHECKS = 16;

export function checkAll(search: OrphanSearch, records: readonly TrackingRecord[]): Promise<Checked[]> {
  return pMap(records, (record) => checkRecord(search, record), { concurrency: CONCURRENT_CHECKS });
}

/** The page that these results make, without its end. */
export function pageOf(
  search: OrphanSearch,
  stage: Stage,
  records: readonly TrackingRecord[],
  results: readonly Checked[],
): Omit<SearchPage, 'next'> {
  const verdicts = verdictsIn(results);
  const hours = records.flatMap((record) => hoursInStatus(record, search.now) ?? []);
  return {
    stage: stage.name,
    verdicts: verdicts.filter(({ kind }) => search.kinds.includes(kind)),
    checked: records.length,
    unknown: results.filter(({ kind }) => kind === 'unknown').length + verdicts.filter(isUncertain).length,
    oldestHours: hours.reduce<number | undefined>((most, each) => Math.max(most ?? each, each), undefined),
  };
}

export function emptyPage(stage: Stage, next: SearchPosition | undefined): SearchPage {
  return { stage: stage.name, verdicts: [], checked: 0, unknown: 0, oldestHours: undefined, next };
}

export function verdictsIn(results: readonly Checked[]): Verdict[] {
  return results.flatMap((result) => (result.kind === 'orphan' ? [result.verdict] : []));
}

export function queryOf({ range, suffixes }: OrphanSearch, { kind, status }: Stage): StatusQuery {
  return { kind, status, suffixes, range };
}

function isUncertain({ evidence }: Verdict): boolean {
  return evidence.some(({ found }) => found === 'unknown');
}

export const SEARCH_START: SearchPosition = { stage: STAGES[0].name };

/**
 * Does one page of a search for orphans, and tells where it goes on. It writes nothing, so a page that was
 * cut off is simply done again.
 */
export async function searchPage(search: OrphanSearch, position: SearchPosition): Promise<SearchPage> {
  const index = STAGES.findIndex(({ name }) => name === position.stage);
  const stage = STAGES[index];
  if (!stage) throw new TypeError(`"${position.stage}" is no stage of a search.`);
  const following = STAGES[index + 1];
  const after = following && { stage: following.name };
  if (!stage.finds.some((kind) => search.kinds.includes(kind))) return emptyPage(stage, after);
  return stage.name === 'completed'
    ? searchCompleted(search, stage, position)
    : searchListed(search, stage, position, after);
}

async function searchListed(
  search: OrphanSearch,
  stage: Stage,
  { after }: SearchPosition,
  following: SearchPosition | undefined,
): Promise<SearchPage> {
  const query = queryOf(search, stage);
  const { records, next } = await listByStatus(search.tracking, query, search.pageSize, after);
  const page = pageOf(search, stage, records, await checkAll(search, records));
  return { ...page, next: next ? { stage: stage.name, after: next } : following };
}

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
