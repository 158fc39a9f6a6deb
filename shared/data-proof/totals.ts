import { manifestPlace } from '../pipeline/job-report.ts';
import { parsePath } from '../pipeline/names.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { DataFinding } from './data-finding.ts';
import type { Judgement } from './judge-rows.ts';

/** The result for one file, or for rows that have no record. */
export interface FileResult {
  readonly judgement: Judgement;
  readonly finding?: DataFinding;
  readonly rows: number;
  /** Its lines were counted just now, and must be stored. */
  readonly counted?: { readonly id: string; readonly lines: number };
  /** The manifest of its record, which is completed. */
  readonly manifest?: string;
  /** When the last of its rows were written, in milliseconds since the epoch; 0 where there are none. */
  readonly written?: number;
}

/** The files of one manifest so far. */
export interface ManifestRows {
  files: number;
  rows: number;
  /** How many files it has, according to its own record; null: that was not found, or does not say. */
  expected: number | null;
  /** When the last of its rows were written, in milliseconds since the epoch. */
  written: number;
  /** Whether its rows cannot be distinguished from those of other manifests. */
  isMixed: boolean;
}

export type JudgementKind = Judgement['kind'];

/** What is known about a date so far. It is plain JSON. */
export interface VerifyTotals {
  /** Files by what their rows prove. */
  readonly files: Readonly<Record<JudgementKind, number>>;
  /** Rows of files that have a record. */
  readonly rows: number;
  /** Files whose lines were compared, and those of them that are short. */
  readonly compared: { readonly files: number; readonly short: number };
  /** By `bucket/key`. */
  readonly manifests: Readonly<Record<string, ManifestRows>>;
  /** Some of the reasons why files are unknown. */
  readonly reasons: readonly string[];
}

export const NO_TOTALS: VerifyTotals = {
  files: {
    present: 0,
    whole: 0,
    lost: 0,
    twice: 0,
    partly: 0,
    unexpected: 0,
    converted: 0,
    young: 0,
    unknown: 0,
    nothing: 0,
    expired: 0,
  },
  rows: 0,
  compared: { files: 0, short: 0 },
  manifests: {},
  reasons: [],
};

const MOST_REASONS = 10;

/** The totals with a page of results added. */
export function addResults(
  before: VerifyTotals,
  results: readonly FileResult[],
  manifestRecords: readonly TrackingRecord[],
): VerifyTotals {
  // A verification may continue one of an older version, which did not count all kinds.
  const files = { ...NO_TOTALS.files, ...before.files };
  const compared = { ...before.compared };
  const reasons = new Set(before.reasons);
  const manifests: Record<string, ManifestRows> = structuredClone({ ...before.manifests });
  let { rows } = before;
  for (const record of manifestRecords) addExpected(manifests, record);
  for (const { judgement, finding, rows: more, manifest, written = 0 } of results) {
    files[judgement.kind] += 1;
    rows += more;
    if (judgement.kind === 'unknown' && reasons.size < MOST_REASONS) reasons.add(judgement.why);
    const isShort = judgement.kind === 'partly' || (judgement.kind === 'lost' && finding?.lines !== null);
    if (judgement.kind === 'whole' || isShort) compared.files += 1;
    if (isShort) compared.short += 1;
    if (manifest) addRows(manifestOf(manifests, manifest), judgement, more, written);
  }
  return { files, rows, compared, manifests, reasons: [...reasons] };
}

function addRows(manifest: ManifestRows, { kind }: Judgement, rows: number, written: number): void {
  manifest.files += 1;
  manifest.written = Math.max(manifest.written, written);
  manifest.rows += rows;
  // Rows of a file that another job converted as well do not belong only to this one.
  if (kind === 'twice' || kind === 'young' || kind === 'unknown') manifest.isMixed = true;
}

function addExpected(manifests: Record<string, ManifestRows>, { manifest_path, file_count }: TrackingRecord) {
  const location = parsePath(manifest_path, '');
  const count = Number(file_count);
  if (location && Number.isSafeInteger(count) && count > 0) {
    manifestOf(manifests, manifestPlace(location)).expected = count;
  }
}

function manifestOf(manifests: Record<string, ManifestRows>, place: string): ManifestRows {
  manifests[place] ??= { files: 0, rows: 0, written: 0, expected: null, isMixed: false };
  return manifests[place];
}

/** Of the result of a verification, how many files have which. */
type FilesOfDate = Pick<VerifyTotals, 'files'>;

/** The findings: without the lost files of a date whose output must be elsewhere. Pure. */
export function toldFindings(proof: FilesOfDate, findings: readonly DataFinding[]): readonly DataFinding[] {
  return isElsewhere(proof) ? findings.filter(({ type }) => type !== 'lost') : findings;
}

/** Whether so many files have no rows that they cannot all be lost: their output must be elsewhere. Pure. */
export function isElsewhere(proof: FilesOfDate): boolean {
  return proof.files.lost > 0 && !isBelievable(proof);
}

const FEW_FILES = 10;
const MOST_LOST = 0.8;

/**
 * Whether files without rows are lost. If there are very many of them, or a whole date, they are not: the output is
 * elsewhere, or was searched in the wrong place.
 */
export function isBelievable({ files }: FilesOfDate): boolean {
  const there = files.present + files.whole + files.twice + files.partly;
  return there > 0 && (files.lost < FEW_FILES || files.lost < MOST_LOST * (files.lost + there));
}
