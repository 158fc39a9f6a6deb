import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { type Head, liveStatus } from './head.ts';

/** How a head and its tracking record disagree. */
export type Drift =
  /** The record has no head, or only a tombstone. */
  | 'missing_head'
  /** The head has another status than the record. */
  | 'stale_head'
  /** The head counts a record that is gone. */
  | 'record_gone';

/** @returns undefined when the two agree */
export function driftOf(head: Head | undefined, record: TrackingRecord | undefined): Drift | undefined {
  const shown = liveStatus(head);
  const actual = record && parseStatus(record.status).status;
  if (shown === actual) return undefined;
  if (actual === undefined) return 'record_gone';
  return shown === undefined ? 'missing_head' : 'stale_head';
}
