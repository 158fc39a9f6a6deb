import { createHash } from 'node:crypto';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { Counters } from '../projection/counters.ts';
import type { ProjectionTable } from '../projection/projection-table.ts';
import { parseFieldTime } from '../text/time.ts';
import { LONGEST_GRACE_HOURS } from './limits.ts';

/**
 * How far the completed files of one date are verified. A date whose counters are still as they were then has
 * no completed file that was not looked at, so it is passed over for the price of reading its counters: no
 * file needs a mark of its own.
 */
export interface Verification {
  /** Of the date's counters when the files were listed; undefined while some are too young to be judged. */
  readonly fingerprint?: string | undefined;
  /** Files completed before this time, milliseconds since the epoch, were looked at. */
  readonly until: number;
  /** Something was found, or could not be looked at: then all files of the date are looked at again. */
  readonly open: number;
}

/** What became of one date's completed files so far in a pass over them. */
export interface VerificationPass {
  readonly date: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly fingerprint?: string | undefined;
  /** Only files completed since then are looked at; all when undefined. */
  readonly since?: number | undefined;
  /** Files with which something is wrong, or that could not be looked at. */
  readonly open: number;
  /** Files completed too recently to be judged. */
  readonly young: number;
}

const GRACE_MILLIS = LONGEST_GRACE_HOURS * 3_600_000;
// Writers' clocks differ, and a completion may be written some time after the time it names.
const OVERLAP_MILLIS = 3_600_000;
const KEPT_SECONDS = 180 * 86_400;

/**
 * Begins a pass over the completed files of a date.
 *
 * @param counters of the date, read before its files are listed
 * @returns undefined when all of them are verified
 */
export function beginPass(
  date: string,
  before: Verification | undefined,
  counters: Counters,
  now: number,
): VerificationPass | undefined {
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

/** Whether a pass has to look at a completed file, or an earlier one did. */
export function isUnverified({ since }: VerificationPass, record: TrackingRecord): boolean {
  if (since === undefined) return true;
  const times = [record.completed_time, record.updated_at].map((time) => parseFieldTime(time));
  return times.every((time) => time === undefined) || times.some((time) => time && Date.parse(time) >= since);
}

/** What a pass that came to its end has verified. */
export function endPass({ startedAt, fingerprint, open, young }: VerificationPass): Verification {
  return {
    ...(young === 0 && fingerprint && { fingerprint }),
    until: startedAt - GRACE_MILLIS - OVERLAP_MILLIS,
    open,
  };
}

export async function readVerification(
  table: ProjectionTable,
  date: string,
): Promise<Verification | undefined> {
  const { Item } = await table.docs.send(new GetCommand({ TableName: table.name, Key: keyOf(date) }));
  return Item as Verification | undefined;
}

/** @param now milliseconds since the epoch; a date that nothing happens to for half a year is forgotten */
export async function saveVerification(
  table: ProjectionTable,
  date: string,
  verification: Verification,
  now: number,
): Promise<void> {
  const expires_at = Math.floor(now / 1000) + KEPT_SECONDS;
  await table.docs.send(
    new PutCommand({ TableName: table.name, Item: { ...keyOf(date), ...verification, expires_at } }),
  );
}

function keyOf(date: string) {
  return { pk: 'VERIFIED', sk: date };
}

/** Whatever is applied to a date changes one of these numbers. */
function fingerprintOf({ file, arrivals, repairs }: Counters): string {
  return createHash('sha256')
    .update(JSON.stringify([file, arrivals.file, repairs]))
    .digest('base64url')
    .slice(0, 22);
}
