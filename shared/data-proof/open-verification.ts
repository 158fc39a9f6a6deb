import type { Table } from '../aws/deps.ts';
import { forgetReport, type ReportId, readReport, saveReport } from '../reports/reports.ts';
import type { DataFinding } from './data-finding.ts';
import type { VerifyCursor } from './verify-page.ts';

/** A verification of a date that was begun and has not ended: where the next invocation continues. */
export interface OpenVerification {
  /** When it began, in milliseconds since the epoch: its result is of this moment. */
  readonly since: number;
  /** Undefined: nothing was compared yet. Output that was read is kept by itself. */
  readonly compare?: VerifyCursor;
  /** How many reports hold the findings so far. */
  readonly parts: number;
}

// The largest dates take a quarter of an hour, unless the tracking table may only be read very slowly.
const LONGEST_MILLIS = 6 * 3_600_000;
// An older one was left by an audit that failed: the next audit begins again.
const OLDEST_MILLIS = 8 * 3_600_000;
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
  return open && now - open.since < OLDEST_MILLIS ? open : undefined;
}

/** Whether a verification has taken so long that it is given up; the audits of all dates together have a night. */
export function isOverdue({ since }: OpenVerification, now: number): boolean {
  return now - since > LONGEST_MILLIS;
}

/** Stored at once: if verifying fails, it is all that has to be repeated, and not the audit before it. */
export async function openVerification(table: Table, date: string, now: number): Promise<OpenVerification> {
  const open: OpenVerification = { since: now, parts: 0 };
  await saveReport(table, reportId(date), open, expiryOf(open));
  return open;
}

/** Stores how far a verification has come. The findings are stored before the cursor that is behind them. */
export async function saveOpenVerification(
  table: Table,
  date: string,
  { since, parts }: OpenVerification,
  compare: VerifyCursor,
  findings: readonly DataFinding[],
): Promise<void> {
  const saved = { since, compare, parts };
  for (const part of partsOf(findings)) {
    await saveReport(table, reportId(date, saved.parts), { since, findings: part }, expiryOf(saved));
    saved.parts += 1;
  }
  await saveReport(table, reportId(date), saved, expiryOf(saved));
}

/** The findings that were stored with it. */
export async function readOpenFindings(
  table: Table,
  date: string,
  { since, parts }: OpenVerification,
): Promise<DataFinding[]> {
  const found: DataFinding[] = [];
  for (let part = 0; part < parts; part++) {
    const stored = await readReport<Part>(table, reportId(date, part));
    if (stored?.since !== since) throw new Error(`Part ${part} of the findings of ${date} is missing.`);
    for (const finding of stored.findings) found.push(finding);
  }
  return found;
}

/** Forgets a verification that has ended. Its findings expire by themselves. */
export async function closeVerification(table: Table, date: string): Promise<void> {
  await forgetReport(table, reportId(date));
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

function reportId(date: string, part?: number): ReportId {
  const about = part === undefined ? `rows#${date}` : `rows#${date}#${String(part).padStart(6, '0')}`;
  return { job: 'consistency-audit', about };
}
