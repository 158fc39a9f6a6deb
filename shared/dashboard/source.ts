import type { Table } from '../aws/deps.ts';
import type { TimeRange } from './date-range.ts';
import type { Sample } from './history.ts';
import type { Asking } from './read.ts';

/** Where the views read from, and all that they may do there: everything here only reads. */
export interface Source extends Asking {
  readonly projection: Table;
  /** Keeps what the counters said now, and returns all that is kept. */
  readonly keepSample: (sample: Sample) => readonly Sample[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The time that the dashboard is set to. */
  readonly timeRange: TimeRange | undefined;
}
