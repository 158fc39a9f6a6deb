import { createHash } from 'node:crypto';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { Counters } from '../projection/counters.ts';
import type { VerifiedDate } from '../projection/verified-dates.ts';
import { LONGEST_GRACE_HOURS } from '../settings/pipeline-profile.ts';
import { parseFieldTime } from '../text/time.ts';

/** A check of one date's completed files that is under way. It is plain JSON. */
export interface DateCheck {
  readonly date: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly fingerprint?: string | undefined;
  /** Only files completed since then are looked at; all when undefined. */
  readonly since?: number | undefined;
  /** Files with which something is wrong, or that could not be looked at. */
  readonly open: number;
  /** Files completed too recently to tell, or at an unknown time. */
  readonly young: number;
}

const GRACE_MILLIS = LONGEST_GRACE_HOURS * 3_600_000;
// Writers' clocks differ, and a completion may be written some time after the time it names.
const OVERLAP_MILLIS = 3_600_000;

/**
 * Begins the check of the completed files of a date.
 *
 * @param counters of the date, read before its files are listed
 * @returns undefined when all of them are verified
 */
export function beginDateCheck(
  date: string,
  before: VerifiedDate | undefined,
  counters: Counters,
  now: number,
): DateCheck | undefined {
  const fingerprint = fingerprintOf(counters);
  if (before?.open === 0 && before.fingerprint === fingerprint) return undefined;
  // The index and the newest files lag behind the counters: what moved just now is looked at once more.
  const isQuiet = (counters.asOf ?? 0) < now - GRACE_MILLIS;
  return {
    date,
    startedAt: now,
    ...(isQuiet && { fingerprint }),
    ...(before?.open === 0 && { since: before.until }),
    open: 0,
    young: 0,
  };
}

/** Whether a check has to look at a completed file, or an earlier one did. */
export function isUnverified({ since }: DateCheck, record: TrackingRecord): boolean {
  if (since === undefined) return true;
  const times = [record.completed_time, record.updated_at].map((time) => parseFieldTime(time));
  return times.every((time) => time === undefined) || times.some((time) => time && Date.parse(time) >= since);
}

/** What a check that came to its end has verified. */
export function endDateCheck({ date, startedAt, fingerprint, open, young }: DateCheck): VerifiedDate {
  return {
    date,
    ...(young === 0 && fingerprint && { fingerprint }),
    until: startedAt - GRACE_MILLIS - OVERLAP_MILLIS,
    open,
  };
}

/** Whatever is applied to a date changes one of these numbers. */
function fingerprintOf({ file, arrivals, repairs }: Counters): string {
  return createHash('sha256')
    .update(JSON.stringify([file, arrivals.file, repairs]))
    .digest('base64url')
    .slice(0, 22);
}
