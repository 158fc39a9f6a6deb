import type { CountDelta } from '../projection/counters.ts';
import { AUDIT_START, type AuditCursor, type AuditPage, type AuditTotals, addTotals } from './date-audit.ts';
import { type ConsistencyIssue, needsAction } from './issue-types.ts';
import { MOST_SAMPLES } from './pairing.ts';

/** An audit of a date so far. It is plain JSON, and saved whole: its numbers always belong to its cursor. */
export interface AuditState {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly cursor: AuditCursor;
  /** The first issues that somebody should know about. */
  readonly issues: readonly ConsistencyIssue[];
  /** The first objects that S3 never tells the pipeline about, as URIs. */
  readonly neverTold: readonly string[];
  /** How many objects hold the list of all issues. */
  readonly listObjects: number;
  readonly pages: number;
}

/** The result of the audit of a date. Times are UTC, `…Z`. */
export interface AuditReport {
  readonly date_prefix: string;
  /** When it ended. */
  readonly at: string;
  readonly startedAt: string;
  /** False when something could not be checked. */
  readonly complete: boolean;
  readonly totals: AuditTotals;
  /** What was missing in the date's counters; undefined when files moved while they were counted. */
  readonly counters: CountDelta | undefined;
  readonly countersRepaired: boolean;
  /** The first issues that somebody should know about. */
  readonly issues: readonly ConsistencyIssue[];
  /** The first objects that S3 never tells the pipeline about, as URIs; `totals` has their number. */
  readonly neverTold: readonly string[];
  /** Where all issues are, refusals among them, as NDJSON; undefined when there are none. */
  readonly listedIn: string | undefined;
  readonly pages: number;
}

const MOST_ISSUES = 50;

export function beginAudit(now: number): AuditState {
  return { startedAt: now, cursor: AUDIT_START, issues: [], neverTold: [], listObjects: 0, pages: 0 };
}

/** The state after one more page. */
export function addPage(state: AuditState, page: AuditPage): AuditState {
  const room = MOST_ISSUES - state.issues.length;
  return {
    ...state,
    cursor: page.next ?? { ...state.cursor, totals: page.totals },
    issues: [...state.issues, ...page.issues.filter(({ type }) => needsAction(type)).slice(0, room)],
    neverTold: [...(state.neverTold ?? []), ...page.neverTold].slice(0, MOST_SAMPLES),
    listObjects: state.listObjects + (page.issues.length > 0 ? 1 : 0),
    pages: state.pages + 1,
  };
}

/** The total of the parts of a date, once all of them are compared. */
export function joinStates(states: readonly AuditState[]): AuditState {
  const sumOf = (pick: (state: AuditState) => number) => states.reduce((sum, state) => sum + pick(state), 0);
  return {
    startedAt: Math.min(...states.map(({ startedAt }) => startedAt)),
    cursor: { after: '', totals: states.map(({ cursor }) => cursor.totals).reduce(addTotals) },
    issues: states.flatMap(({ issues }) => issues).slice(0, MOST_ISSUES),
    neverTold: states.flatMap(({ neverTold }) => neverTold).slice(0, MOST_SAMPLES),
    listObjects: sumOf(({ listObjects }) => listObjects),
    pages: sumOf(({ pages }) => pages),
  };
}
