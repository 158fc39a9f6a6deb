import type { Limits } from '../orphans/limits.ts';
import type { SweepReport } from '../orphans/sweep-report.ts';

/** The statuses that a file may have only for so long. */
export const IN_FLIGHT = ['pending', 'manifested', 'processing'] as const satisfies readonly (keyof Limits)[];
export type InFlight = (typeof IN_FLIGHT)[number];

/** How many orphans a sweep found, whether they are listed or not. */
export function orphansIn({ totals }: SweepReport): number {
  return Object.values(totals).reduce((sum, count) => sum + count, 0);
}
