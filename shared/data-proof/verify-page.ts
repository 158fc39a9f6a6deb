import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { joinSorted, type Sequence } from '../consistency/sorted-join.ts';
import { pages } from '../flow/pages.ts';
import { MOST_KEY_BYTES } from '../pipeline/names.ts';
import { recordKind } from '../pipeline/record.ts';
import { queryDate, type RecordKey, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { compareBytes } from '../text/byte-order.ts';
import type { DataFinding } from './data-finding.ts';
import type { SourceParts } from './date-rows.ts';
import { addResults, type FileResult, NO_TOTALS, type VerifyTotals } from './totals.ts';
import { type Verification, verifyFile, verifyOddSources } from './verify-file.ts';

/** Where the comparison of a date continues. It is plain JSON. */
export interface VerifyCursor {
  /** The keys up to this one have been compared. */
  readonly after: string;
  /** Set once all keys are compared: then the odd sources up to this spelling have been, too; null: none of them. */
  readonly odd?: string | null;
  readonly totals: VerifyTotals;
}

export interface VerifyPage {
  readonly findings: readonly DataFinding[];
  /** Lines that were counted for this page. */
  readonly counted: readonly { readonly id: string; readonly lines: number }[];
  /** Up to and including this page. */
  readonly totals: VerifyTotals;
  /** Undefined when the date is done. */
  readonly next: VerifyCursor | undefined;
}

export const VERIFY_START: VerifyCursor = { after: '', totals: NO_TOTALS };

const KEYS_PER_PAGE = 1_000;
const pageOf = ({ keysPerPage = KEYS_PER_PAGE }: Verification) => keysPerPage;
// Each streams an input, or reads nothing.
const CONCURRENT_FILES = 8;

/**
 * Compares the next files of a date with their rows: a sorted merge-join, as the consistency audit's. Sources that may be
 * spelled in several ways follow at the end, each with a look for its record.
 */
export async function verifyPage(verification: Verification, cursor: VerifyCursor): Promise<VerifyPage> {
  return cursor.odd === undefined
    ? verifyFiles(verification, cursor)
    : verifyOddPage(verification, cursor, cursor.odd);
}

async function verifyFiles(verification: Verification, cursor: VerifyCursor): Promise<VerifyPage> {
  const pairs = await pairsAfter(verification, cursor.after);
  const { results, ...page } = await verifyAll(pairs, (pair) => verifyPair(verification, pair));
  const manifests = pairs.flatMap(({ record }) => (record && isManifest(record) ? record : []));
  const totals = addResults(cursor.totals, results, manifests);
  const after = pairs.at(-1)?.key ?? cursor.after;
  const isLast = pairs.length < pageOf(verification);
  if (!isLast) return { ...page, totals, next: { after, totals } };
  const hasOdd = !verification.only && verification.rows.odd.size > 0;
  return { ...page, totals, next: hasOdd ? { after, totals, odd: null } : undefined };
}

async function verifyOddPage(
  verification: Verification,
  cursor: VerifyCursor,
  done: string | null,
): Promise<VerifyPage> {
  const left = [...verification.rows.odd].filter(
    ([spelling]) => done === null || compareBytes(spelling, done) > 0,
  );
  const next = left.slice(0, pageOf(verification));
  const { results, ...page } = await verifyAll(next, ([, sources]) =>
    verifyOddSources(verification, sources),
  );
  const totals = addResults(cursor.totals, results, []);
  const odd = next.at(-1)?.[0] ?? done;
  return { ...page, totals, next: left.length > next.length ? { ...cursor, totals, odd } : undefined };
}

/** Several at once; the results are in the same order. */
async function verifyAll<T>(all: readonly T[], verify: (each: T) => Promise<readonly FileResult[]>) {
  const results = (await pMap(all, verify, { concurrency: CONCURRENT_FILES })).flat();
  return {
    results,
    findings: results.flatMap(({ finding }) => finding ?? []),
    counted: results.flatMap(({ counted }) => counted ?? []),
  };
}

/** A record, and rows of objects with its name; either may be missing. */
interface Pair {
  readonly key: string;
  readonly record: TrackingRecord | undefined;
  readonly named: readonly SourceParts[];
}

async function pairsAfter(verification: Verification, after: string): Promise<readonly Pair[]> {
  const { rows, date, tracking } = verification;
  const pairs: Pair[] = [];
  const joined = joinSorted(
    recordsAfter(tracking, date, after),
    sourcesAfter(rows.plain, after),
    ({ file_key }) => file_key,
    ({ name }) => name,
  );
  for await (const { key, left, right } of joined) {
    pairs.push({ key, record: left[0], named: right });
    if (pairs.length >= pageOf(verification)) break;
  }
  return pairs;
}

async function* recordsAfter(table: Table, date: string, after: string): Sequence<TrackingRecord> {
  // Rows may have a plain name that is too long for a key. DynamoDB Local would accept it.
  const from = after ? { date_prefix: date, file_key: after.slice(0, MOST_KEY_BYTES) } : undefined;
  const load = (cursor: RecordKey | undefined) => queryDate(table, date, KEYS_PER_PAGE + 1, cursor);
  for await (const { records } of pages(load, from)) {
    yield* records.filter(
      (record) => recordKind(record) !== 'lock' && compareBytes(record.file_key, after) > 0,
    );
  }
}

async function* sourcesAfter(sources: readonly SourceParts[], after: string): Sequence<SourceParts> {
  yield* sources.slice(firstAfter(sources, after));
}

function firstAfter(sources: readonly SourceParts[], after: string): number {
  let low = 0;
  let high = sources.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes(sources[middle]?.name ?? '', after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isManifest(record: TrackingRecord): boolean {
  return recordKind(record) === 'manifest';
}

async function verifyPair(
  verification: Verification,
  { record, named }: Pair,
): Promise<readonly FileResult[]> {
  const { only } = verification;
  if (record && isManifest(record)) return [];
  if (!record) return only ? [] : verifyOddSources(verification, named);
  return only && !only(record) ? [] : verifyFile(verification, record, named);
}
