import type { Deps } from '../aws/deps.ts';
import { type ReportId, readReport } from '../projection/reports.ts';
import type { Limits } from './limits.ts';
import type { ReportedOrphan, SweepState } from './sweep-state.ts';
import type { OrphanKind } from './verdict.ts';

// Apart from the sweep itself: whoever shows its report needs nothing of how it searches.

/** What a sweep came to. Times are UTC, `…Z`. */
export interface SweepReport {
  /** When it ended. */
  readonly at: string;
  readonly startedAt: string;
  /** False when something could not be looked at or listed. */
  readonly complete: boolean;
  /** Why something could not be listed, and what to do. */
  readonly incomplete?: string;
  /** Set when it was ended because it had read as much as it may: then it has not come to its end. */
  readonly cutOff?: boolean;
  readonly checked: number;
  readonly unknown: number;
  /** Completed files of which the evidence has expired; undefined in reports from before they were counted. */
  readonly unverifiable?: number;
  readonly totals: Readonly<Record<OrphanKind, number>>;
  /** Orphans that are acknowledged: they are in none of the totals, and no alarm rings for them. */
  readonly acknowledged?: number;
  /**
   * When the last sweep began that looked at all that is in flight; others pass over what is not overdue. Undefined when
   * that one was cut off, and in the reports of versions that passed over nothing.
   */
  readonly allSeenAt?: string | undefined;
  /** Files in flight, and those of them with which something is wrong, acknowledged or not. */
  readonly inFlight: number;
  readonly affected: number;
  readonly ageUnknown?: SweepState['ageUnknown'];
  /** The longest that any file is known to have been in its status. */
  readonly oldestHours: SweepState['oldestHours'];
  readonly limitHours: Limits;
  /** The first of each kind. */
  readonly orphans: readonly ReportedOrphan[];
  readonly pages: number;
  readonly readUnits: number;
  readonly invocations: number;
}

export const SWEEP_REPORT: ReportId = { job: 'orphan-sweep', about: 'last' };

/** The report of the last sweep that came to its end; undefined when none has. */
export function readSweepReport({ projection }: Pick<Deps, 'projection'>): Promise<SweepReport | undefined> {
  return readReport(projection, SWEEP_REPORT);
}
