import { DAY } from './plan.ts';
import { GRACE, type KnownFile } from './rules.ts';

const AUDITED_DAYS = 8;

/** Which issues an audit may tell of a file. */
export function issuesOf(file: KnownFile): string[] {
  const { expected, input, uploads, record } = file;
  return [
    ...(record === 'none' && isRefused(file) ? ['quarantined_without_record'] : []),
    ...(expected === 'not_recorded' ? ['missing_in_db'] : []),
    ...(input === 'present' && uploads.length > 1 && isBehind(file) ? ['uploaded_again'] : []),
    ...(isInFlight(file) && input !== 'present' ? ['missing_in_s3'] : []),
  ];
}

function isRefused({ faults }: KnownFile): boolean {
  return faults.some(({ fault }) => fault === 'refused');
}

/** Whether the newest upload came after its file had settled, and was not converted since. */
function isBehind({ expected, conversions, uploads, status }: KnownFile): boolean {
  const isSettled = status !== undefined && ['completed', 'failed', 'quarantined'].includes(status);
  return isSettled && (expected !== 'healthy' || conversions.every(({ upload }) => upload < uploads.length));
}

/** What an audit has to tell of a file. */
export function dueIssue(file: KnownFile, nowMillis: number): string | undefined {
  const { expected, uploads, input, record, status, statusMillis = 0, operated } = file;
  const uploaded = uploads.at(-1)?.atMillis ?? nowMillis;
  if (nowMillis - uploaded < GRACE || isTooOld(file, nowMillis)) return undefined;
  if (record === 'none' && isRefused(file)) return 'quarantined_without_record';
  if (input !== 'present') return undefined;
  if (expected === 'not_recorded') return 'missing_in_db';
  // S3 tells times to the second and clocks differ, so what comes within a minute is taken for the same.
  const isAfter = status === 'completed' && uploaded > statusMillis + 2 * 60_000;
  return isAfter && !operated && expected === 'not_converted' ? 'uploaded_again' : undefined;
}

/** The nightly audit looks at the last days; a file that comes later than that is not seen. */
function isTooOld({ date }: KnownFile, nowMillis: number): boolean {
  return date < new Date(nowMillis - AUDITED_DAYS * DAY).toISOString().slice(0, 10);
}

function isInFlight({ status }: KnownFile): boolean {
  return status === 'pending' || status === 'manifested' || status === 'processing';
}
