import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { ApplyContext } from '../projection/apply.ts';
import { recountDate, repairCounters } from '../projection/recount.ts';
import { repairRecords } from '../projection/repair.ts';
import { closeReport, type ReportId, readReport, saveReport } from '../projection/reports.ts';
import { isoTime } from '../text/time.ts';
import { type AuditReport, type AuditState, addSlice, beginAudit } from './audit-state.ts';
import type { ResolveDrift } from './confirm-drift.ts';
import { type AuditTotals, auditSlice, type DateAudit } from './date-audit.ts';
import type { ConsistencyIssue } from './issues.ts';

/** What an audit works on, and how much it may do in this invocation. */
export interface AuditContext extends Omit<DateAudit, 'resolveDrift'>, Omit<ApplyContext, 'now' | 'table'> {
  /** Where the lists of issues go. */
  readonly listBucket: string;
  /** Read units consumed by this invocation. */
  readUnits(): number;
  readonly mostReadUnits: number;
  /** Aborted when it is time to stop. */
  readonly signal: AbortSignal;
}

/** What one invocation did. */
export interface AuditRun {
  readonly slices: number;
  /** Set when the date was compared to its end. */
  readonly report: AuditReport | undefined;
}

const LIST_PREFIX = 'runs/consistency-audit/';
const SETTLE_MILLIS = 10_000;
// What was compared longer ago says little of now: then the audit begins anew.
const OLDEST_CHECKPOINT_MILLIS = 24 * 3_600_000;

/**
 * Compares a date until the end, or for as long as it may: then the next invocation goes on. Drift is
 * repaired, since the projection is ours; what S3 and the tracking table disagree about is only told.
 */
export async function runAudit(context: AuditContext): Promise<AuditRun> {
  const { projection, date, now, signal, mostReadUnits } = context;
  const checkpoint: ReportId = { job: 'consistency-audit', about: `checkpoint#${date}` };
  const before = await readReport<AuditState>(projection, checkpoint);
  const isCurrent = before && now - before.startedAt < OLDEST_CHECKPOINT_MILLIS;
  const begun = isCurrent ? before : beginAudit(now);
  const audit = { ...context, resolveDrift: driftRepairer(context) };
  let state = begun;
  for (;;) {
    const slice = await auditSlice(audit, state.position);
    await keepIssues(context, state, slice.issues);
    state = addSlice(state, slice);
    const slices = state.slices - begun.slices;
    if (!slice.next) {
      const report = await reportOn(context, state, slice.totals);
      await closeReport(projection, { job: 'consistency-audit', about: `date#${date}` }, report, checkpoint);
      return { slices, report };
    }
    await saveReport(projection, checkpoint, state);
    if (signal.aborted || context.readUnits() >= mostReadUnits) return { slices, report: undefined };
  }
}

async function reportOn(context: AuditContext, state: AuditState, totals: AuditTotals): Promise<AuditReport> {
  const { projection, date, now, listBucket } = context;
  const counters = await recountDate(projection, date);
  const countersRepaired = await repairCounters(counters, { ...context, table: projection });
  return {
    datePrefix: date,
    at: isoTime(now),
    startedAt: isoTime(state.startedAt),
    complete: totals.unknown === 0,
    totals,
    counters: counters.quiet ? counters.missing : undefined,
    countersRepaired,
    issues: state.issues,
    listedIn: state.parts > 0 ? `s3://${listBucket}/${listFolder(date, state)}` : undefined,
    slices: state.slices,
  };
}

/** A slice that is done again writes the same object again. */
async function keepIssues(
  { storage, listBucket, date }: AuditContext,
  state: AuditState,
  issues: readonly ConsistencyIssue[],
): Promise<void> {
  if (issues.length === 0) return;
  await storage.s3.send(
    new PutObjectCommand({
      Bucket: listBucket,
      Key: `${listFolder(date, state)}${String(state.parts).padStart(6, '0')}.ndjson`,
      ContentType: 'application/x-ndjson',
      Body: issues.map((issue) => `${JSON.stringify(issue)}\n`).join(''),
    }),
  );
}

function listFolder(date: string, { startedAt }: AuditState): string {
  return `${LIST_PREFIX}${date}/${isoTime(startedAt)}/`;
}

function driftRepairer(context: AuditContext): ResolveDrift {
  return async (keys) => {
    const results = await repairRecords(keys, SETTLE_MILLIS, { ...context, table: context.projection });
    const failed = results.find(({ outcome }) => outcome === 'failed');
    if (failed) throw failed.error;
    // A difference that went away by itself was the stream's ordinary lag.
    const lasting = results.filter(({ outcome }) => outcome === 'repaired');
    return lasting.map(({ date_prefix, file_key, drift }) => ({
      date_prefix,
      file_key,
      drift,
      repaired: true,
    }));
  };
}
