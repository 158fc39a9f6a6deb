import type { Table } from '../aws/deps.ts';
import { forgetReport, type ReportId, readReport, replaceReport, saveReport } from '../reports/reports.ts';
import type { DataFinding } from './data-finding.ts';
import type { VerifyCursor } from './verify-page.ts';

/** A verification of a date that was begun and has not ended: where the next invocation continues. */
export interface OpenVerification {
  /** When it began, in milliseconds since the epoch: its result is of this moment. */
  readonly since: number;
  /** When the last invocation that stored it began. */
  readonly touched: number;
  /** Undefined: nothing was compared yet. Output that was read is kept by itself. */
  readonly compare?: VerifyCursor;
  /** The reports that hold the findings so far. */
  readonly parts: readonly string[];
}

/** How far a verification has come in an invocation. */
interface Progress {
  readonly compare: VerifyCursor;
  /** Those of this invocation. */
  readonly findings: readonly DataFinding[];
}

// The largest dates take a quarter of an hour, unless the tracking table may only be read very slowly.
const LONGEST_MILLIS = 6 * 3_600_000;
// An older one, or one that nobody has continued, was left by an audit that failed: the next audit begins again. An
// invocation takes a quarter of an hour, and is repeated within minutes.
const OLDEST_MILLIS = 8 * 3_600_000;
const ABANDONED_MILLIS = 3_600_000;
const KEPT_SECONDS = 7 * 86_400;
// DynamoDB's limit is 400 KB for an item, and one finding names up to 20 objects.
const MOST_BYTES = 250_000;

/** The verification of a date that an earlier invocation of the same audit has left. */
export async function readOpenVerification(
  table: Table,
  date: string,
  now: number,
): Promise<OpenVerification | undefined> {
  const open = await readReport<OpenVerification>(table, reportId(date));
  const isOpen =
    open !== undefined &&
    now - open.since < OLDEST_MILLIS &&
    now - open.touched < ABANDONED_MILLIS &&
    // The version before had a number of them.
    Array.isArray(open.parts);
  return isOpen ? open : undefined;
}

/** Whether a verification has taken so long that it is given up; the audits of all dates together have a night. */
export function isOverdue({ since }: OpenVerification, now: number): boolean {
  return now - since > LONGEST_MILLIS;
}

/** Stored at once: if verifying fails, it is all that has to be repeated, and not the audit before it. */
export async function openVerification(table: Table, date: string, now: number): Promise<OpenVerification> {
  const open: OpenVerification = { since: now, touched: now, parts: [] };
  await saveReport(table, reportId(date), open, expiryOf(open));
  return open;
}

/**
 * Stores how far a verification has come, unless another run has continued it in the meantime: then that counts, and the
 * next invocation continues from there. The findings are stored before the cursor that is behind them, under names that
 * no other run has.
 *
 * @param at `now`, and what makes names
 */
export async function saveOpenVerification(
  table: Table,
  date: string,
  open: OpenVerification,
  { compare, findings }: Progress,
  { now, random }: { readonly now: number; readonly random: () => number },
): Promise<void> {
  const { since } = open;
  const run = Math.floor(random() * 2 ** 52).toString(36);
  const names: string[] = [];
  for (const part of partsOf(findings)) {
    const name = `${open.parts.length + names.length}-${run}`;
    await saveReport(table, reportId(date, name), { since, findings: part }, expiryOf(open));
    names.push(name);
  }
  const after: OpenVerification = { since, touched: now, compare, parts: [...open.parts, ...names] };
  await replaceReport(table, reportId(date), { before: open, after }, expiryOf(open));
}

/** The findings that were stored with it. */
export async function readOpenFindings(
  table: Table,
  date: string,
  { since, parts }: OpenVerification,
): Promise<DataFinding[]> {
  const found: DataFinding[] = [];
  for (const part of parts) {
    const stored = await readReport<Part>(table, reportId(date, part));
    if (stored?.since !== since) throw new Error(`Part ${part} of the findings of ${date} is missing.`);
    for (const finding of stored.findings) found.push(finding);
  }
  return found;
}

/** Forgets a verification that has ended. Its findings expire by themselves. */
export async function closeVerification(
  table: Table,
  date: string,
  { since }: OpenVerification,
): Promise<void> {
  const open = await readReport<OpenVerification>(table, reportId(date));
  if (open?.since === since) await forgetReport(table, reportId(date));
}

interface Part {
  readonly since: number;
  readonly findings: readonly DataFinding[];
}

function* partsOf(findings: readonly DataFinding[]): Generator<readonly DataFinding[], void> {
  let part: DataFinding[] = [];
  let bytes = 0;
  for (const finding of findings) {
    const more = Buffer.byteLength(JSON.stringify(finding));
    if (part.length > 0 && bytes + more > MOST_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(finding);
    bytes += more + 1;
  }
  if (part.length > 0) yield part;
}

function expiryOf({ since }: OpenVerification): number {
  return Math.floor(since / 1_000) + KEPT_SECONDS;
}

function reportId(date: string, part?: string): ReportId {
  return { job: 'consistency-audit', about: part === undefined ? `rows#${date}` : `rows#${date}#${part}` };
}
