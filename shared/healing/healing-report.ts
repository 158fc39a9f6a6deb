import type { ResultCounts } from '../changes/change.ts';
import { type ReportId, readReport } from '../checks/report-table.ts';
import type { ProjectionTable } from '../projection/projection-table.ts';
import type { ActivePolicy } from './policy.ts';

/** What healing came to after the last sweep that ended. */
export interface HealingReport {
  /** UTC, `…Z`. */
  readonly at: string;
  readonly mode: ActivePolicy['mode'];
  /** Files in flight that the sweep looked at, and those of them with which something is wrong. */
  readonly inFlight: number;
  readonly affected: number;
  /** `unusual_share`: nothing was changed. `change_unfinished`: it ended early, or some files failed. */
  readonly stopped?: 'unusual_share' | 'change_unfinished';
  /** Files that are to be changed. */
  readonly chosen: number;
  /** Where the plan is kept, as `s3://…`. */
  readonly plan?: string;
  readonly changeId?: string;
  readonly counts?: ResultCounts;
}

export const HEALING_REPORT: ReportId = { job: 'orphan-sweep', about: 'healing' };

/** Undefined when nothing was ever to be healed. */
export function readHealingReport(projection: ProjectionTable): Promise<HealingReport | undefined> {
  return readReport(projection, HEALING_REPORT);
}
