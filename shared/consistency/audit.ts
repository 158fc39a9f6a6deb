import { PutObjectCommand } from '@aws-sdk/client-s3';
import { runsFolder } from '../aws/deployment-names.ts';
import type { Deps } from '../aws/deps.ts';
import { runResumable, type Step } from '../flow/resumable.ts';
import type { ApplyDeps } from '../projection/apply.ts';
import { mergeIdleSlots } from '../projection/counter-slots.ts';
import { cutOldHours } from '../projection/cut-hours.ts';
import { type CounterDrift, missingIn, recountDate, repairCounters } from '../projection/recount.ts';
import { renewByRecords } from '../projection/renew-heads.ts';
import { tidyCounters } from '../projection/tidy-counters.ts';
import { noteFact, noteFirst } from '../reports/noted.ts';
import { closeReport, type ReportId, readReport, saveReport } from '../reports/reports.ts';
import { isoTime } from '../text/time.ts';
import { cutTo } from '../text/visible-text.ts';
import { driftIn } from './audit-health.ts';
import { type AuditReport, type AuditState, addPage, beginAudit } from './audit-state.ts';
import { auditPage, type DateAudit } from './date-audit.ts';
import type { ConsistencyIssue } from './issue-types.ts';
import type { PageSize } from './pairing.ts';
import { driftRepairer } from './resolve-drift.ts';

/** What an audit works on, and how much it may do in this invocation. */
export interface AuditDeps extends ApplyDeps, Pick<Deps, 'tracking' | 'storage' | 'profile' | 'signal'> {
  readonly date: string;
  readonly graceMillis: number;
  /** How much to compare between two checkpoints. */
  readonly pageSize: PageSize;
  /** Where the lists of issues go. */
  readonly listBucket: string;
  /** Read units consumed by this invocation. */
  readUnits(): number;
  readonly mostReadUnits: number;
}

/** What one invocation did. */
export interface AuditRun {
  readonly pages: number;
  /** Set when the date was compared to its end. */
  readonly report: AuditReport | undefined;
}

const LIST_PREFIX = runsFolder('consistency-audit');
// A difference that is gone after this was the ordinary lag of the stream.
const WAIT_MILLIS = 10_000;
// What was compared longer ago says little about now: then the audit begins again.
// Less than a day, so that no audit takes over what the one of the night before has left, however late that began.
export const OLDEST_CHECKPOINT_MILLIS = 20 * 3_600_000;
// For an audit that was resumed just in time. An invocation takes a quarter of an hour.
const LAST_RUN_MILLIS = 3_600_000;

/**
 * Compares a date to its end, or for as long as it may: then the next invocation continues. Drift is repaired, since
 * the projection is ours; disagreements between S3 and the tracking table are only reported.
 */
export async function runAudit(deps: AuditDeps): Promise<AuditRun> {
  const { projection, date, now, signal, mostReadUnits } = deps;
  const checkpoint: ReportId = { job: 'consistency-audit', about: `checkpoint#${date}` };
  const audit = repairingAudit(deps);
  let pagesBefore = 0;
  const { state, result } = await runResumable<DateState, AuditReport>(
    {
      async load() {
        const saved = await readReport<DateState>(projection, checkpoint);
        if (!saved || now - saved.startedAt >= OLDEST_CHECKPOINT_MILLIS) return undefined;
        pagesBefore = saved.pages;
        return saved;
      },
      begin: () => beginAudit(now),
      step: (before) => dateStep(deps, audit, before),
      save: (after) => saveReport(projection, checkpoint, after),
      finish: async (after) =>
        endAudit(deps, after, await recountDate(projection, date, deps.tracking.senderPath), checkpoint),
    },
    { mustStop: () => signal.aborted || deps.readUnits() >= mostReadUnits },
  );
  return { pages: state.pages - pagesBefore, report: result };
}

/** The audit of a whole date so far. */
interface DateState extends AuditState {
  /** Saved before the date is recounted: what was repaired in its last page would not be found again. */
  readonly isCompared?: boolean;
}

async function dateStep(deps: AuditDeps, audit: DateAudit, before: DateState): Promise<Step<DateState>> {
  if (before.isCompared) return { state: before, isLast: true };
  const { state, isLast } = await auditStep(deps, audit, before);
  return { state: { ...before, ...state, isCompared: isLast }, isLast: false };
}

/** A comparison that repairs the drift that it finds, and ends its page early when time is up. */
export function repairingAudit(deps: AuditDeps): DateAudit {
  const pageSize = { ...deps.pageSize, mustStop: () => deps.signal.aborted };
  return { ...deps, pageSize, resolveDrift: driftRepairer(deps, WAIT_MILLIS) };
}

/**
 * Compares one more page, and keeps its issues.
 *
 * @param part prefix of the names of the lists, where parts of a date are compared separately
 */
export async function auditStep(
  deps: AuditDeps,
  audit: DateAudit,
  before: AuditState,
  part = '',
): Promise<Step<AuditState>> {
  const page = await auditPage(audit, before.cursor);
  await keepIssues(deps, before, page.issues, part);
  return { state: addPage(before, page), isLast: page.next === undefined };
}

/** Reports on a date that was compared to its end, and forgets the checkpoint. */
export async function endAudit(
  deps: AuditDeps,
  state: AuditState,
  counters: CounterDrift,
  checkpoint: ReportId,
): Promise<AuditReport> {
  await noteFound(deps, state, counters);
  const report = await reportOn(deps, state, counters);
  const id: ReportId = { job: 'consistency-audit', about: `date#${deps.date}` };
  await noteDrift(deps, report);
  await closeReport(deps.projection, id, report, checkpoint);
  return report;
}

/**
 * Wrong counts are stored before they are repaired: an audit that dies after the repair finds them correct when it runs
 * again. Nobody is told before the audit has stored its result, or can no longer be resumed: receivers drop a second
 * notice with the same id.
 */
async function noteFound(deps: AuditDeps, state: AuditState, drift: CounterDrift): Promise<void> {
  const counters = drift.quiet ? missingIn(drift) : {};
  if (Object.keys(counters).length === 0) return;
  const { date: date_prefix, now } = deps;
  const { totals } = state.cursor;
  const found = { at: isoTime(now), totals, counters, countersRepaired: false };
  const open_until = now + OLDEST_CHECKPOINT_MILLIS + LAST_RUN_MILLIS;
  await noteDrift(deps, { ...found, date_prefix, startedAt: isoTime(state.startedAt) }, { open_until });
}

type Drifted = Parameters<typeof driftIn>[0] & Pick<AuditReport, 'date_prefix' | 'startedAt'>;

/**
 * Stored under the id of the audit, since one that dies before its report is closed does this again. If it then finds
 * less, because it has already repaired the counts, what was stored first is kept.
 */
async function noteDrift(
  { projection, now }: AuditDeps,
  report: Drifted,
  open: { readonly open_until?: number } = {},
): Promise<void> {
  const { date_prefix, startedAt, counters = {} } = report;
  const { found, repaired } = driftIn(report);
  if (found === 0) return;
  const note = Object.keys(counters).length > 0 ? noteFact : noteFirst;
  const id = `drift#${cutTo(date_prefix, MOST_NAMED)}#${startedAt}`;
  await note(projection, id, { kind: 'drift', date_prefix, found, repaired, ...open }, now);
}

// A sort key has at most 1,024 bytes, and so may a date_prefix have.
const MOST_NAMED = 200;

async function reportOn(deps: AuditDeps, state: AuditState, counters: CounterDrift): Promise<AuditReport> {
  const { date, now, listBucket } = deps;
  const { totals } = state.cursor;
  const countersRepaired = await repairCounters(counters, deps);
  await renewByRecords(counters.outdated, deps);
  for (const counted of [date, undefined]) {
    await mergeIdleSlots(counted, deps);
    await tidyCounters(counted, deps);
  }
  await cutOldHours(deps);
  return {
    date_prefix: date,
    at: isoTime(now),
    startedAt: isoTime(state.startedAt),
    complete: totals.unknown === 0,
    totals,
    counters: counters.quiet ? missingIn(counters) : undefined,
    countersRepaired,
    issues: state.issues,
    neverTold: state.neverTold,
    listedIn: state.listObjects > 0 ? `s3://${listBucket}/${listFolder(date, state)}` : undefined,
    pages: state.pages,
  };
}

/** A page that is done again writes the same object again. */
async function keepIssues(
  { storage, listBucket, date }: AuditDeps,
  state: AuditState,
  issues: readonly ConsistencyIssue[],
  part: string,
): Promise<void> {
  if (issues.length === 0) return;
  await storage.s3.send(
    new PutObjectCommand({
      Bucket: listBucket,
      Key: `${listFolder(date, state)}${part}${String(state.listObjects).padStart(6, '0')}.ndjson`,
      ContentType: 'application/x-ndjson',
      Body: issues.map((issue) => `${JSON.stringify(issue)}\n`).join(''),
    }),
  );
}

function listFolder(date: string, { startedAt }: AuditState): string {
  return `${LIST_PREFIX}${date}/${isoTime(startedAt)}/`;
}
