import { paginateQuery, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { noteHealth } from '../projection/health.ts';
import { type ReportId, readReport, saveReport } from '../reports/reports.ts';
import { dayOf } from '../text/time.ts';
import type { AuditReport } from './audit-state.ts';
import { countIssues } from './date-audit.ts';
import type { IssueType } from './issue-types.ts';
import { ISSUE_TYPES, needsAction } from './issue-types.ts';

/** How many heads and counts disagreed, and when. */
interface DateDrift {
  readonly at: string;
  readonly found: number;
  readonly repaired: number;
}

/** One date's part in the result of the last audit; older versions lack the optional fields. */
interface DateFindings extends DateDrift {
  readonly issues?: number;
  readonly byType?: Readonly<Partial<Record<IssueType, number>>>;
}

/** When the very first audit had its first result. */
interface FirstAudit {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

// The audits of one night, which end one after another.
const TOGETHER_MILLIS = 24 * 3_600_000;
const MOST_TRIES = 5;
// Longer than the pipeline keeps a record: a known issue stays known for as long as its date is audited.
const KEPT_SECONDS = 100 * 86_400;

/**
 * Stores beside the counters what the audits of the last day found together. Dates are audited at the same time: the
 * last one to store must have seen all of them, so each checks again after storing.
 */
export async function noteAudit(table: Table, report: AuditReport, now: number): Promise<void> {
  const expiresAt = Math.floor(now / 1000) + KEPT_SECONDS;
  const { issues: byType } = report.totals;
  const findings: DateFindings = { ...driftIn(report), issues: countIssues(report.totals), byType };
  await saveReport(table, findingsOf(report), findings, expiresAt);
  let noted = '';
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const audit = await sumOfDay(table, now);
    if (JSON.stringify(audit) === noted) return;
    await noteHealth(table, { audit });
    noted = JSON.stringify(audit);
  }
}

/**
 * How many more issues of each type a date has than at its last audit. For a date without an audit all are new, unless
 * they existed before the first audit: then they should raise no alarm.
 */
export async function countNewIssues(table: Table, report: AuditReport, now: number): Promise<number> {
  const before = await readReport<DateFindings>(table, findingsOf(report));
  if (!before && (await isFirstLook(table, report, now))) return 0;
  const { byType, issues = 0 } = before ?? { byType: {} };
  if (!byType) return Math.max(0, countIssues(report.totals) - issues);
  const more = (type: IssueType) => Math.max(0, report.totals.issues[type] - (byType[type] ?? 0));
  return ISSUE_TYPES.filter(needsAction).reduce((sum, type) => sum + more(type), 0);
}

const FIRST_AUDIT: ReportId = { job: 'consistency-audit', about: 'first' };
// Dates of one run end one after another; the next run comes a day later.
const FIRST_RUN_MILLIS = 12 * 3_600_000;

/** Whether a date is older than the first audit, or part of that. */
async function isFirstLook(table: Table, { date_prefix }: AuditReport, now: number): Promise<boolean> {
  const first = (await readReport<FirstAudit>(table, FIRST_AUDIT)) ?? (await beginAudits(table, now));
  return date_prefix <= dayOf(first.at) || now - first.at < FIRST_RUN_MILLIS;
}

/** If an older version has audited, the first audit was long ago. */
async function beginAudits(table: Table, now: number): Promise<FirstAudit> {
  const { Items = [] } = await table.docs.send(new QueryCommand({ ...findingsIn(table), Limit: 1 }));
  const first: FirstAudit = { at: Items.length > 0 ? 0 : now };
  await saveReport(table, FIRST_AUDIT, first);
  return first;
}

function findingsIn({ name }: Table) {
  return {
    TableName: name,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :drift)',
    ExpressionAttributeValues: { ':pk': 'REPORT#consistency-audit', ':drift': 'drift#' },
    ConsistentRead: true,
  };
}

function findingsOf({ date_prefix }: AuditReport): ReportId {
  return { job: 'consistency-audit', about: `drift#${date_prefix}` };
}

/** Heads that disagreed with their records, and counts that disagreed with the heads. */
export function driftIn({
  at,
  totals,
  counters = {},
  countersRepaired,
}: Pick<AuditReport, 'at' | 'totals' | 'counters' | 'countersRepaired'>): DateDrift {
  const heads = Object.values(totals.drift).reduce((sum, each) => sum + each, 0);
  const counts = Object.values(counters).reduce((sum, each) => sum + Math.abs(each), 0);
  return { at, found: heads + counts, repaired: totals.repaired + (countersRepaired ? counts : 0) };
}

async function sumOfDay(table: Table, now: number) {
  const together: DateFindings[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, findingsIn(table))) {
    const days = Items.map(({ report }) => JSON.parse(String(report)) as DateFindings);
    together.push(...days.filter(({ at }) => Date.parse(at) > now - TOGETHER_MILLIS));
  }
  return {
    at:
      together
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? '',
    drift_found: together.reduce((sum, { found }) => sum + found, 0),
    drift_repaired: together.reduce((sum, { repaired }) => sum + repaired, 0),
    issues_found: together.reduce((sum, { issues = 0 }) => sum + issues, 0),
  };
}
