import { createHash } from 'node:crypto';
import { CHANGE_ATTRIBUTES } from '../pipeline/record.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { Counters } from '../projection/counters.ts';
import type { VerifiedDate } from '../reports/verified-dates.ts';
import { LONGEST_GRACE_HOURS, type PipelineProfile } from '../settings/pipeline-profile.ts';
import { parseFieldTime } from '../text/time.ts';

/** A check of one date's completed files, in progress. It is plain JSON. */
export interface DateCheck {
  readonly date: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly fingerprint?: string | undefined;
  /** How often a file of the date had been completed by then, where the date was at rest. */
  readonly arrived?: number | undefined;
  /** Only files completed since then are checked; all when undefined. */
  readonly since?: number | undefined;
  /** The number of this check of the date, the first being 1. */
  readonly number: number;
  /** The current step: remembered files are reported first, files without output last. */
  readonly step: 'remembered' | 'files' | 'without_output' | 'elsewhere';
  /** Set when nothing has changed, so that only known findings are reported again. */
  readonly repeats?: Repeated | undefined;
  /** Files with a problem that is not remembered, or that could not be checked. */
  readonly open: number;
  /** Files completed too recently to tell, or at an unknown time. */
  readonly young: number;
  /** Files that are remembered as lost. */
  readonly lost: number;
  /** Files that were converted, including those of earlier checks. */
  readonly converted: number;
  /** Files with expired evidence, including those of earlier checks. */
  readonly unverifiable: number;
  /** Files without output and without a report. */
  readonly withoutOutput: number;
}

/** The result of an earlier check of the date. */
interface Repeated extends Pick<VerifiedDate, 'fingerprint' | 'until' | 'arrived' | 'waiting'> {
  readonly unverifiable: number;
  readonly elsewhere: boolean;
}

const GRACE_MILLIS = LONGEST_GRACE_HOURS * 3_600_000;
// Writers' clocks differ, and a completion may be written some time after the time that it names.
const OVERLAP_MILLIS = 3_600_000;

/** Listing the files of a date that has fewer, whenever one was completed, costs less than a cent. */
export const LARGE_DATE = 500_000;
const REST_MILLIS = 3 * 3_600_000;
const LONGEST_WAIT_HOURS = 36;

/** What a sweep does about the completed files of a date: list them, list them later, or nothing. */
export type DateNeed = 'files' | 'later' | 'nothing';

/**
 * Decides whether the completed files of a date are listed. The index has no order of time within a date, so one new
 * file costs as much as all. A large date is therefore listed once it is at rest, or when its files have waited for
 * half the life of their manifests, which are the evidence.
 *
 * @param counters of the date
 */
export function dateNeed(
  before: VerifiedDate | undefined,
  counters: Counters,
  { manifests }: Pick<PipelineProfile, 'manifests'>,
  now: number,
): DateNeed {
  if (before?.open === 0 && before.fingerprint === fingerprintOf(counters)) return 'nothing';
  const { file, asOf = 0 } = counters;
  if (file.completed < LARGE_DATE || (before?.open ?? 0) > 0 || before?.elsewhere) return 'files';
  if (before?.arrived === arrivedOf(counters)) return 'nothing';
  const wait = Math.min(LONGEST_WAIT_HOURS, ((manifests.expire_days ?? LONGEST_WAIT_HOURS) * 24) / 2);
  const hasWaited = now - (before?.waiting ?? now) >= wait * 3_600_000;
  return hasWaited || asOf < now - REST_MILLIS ? 'files' : 'later';
}

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
  // The index and the newest files lag behind the counters: what moved just now is checked once more.
  const isQuiet = (counters.asOf ?? 0) < now - GRACE_MILLIS;
  return {
    date,
    startedAt: now,
    ...(isQuiet && { fingerprint, arrived: arrivedOf(counters) }),
    ...earlierOf(before),
    number: (before?.checks ?? 0) + 1,
    step: 'remembered',
    open: 0,
    young: 0,
    lost: 0,
    withoutOutput: 0,
  };
}

/** If the output of a date was not found, all of it is checked again: it may be there now. */
function earlierOf(
  before: VerifiedDate | undefined,
): Pick<DateCheck, 'since' | 'converted' | 'unverifiable'> {
  if (before?.open !== 0 || before.elsewhere) return { converted: 0, unverifiable: 0 };
  const { until, converted = 0, unverifiable = 0 } = before;
  return { since: until, converted, unverifiable };
}

/** Begins to report what is known about a date whose files are not listed now. */
export function repeatDateCheck(
  { date, checks = 0, unverifiable = 0, converted = 0, elsewhere, ...before }: VerifiedDate,
  now: number,
): DateCheck {
  const { fingerprint, until, arrived, waiting } = before;
  return {
    date,
    startedAt: now,
    number: checks + 1,
    step: 'remembered',
    repeats: { fingerprint, until, arrived, waiting, unverifiable, elsewhere: elsewhere !== undefined },
    ...{ open: 0, young: 0, lost: 0, unverifiable, converted },
    withoutOutput: elsewhere?.files ?? 0,
  };
}

const FEW_FILES = 10;
const MOST_FILES = 0.8;

/** Whether so many files of a date have no output that the output is elsewhere, and none of them is lost. */
export function isElsewhere({ withoutOutput, converted }: DateCheck): boolean {
  return withoutOutput >= FEW_FILES && withoutOutput >= MOST_FILES * (withoutOutput + converted);
}

/** Whether a check has to look at a completed file; otherwise an earlier one did. An undo restores its old times. */
export function isUnverified({ since }: DateCheck, record: TrackingRecord): boolean {
  if (since === undefined) return true;
  const written = [record.completed_time, record.updated_at, record[CHANGE_ATTRIBUTES.time]];
  const times = written.map((time) => parseFieldTime(time));
  return times.every((time) => time === undefined) || times.some((time) => time && Date.parse(time) >= since);
}

/**
 * What a finished check has verified.
 *
 * @param objects how many there are where outputs are expected, if this date's output is not there
 */
export function endDateCheck(check: DateCheck, objects?: number): VerifiedDate {
  const { date, startedAt, repeats, open, young, lost, converted, unverifiable, withoutOutput } = check;
  const fingerprint = repeats ? repeats.fingerprint : young === 0 ? check.fingerprint : undefined;
  const { arrived, waiting } = repeats ?? { arrived: check.arrived };
  return {
    date,
    ...(fingerprint && { fingerprint }),
    ...(arrived !== undefined && { arrived }),
    ...(waiting !== undefined && { waiting }),
    until: repeats ? repeats.until : startedAt - GRACE_MILLIS - OVERLAP_MILLIS,
    open,
    checks: check.number,
    ...(lost > 0 && { lost }),
    ...(converted > 0 && { converted }),
    ...(unverifiable > 0 && { unverifiable }),
    ...(check.step === 'elsewhere' && { elsewhere: { files: withoutOutput, objects: objects ?? -1 } }),
  };
}

/** A recount that corrected counters may have found what no arrival showed. */
function arrivedOf({ arrivals, repairs }: Counters): number {
  return arrivals.file.completed + repairs;
}

/** Whatever is applied to a date changes one of these numbers. */
function fingerprintOf({ file, arrivals, repairs }: Counters): string {
  return createHash('sha256')
    .update(JSON.stringify([file, arrivals.file, repairs]))
    .digest('base64url')
    .slice(0, 22);
}
