import type { Deps, Table } from '../aws/deps.ts';
import { findRecord } from '../pipeline/find-record.ts';
import { manifestPlace } from '../pipeline/job-report.ts';
import { fitsSortKey, isPlainName, parsePath } from '../pipeline/names.ts';
import { outputLocations } from '../pipeline/outputs.ts';
import { parseStatus } from '../pipeline/status.ts';
import { keyOf, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { dataFinding } from './data-finding.ts';
import { type DateRows, type SourceParts, writeOf } from './date-rows.ts';
import { withoutRecord } from './expired-record.ts';
import { countInputLines, linesId } from './input-lines.ts';
import { DATA_FINDINGS, type Judgement, judgeRows, mayHold, rowsOf } from './judge-rows.ts';
import type { ReadMeter } from './ranged-object.ts';
import { placeOf, plainestSpelling } from './source-name.ts';
import type { FileResult } from './totals.ts';

/** What a verification works on, whatever files it is about. */
export interface Verification
  extends Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'random'> {
  readonly date: string;
  readonly rows: DateRows;
  readonly graceMillis: number;
  readonly meter: ReadMeter;
  /** The share of the files with rows whose lines are counted: 0 none, 1 all, or a random sample between. */
  readonly lineShare: number;
  /**
   * Which records to compare and report; left out: all are compared, and findings and rows without a record reported.
   */
  readonly only?: ((record: TrackingRecord) => boolean) | undefined;
  /** How many names are compared in one step; 1,000 by default. */
  readonly keysPerPage?: number | undefined;
  /** Lines that were counted earlier, by `linesId` of the record. */
  readonly knownLines: ReadonlyMap<string, number>;
}

/**
 * Compares a record with the rows that may be its own.
 *
 * @param named sources with exactly the name of its file key
 * @returns its own result first; then those of rows that come from another object of that name
 */
export async function verifyFile(
  verification: Verification,
  record: TrackingRecord,
  named: readonly SourceParts[],
): Promise<readonly FileResult[]> {
  const own = await sourcesOf(verification, record, named);
  const strangers = named.filter((source) => !own.includes(source));
  const result = await verifyRecord(verification, record, own, strangers.length > 0);
  return [result, ...strangers.map((source) => unexpectedRows(verification, source))];
}

/**
 * Rows of sources that no record was found for. Those under an unusual spelling of a name may have been compared with one
 * already. A file that was completed, and whose record has expired since, is counted, and is no finding.
 */
export async function verifyOddSources(
  verification: Verification,
  sources: readonly SourceParts[],
): Promise<readonly FileResult[]> {
  const { tracking, date } = verification;
  const results: FileResult[] = [];
  for (const source of sources) {
    const record = await findRecord(tracking, { date_prefix: date, file_key: source.uri });
    if (!record || !isOfRecord(verification, record, source)) {
      const hasNamesakes = sources.some(({ place }) => place !== source.place);
      results.push(
        record || hasNamesakes ? unexpectedRows(verification, source) : await rowsLeft(verification, source),
      );
    }
  }
  return results;
}

async function hasRecord(table: Table, date_prefix: string, file_key: string): Promise<boolean> {
  return fitsSortKey(file_key) && (await readRecord(table, { date_prefix, file_key })) !== undefined;
}

/** The rows of a record's own object, in whatever spelling of its name. */
async function sourcesOf(
  verification: Verification,
  record: TrackingRecord,
  named: readonly SourceParts[],
): Promise<readonly SourceParts[]> {
  const { rows, tracking, date } = verification;
  const own = named.filter((source) => isOfRecord(verification, record, source));
  if (isPlainName(record.file_key)) return own;
  for (const source of rows.odd.get(plainestSpelling(record.file_key)) ?? []) {
    if (!isOfRecord(verification, record, source)) continue;
    // `a+b` may spell "a b" or be another file's real name: the one whose key reads so has it.
    const isExact = source.name === record.file_key;
    if (isExact || !(await hasRecord(tracking, date, source.name))) own.push(source);
  }
  return own;
}

function isOfRecord(
  { storage }: Pick<Verification, 'storage'>,
  { file_path }: TrackingRecord,
  { place }: SourceParts,
): boolean {
  const path = parsePath(file_path, storage.buckets.input);
  return path === undefined || placeOf(path) === place;
}

async function verifyRecord(
  verification: Verification,
  record: TrackingRecord,
  sources: readonly SourceParts[],
  hasNamesakes: boolean,
): Promise<FileResult> {
  const { now, graceMillis, rows, only } = verification;
  const { status } = parseStatus(record.status);
  const parts = sources
    .flatMap((source) => source.parts)
    .filter(({ object }) => mayHold(record, object, now));
  const facts = {
    record,
    parts,
    unread: rows.unread,
    elsewhere: elsewhere(verification, record, hasNamesakes),
  };
  const first = judgeRows({ ...facts, lines: undefined }, now, graceMillis);
  const lines = await linesFor(verification, record, parts, first);
  const judgement =
    lines === undefined ? first : judgeRows({ ...facts, lines: lines.lines }, now, graceMillis);
  const manifest = manifestIn(verification, record);
  const isFinding = TOLD.has(judgement.kind);
  const found = { status, parts, lines: lines?.lines, manifest: textOf(record.manifest_path) };
  return {
    judgement,
    rows: rowsOf(parts),
    ...((isFinding || only) && {
      finding: dataFinding({ ...keyOf(record), ...found, type: judgement.kind }),
    }),
    ...(lines?.isNew && { counted: { id: linesId(record, now), lines: lines.lines } }),
    ...(status === 'completed' && manifest && { manifest }),
    written: parts.reduce((newest, { object }) => Math.max(newest, object.modified), 0),
  };
}

interface LinesOfFile {
  readonly lines: number;
  /** Counted just now. */
  readonly isNew: boolean;
}

async function linesFor(
  verification: Verification,
  record: TrackingRecord,
  parts: SourceParts['parts'],
  { kind }: Judgement,
): Promise<LinesOfFile | undefined> {
  const { knownLines, lineShare, random, meter, now } = verification;
  if (!COUNTED.has(kind)) return undefined;
  const known = knownLines.get(linesId(record, now));
  if (known !== undefined) return { lines: known, isNew: false };
  if (kind !== 'lost' && !(lineShare > 0 && random() < lineShare)) return undefined;
  // An input without lines has no rows to lose: reading one line is enough to know.
  const atMost = kind === 'lost' && lineShare < 1 ? 1 : Number.POSITIVE_INFINITY;
  const written = parts.map(({ object }) => object.modified);
  const writtenAt = written.length > 0 ? Math.min(...written) : undefined;
  const counted = await countInputLines(verification, record, meter, { atMost, writtenAt });
  if (!counted || (!counted.isWhole && atMost === 1)) return undefined;
  return { lines: counted.lines, isNew: true };
}

/** Whether lines may decide, or show whether all rows of a file that is not completed are there. */
const COUNTED: ReadonlySet<Judgement['kind']> = new Set([
  'present',
  'twice',
  'lost',
  'unexpected',
  'converted',
]);

/** Why rows of a record may be in a place that was not searched, or have another name than its path says. */
function elsewhere(
  { storage, profile }: Verification,
  record: TrackingRecord,
  hasNamesakes: boolean,
): string | undefined {
  const count = (each: TrackingRecord) => outputLocations(each, storage.buckets.output, profile).length;
  if (count(record) > count({ ...record, output_path: undefined }))
    return 'its record names another output folder';
  return hasNamesakes ? 'there are rows of another object with its name' : undefined;
}

function manifestIn({ storage }: Verification, { manifest_path }: TrackingRecord): string | undefined {
  const location = parsePath(manifest_path, storage.buckets.manifest);
  return location && manifestPlace(location);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Results that are reported without a request for the file. */
const TOLD: ReadonlySet<Judgement['kind']> = new Set([...DATA_FINDINGS, 'converted']);
const DAY_MILLIS = 86_400_000;

/** Only of one write: a file that was converted twice is not hidden because its record has expired. */
async function rowsLeft(verification: Verification, source: SourceParts): Promise<FileResult> {
  const result = unexpectedRows(verification, source);
  const { projection, date } = verification;
  const { parts } = source;
  if (result.judgement.kind !== 'unexpected' || new Set(parts.map(({ object }) => writeOf(object))).size > 1)
    return result;
  const written = Math.max(...parts.map(({ object }) => object.modified));
  const known = await withoutRecord(projection, date, source, written);
  if (known === 'unknown') return result;
  return known === 'expired'
    ? { judgement: { kind: 'expired' }, rows: result.rows }
    : { judgement: { kind: 'young' }, rows: 0 };
}

/** Rows without a record: of a file that the table does not know, or no longer knows. */
function unexpectedRows({ date, now, graceMillis, profile }: Verification, source: SourceParts): FileResult {
  const { parts } = source;
  const rows = rowsOf(parts);
  const newest = Math.max(...parts.map(({ object }) => object.modified));
  if (newest > now - graceMillis) return { judgement: { kind: 'young' }, rows: 0 };
  // Its record expired, as it should.
  if (newest < now - profile.records.settled_days * DAY_MILLIS)
    return { judgement: { kind: 'expired' }, rows };
  const finding = dataFinding({
    date_prefix: date,
    file_key: source.name,
    type: 'unexpected',
    status: null,
    parts,
    lines: undefined,
    manifest: null,
  });
  return { judgement: { kind: 'unexpected' }, finding, rows };
}
