import type { AgeRules } from './limits.ts';
import type { Listing } from './search-page.ts';

/** A date on which files of a status are over their limit, and at most how many. */
export interface OverdueDate {
  readonly date: string;
  readonly files: number;
}

/** Where files of an in-flight status may be over their limit; `all` where that is unknown. */
export async function readOverdueDates(
  _deps: AgeRules,
  _listing: Listing,
): Promise<readonly OverdueDate[] | 'all'> {
  return 'all';
}
