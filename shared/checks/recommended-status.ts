import type { Status } from '../files/status.ts';
import type { RecommendedChange } from './verdict.ts';

/** The status that a recommended change gives a file. */
export const STATUS_AFTER: Readonly<Record<Exclude<RecommendedChange, 'none'>, Status>> = {
  reset: 'pending',
  advance: 'completed',
  fail: 'failed',
  quarantine: 'quarantined',
};
