import * as z from 'zod';
import {
  AUDIT_START,
  type AuditCursor,
  type AuditPage,
  type AuditTotals,
  auditPage,
  countIssues,
  type DateAudit,
} from '../consistency/date-audit.ts';
import type { ConsistencyIssue } from '../consistency/issue-types.ts';
import { MOST_SAMPLES } from '../consistency/pairing.ts';
import { type DriftedFile, driftConfirmer } from '../consistency/resolve-drift.ts';
import { missingIn, recountDate } from '../projection/recount.ts';
import { consistencyGrace, datePrefix, graceMillisOf, nextToken } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import { auditPosition } from './token-positions.ts';

const PAGE = { keys: 5_000, waiting: 2_000 };
// As much as can be checked in time however slow S3 is; while S3 is fast, the next page is larger.
const FIRST_PAGE = { keys: 1_000, waiting: 32 };
const GROWTH = 4;
// Even with the largest possible issues (4 KB), a page of this many names fits into an answer.
const SMALL_PAGE = { keys: 5_000, waiting: 500 };
const MOST_BYTES = 4_000_000;
const MOST_DRIFT_SHOWN = 100;
const WAIT_MILLIS = 3_000;

export const validateConsistency = operation({
  name: 'validate_consistency',
  description: "Where a date's objects in S3, its tracking records and the projection disagree",
  input: z.strictObject({
    date_prefix: datePrefix,
    grace_minutes: consistencyGrace,
    next_token: nextToken.optional(),
  }),
  async run(deps, { date_prefix, grace_minutes, next_token }) {
    const graceMillis = graceMillisOf(grace_minutes, deps.profile);
    const scope = ['validate_consistency', deps.tracking.name, date_prefix, graceMillis];
    const from =
      next_token === undefined ? AUDIT_START : decodePageToken<AuditCursor>(scope, next_token, auditPosition);
    const audit = dateAudit(deps, date_prefix, graceMillis);
    const { totals, issues, drifted, neverTold, next, listAfter } = await compareAll(audit, from, deps);
    const goOn = listAfter ?? next;
    return {
      ...totalsOf(date_prefix, totals, neverTold),
      issues,
      // The counts are final when the whole date was compared and everything could be checked.
      complete: next === undefined && totals.unknown === 0,
      drift: {
        ...totals.drift,
        counters: next || deps.signal.aborted ? null : await counterDrift(deps, date_prefix),
        files: drifted.slice(0, MOST_DRIFT_SHOWN).map(({ file_key, drift }) => ({ file_key, drift })),
      },
      ...(goOn && { next_token: encodePageToken(scope, goOn) }),
    };
  },
});

/** The totals of a date, or of the part of it that was compared. */
export function totalsOf(date_prefix: string, totals: AuditTotals, neverTold: readonly string[]) {
  return {
    date_prefix,
    db_file_count: totals.records,
    s3_file_count: totals.objects,
    // Refusals are listed and counted by their type, but nobody has to act on them.
    issues_found: countIssues(totals),
    issues_by_type: totals.issues,
    // Objects of this date that S3 never tells the pipeline about, because of their folder or ending.
    never_told: { count: totals.neverTold, samples: neverTold },
    young: totals.young,
    unknown: totals.unknown,
    drift: totals.drift,
  };
}

/** A comparison that repairs nothing. */
export function dateAudit(deps: OperationDeps, date: string, graceMillis: number): DateAudit {
  const resolveDrift = driftConfirmer(deps, () => deps.sleep(WAIT_MILLIS));
  return { ...deps, date, graceMillis, resolveDrift, pageSize: FIRST_PAGE };
}

interface Comparison {
  readonly totals: AuditTotals;
  readonly issues: readonly ConsistencyIssue[];
  readonly drifted: readonly DriftedFile[];
  /** Some of the objects that S3 never tells the pipeline about, as URIs. */
  readonly neverTold: readonly string[];
  /** Where the comparison continues, when time was up. */
  readonly next: AuditCursor | undefined;
  /** Where the list of issues continues, when it was full. */
  readonly listAfter: AuditCursor | undefined;
}

/** Compares page by page while there is time. A full list ends; counting continues. */
async function compareAll(
  audit: DateAudit,
  from: AuditCursor,
  { signal, remainingMillis }: Pick<OperationDeps, 'signal' | 'remainingMillis'>,
): Promise<Comparison> {
  const issues: ConsistencyIssue[] = [];
  const drifted: DriftedFile[] = [];
  const neverTold: string[] = [];
  let bytes = 0;
  let listAfter: AuditCursor | undefined;
  let cursor = from;
  let size = remainingMillis() === Number.POSITIVE_INFINITY ? PAGE : FIRST_PAGE;
  const mustStop = () => signal.aborted;
  for (;;) {
    const before = remainingMillis();
    const pageSize = { ...size, mustStop };
    const page = await pageThatFits({ ...audit, pageSize }, cursor, issues.length === 0);
    bytes += bytesOf(page);
    if (bytes > MOST_BYTES) listAfter ??= cursor;
    if (!listAfter) issues.push(...page.issues);
    drifted.push(...page.drifted.slice(0, MOST_DRIFT_SHOWN - drifted.length));
    neverTold.push(...page.neverTold.slice(0, MOST_SAMPLES - neverTold.length));
    const { totals, next } = page;
    const took = before - remainingMillis();
    const isTimeUp = signal.aborted || took > remainingMillis();
    if (!next || isTimeUp) return { totals, issues, drifted, neverTold, next, listAfter };
    cursor = next;
    if (took * GROWTH * 2 < remainingMillis()) size = larger(size);
  }
}

function larger({ keys, waiting }: typeof PAGE): typeof PAGE {
  return { keys: Math.min(PAGE.keys, keys * GROWTH), waiting: Math.min(PAGE.waiting, waiting * GROWTH) };
}

/** The first page of an answer must fit into it, or its issues would never be reported. */
async function pageThatFits(audit: DateAudit, cursor: AuditCursor, isFirst: boolean): Promise<AuditPage> {
  const page = await auditPage(audit, cursor);
  if (!isFirst || bytesOf(page) <= MOST_BYTES) return page;
  return auditPage({ ...audit, pageSize: { ...audit.pageSize, ...SMALL_PAGE } }, cursor);
}

function bytesOf({ issues }: AuditPage): number {
  return Buffer.byteLength(JSON.stringify(issues));
}

/** Null when files moved while they were counted, so that nothing can be said. */
async function counterDrift({ projection, tracking }: OperationDeps, date: string) {
  const drift = await recountDate(projection, date, tracking.senderPath);
  return drift.quiet ? missingIn(drift) : null;
}
