import type { CountDelta } from '../projection/counters.ts';
import { AUDIT_START, type AuditPosition, type AuditSlice, type AuditTotals } from './date-audit.ts';
import type { ConsistencyIssue } from './issues.ts';

/** An audit of a date so far. It is plain JSON, and saved whole: its numbers always belong to its position. */
export interface AuditState {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly position: AuditPosition;
  /** The first issues. */
  readonly issues: readonly ConsistencyIssue[];
  /** How many objects hold the list of all issues. */
  readonly parts: number;
  readonly slices: number;
}

/** What the audit of a date came to. Times are UTC, `…Z`. */
export interface AuditReport {
  readonly datePrefix: string;
  /** When it ended. */
  readonly at: string;
  readonly startedAt: string;
  /** False when something could not be looked at. */
  readonly complete: boolean;
  readonly totals: AuditTotals;
  /** What was missing in the date's counters; undefined when files moved while they were counted. */
  readonly counters: CountDelta | undefined;
  readonly countersRepaired: boolean;
  /** The first issues. */
  readonly issues: readonly ConsistencyIssue[];
  /** Where all issues are, as NDJSON; undefined when there are none. */
  readonly listedIn: string | undefined;
  readonly slices: number;
}

const MOST_ISSUES = 50;

export function beginAudit(now: number): AuditState {
  return { startedAt: now, position: AUDIT_START, issues: [], parts: 0, slices: 0 };
}

/** The state after one more slice. */
export function addSlice(state: AuditState, slice: AuditSlice): AuditState {
  const room = MOST_ISSUES - state.issues.length;
  return {
    ...state,
    position: slice.next ?? state.position,
    issues: [...state.issues, ...slice.issues.slice(0, room)],
    parts: state.parts + (slice.issues.length > 0 ? 1 : 0),
    slices: state.slices + 1,
  };
}
