import type { Verdict } from '../checks/verdict.ts';

/** A verdict as callers see it. */
export function shownVerdict({ hours, change, kind: _, ...verdict }: Verdict) {
  const { date_prefix, file_key, status, cause, summary, evidence } = verdict;
  return {
    date_prefix,
    file_key,
    // Null when the record has no readable time, which counts as the oldest.
    hours_stuck: hours ?? null,
    status,
    cause,
    summary,
    recommended_change: change,
    evidence,
  };
}
