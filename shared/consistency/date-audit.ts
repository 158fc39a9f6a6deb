import type { Deps } from '../aws/deps.ts';
import { pages } from '../flow/pages.ts';
import { createEvidenceLoader } from '../pipeline/evidence-loader.ts';
import { uriOf } from '../pipeline/storage.ts';
import type { Drift } from '../projection/drift.ts';
import { dateSources } from './date-sequences.ts';
import { type ConsistencyIssue, ISSUE_TYPES, type IssueType, needsAction } from './issue-types.ts';
import { type ListedObject, type PageSize, type PairedPage, pairPage } from './pairing.ts';
import { type Rechecked, recheckUnpaired, recordKeysOf } from './recheck.ts';
import type { DriftedFile, ResolveDrift } from './resolve-drift.ts';
import { findSubFolders, NO_SUB_FOLDERS, type SubFolders } from './sub-folders.ts';

/** What a comparison of a date's objects, records and heads works on. */
export interface DateAudit extends Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now'> {
  readonly date: string;
  readonly graceMillis: number;
  readonly resolveDrift: ResolveDrift;
  /** How much to compare at a time. */
  readonly pageSize: PageSize;
  /** The last key to compare; to the end of the date where it is undefined. */
  readonly until?: string | undefined;
}

/** What is known about a date so far; exact for the part that was compared. */
export interface AuditTotals {
  /** Objects in the input bucket: those listed, and those found only by the paths in their records. */
  readonly objects: number;
  readonly records: number;
  readonly issues: Readonly<Record<IssueType, number>>;
  readonly drift: Readonly<Record<Drift, number>>;
  readonly repaired: number;
  /** Objects that S3 never tells the pipeline about: they are no issue. */
  readonly neverTold: number;
  /** What was too young to be compared. */
  readonly young: number;
  /** What could not be checked. */
  readonly unknown: number;
}

/** Where an audit continues. It is plain JSON. */
export interface AuditCursor {
  /** The keys up to this one have been compared. */
  readonly after: string;
  /** Left out where there are none; at the beginning, they are looked for. */
  readonly folders?: SubFolders | undefined;
  readonly totals: AuditTotals;
}

/** A part of an audit. */
export interface AuditPage {
  readonly issues: readonly ConsistencyIssue[];
  readonly drifted: readonly DriftedFile[];
  /** Some of the page's objects that S3 never tells the pipeline about, as URIs. */
  readonly neverTold: readonly string[];
  /** Up to and including this page. */
  readonly totals: AuditTotals;
  /** Undefined when the date is done. */
  readonly next: AuditCursor | undefined;
}

const ISSUE_COUNTS = Object.fromEntries(ISSUE_TYPES.map((type) => [type, 0])) as Record<IssueType, number>;

export const AUDIT_START: AuditCursor = {
  after: '',
  totals: {
    objects: 0,
    records: 0,
    issues: ISSUE_COUNTS,
    drift: { missing_head: 0, stale_head: 0, record_gone: 0 },
    repaired: 0,
    neverTold: 0,
    young: 0,
    unknown: 0,
  },
};

/**
 * Compares the next part of a date. An interrupted page is simply done again: it writes only the repairs of
 * `resolveDrift`, which may be repeated.
 */
export async function auditPage(audit: DateAudit, cursor: AuditCursor): Promise<AuditPage> {
  const { after } = cursor;
  const totals = completeTotals(cursor.totals);
  const { date, now, graceMillis, storage } = audit;
  const folders = cursor.folders ?? (after === '' ? await findSubFolders(audit, date) : NO_SUB_FOLDERS);
  const limits = { changedBefore: now - graceMillis, until: audit.until, folders };
  const sources = dateSources(audit, date, limits);
  const readsOf = (object: ListedObject) => recordKeysOf(object, date, now).length;
  const paired = await pairPage(sources, after, audit.pageSize, {
    inputBucket: storage.buckets.input,
    readsOf,
  });
  const rechecked = await recheckUnpaired(
    { ...audit, evidence: createEvidenceLoader(audit) },
    date,
    paired.unpaired,
  );
  const drifted = await audit.resolveDrift(
    paired.drifted.map(({ file_key }) => ({ date_prefix: date, file_key })),
  );
  const issues = rechecked.flatMap((result) => (result.kind === 'issue' ? [result.issue] : []));
  const sofar: AuditTotals = {
    objects: totals.objects + paired.objects + count(rechecked, 'elsewhere'),
    records: totals.records + paired.records,
    issues: tally(
      totals.issues,
      issues.map(({ type }) => type),
    ),
    drift: tally(
      totals.drift,
      drifted.map(({ drift }) => drift),
    ),
    repaired: totals.repaired + drifted.filter(({ repaired }) => repaired).length,
    neverTold: totals.neverTold + paired.neverTold,
    young: totals.young + count(rechecked, 'young'),
    unknown: totals.unknown + count(rechecked, 'unknown') + (await countNewFolders(audit, folders, paired)),
  };
  const kept = hasAny(folders) ? folders : undefined;
  const next = paired.next === undefined ? undefined : { after: paired.next, folders: kept, totals: sofar };
  return { issues, drifted, neverTold: paired.neverToldSamples.map(uriOf), totals: sofar, next };
}

/**
 * How many folders have come since the folders of the date were looked for: at its end, they have not been compared.
 * Where none was known, a new one was listed with the folder above it.
 */
async function countNewFolders(
  audit: DateAudit,
  folders: SubFolders,
  { next }: Pick<PairedPage, 'next'>,
): Promise<number> {
  const isEnd = next === undefined && audit.until === undefined;
  if (!isEnd || !hasAny(folders)) return 0;
  const now = await findSubFolders(audit, audit.date);
  return newNames(folders.inputs, now.inputs) + newNames(folders.refused, now.refused);
}

function newNames(before: readonly string[], now: readonly string[]): number {
  // They have become too many, and are not named any more.
  if (now.length === 0 && before.length > 0) return 1;
  return now.filter((name) => !before.includes(name)).length;
}

function hasAny({ inputs, refused }: SubFolders): boolean {
  return inputs.length + refused.length > 0;
}

/** A cursor may come from an older version, and lack some of the counts. */
function completeTotals(totals: AuditTotals): AuditTotals {
  return { ...AUDIT_START.totals, ...totals, issues: { ...ISSUE_COUNTS, ...totals.issues } };
}

/** The total of two parts of a date. */
export function addTotals(a: AuditTotals, b: AuditTotals): AuditTotals {
  const sum = <K extends string>(x: Readonly<Record<K, number>>, y: Readonly<Record<K, number>>) =>
    Object.fromEntries(Object.keys(x).map((name) => [name, x[name as K] + y[name as K]])) as Record<
      K,
      number
    >;
  const { issues, drift, ...counts } = a;
  const { issues: otherIssues, drift: otherDrift, ...otherCounts } = b;
  return { ...sum(counts, otherCounts), issues: sum(issues, otherIssues), drift: sum(drift, otherDrift) };
}

/** How many issues somebody should know about: all but refusals. */
export function countIssues({ issues }: AuditTotals): number {
  return ISSUE_TYPES.filter(needsAction).reduce((sum, type) => sum + issues[type], 0);
}

function count(rechecked: readonly Rechecked[], wanted: Rechecked['kind']): number {
  return rechecked.filter(({ kind }) => kind === wanted).length;
}

function tally<K extends string>(
  before: Readonly<Record<K, number>>,
  found: readonly K[],
): Record<K, number> {
  const counts: Record<K, number> = { ...before };
  for (const each of found) counts[each] += 1;
  return counts;
}

/** The drift of a date, page by page, holding no more than one. */
export async function* eachDrift(audit: DateAudit): AsyncGenerator<DriftedFile, void> {
  for await (const { drifted } of pages((cursor: AuditCursor = AUDIT_START) => auditPage(audit, cursor)))
    yield* drifted;
}
