import type { Deps } from '../aws/deps.ts';
import { type ReportId, readReport } from '../reports/reports.ts';
import type { Limits } from './limits.ts';
import type { ReportedOrphan, SweepState } from './sweep-state.ts';
import type { OrphanKind } from './verdict.ts';

// Separate from the sweep itself: whatever shows its report does not need the code that searches.

/** The result of a sweep. Times are UTC, `…Z`. */
export interface SweepReport {
  /** When it ended. */
  readonly at: string;
  readonly startedAt: string;
  /** False when something could not be checked or listed. */
  readonly complete: boolean;
  /** Why something could not be listed, and what to do. */
  readonly incomplete?: string;
  /** Set when it was ended because it had read as much as it may: then it is not complete. */
  readonly cutOff?: boolean;
  readonly checked: number;
  readonly unknown: number;
  /** Completed files with expired evidence; undefined in reports from before they were counted. */
  readonly unverifiable?: number;
  readonly totals: Readonly<Record<OrphanKind, number>>;
  /** Acknowledged orphans: they are in none of the totals, and raise no alarm. */
  readonly acknowledged?: number;
  /**
   * When the last sweep began that checked everything in flight; others skip what is not overdue. Undefined when that
   * sweep was ended early, and in the reports of versions that skipped nothing.
   */
  readonly allSeenAt?: string | undefined;
  /** Files in flight, and those of them that have a problem, acknowledged or not. */
  readonly inFlight: number;
  readonly affected: number;
  readonly ageUnknown?: SweepState['ageUnknown'];
  /** The longest time that any file is known to have been in its status. */
  readonly oldestHours: SweepState['oldestHours'];
  readonly limitHours: Limits;
  /** The first of each kind. */
  readonly orphans: readonly ReportedOrphan[];
  readonly pages: number;
  readonly readUnits: number;
  readonly invocations: number;
}

export const SWEEP_REPORT: ReportId = { job: 'orphan-sweep', about: 'last' };

/** The report of the last sweep that finished; undefined when none has. */
export function readSweepReport({ projection }: Pick<Deps, 'projection'>): Promise<SweepReport | undefined> {
  return readReport(projection, SWEEP_REPORT);
}
