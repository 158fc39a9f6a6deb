import type { Verdict } from '../orphans/verdict.ts';
import { parseStatus } from '../pipeline/status.ts';
import { keyOf, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { plainValues } from '../text/plain-value.ts';

/**
 * A record as callers see it: values as JSON has them, and its status without the shard suffix, which only concerns the
 * pipeline.
 */
export function shownRecord(record: TrackingRecord): TrackingRecord {
  const shown = { ...plainValues(record), ...keyOf(record) };
  return 'status' in record ? { ...shown, status: parseStatus(record.status).status } : shown;
}

/** A verdict as callers see it. */
export function shownVerdict({ hours, change, kind: _, ...verdict }: Verdict) {
  const { date_prefix, file_key, status, cause, summary, evidence, needs_force, commands } = verdict;
  return {
    date_prefix,
    // Empty where the verdict is about the date as a whole.
    file_key,
    // Null when its age is unknown.
    hours_stuck: hours ?? null,
    status,
    cause,
    summary,
    recommended_change: change,
    // Nothing proves that its execution has ended; these commands show it and stop it.
    ...(needs_force && { needs_force }),
    ...(commands && { commands }),
    evidence,
  };
}

// Lambda refuses a response over 6 MB (6,291,556 bytes); everything around the list needs little.
export const MOST_BYTES = 6_000_000;

/**
 * The first items of a list that fit an answer under Lambda's limit of 6 MB, whatever their size and the form of the
 * answer; at least one. What is left out belongs behind a `next_token`.
 */
export function fitToResponse<T>(items: readonly T[], mostBytes = MOST_BYTES): readonly T[] {
  let bytes = 0;
  const tooMany = items.findIndex((item) => {
    bytes += bytesAsText(item) + 1;
    return bytes > mostBytes;
  });
  return tooMany < 0 ? items : items.slice(0, Math.max(1, tooMany));
}

/** Cuts the lists of one answer to what fits it together: what one of them leaves is for those after it. */
export function listCutter(): typeof fitToResponse {
  let left = MOST_BYTES;
  return (items, mostBytes = left) => {
    const fitting = fitToResponse(items, Math.min(left, mostBytes));
    left -= bytesAsText(fitting);
    return fitting;
  };
}

/** The size of a value as JSON text within JSON: in the HTTP form of an answer, each quote takes two bytes. */
function bytesAsText(value: unknown): number {
  const quotes = 2;
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value))) - quotes;
}
