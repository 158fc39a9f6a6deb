import { creationTime, newestTime, valueIn } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { ObjectCheck } from '../pipeline/storage.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import type { DataFinding } from './data-finding.ts';
import { SLACK_MILLIS } from './judge-rows.ts';
import type { DateProof, FileProof } from './kept-proof.ts';
import { isBelievable, isElsewhere } from './totals.ts';

/**
 * What the rows of the output say about a file, if its date was verified and the result is stored. It is plain JSON.
 */
export interface RowsSay {
  readonly is: DataFinding['type'];
  /**
   * Whether this decides. It does not if so many files of the date have no row that its output must be elsewhere.
   */
  readonly is_certain: boolean;
  /** `…Z` */
  readonly verified_at: string;
  /** What was written later than this was not compared: `…Z` */
  readonly until: string;
  readonly finding: DataFinding | null;
  /** A sentence. */
  readonly says: string;
}

/**
 * Says what the last verification of its date proved about a record. Pure.
 *
 * @returns null when it proved nothing: the record was changed since then, or not all of the output could be read
 */
export function explainRows(
  kept: FileProof | undefined,
  record: TrackingRecord,
  now: number,
): RowsSay | null {
  if (!kept || isNewer(record, kept.proof, now)) return null;
  const { proof, finding } = kept;
  const { status } = parseStatus(record.status);
  const times = { verified_at: isoTime(proof.at), until: isoTime(proof.until) };
  if (finding) {
    if (finding.status !== status) return null;
    const is_certain = finding.type !== 'lost' || isBelievable(proof);
    return { is: finding.type, is_certain, ...times, finding, says: finding.message };
  }
  const isKnown = proof.unread === 0 && proof.files.unknown === 0;
  if (!isKnown) return null;
  // Then no file of it is stored as lost.
  if (status === 'completed' && isElsewhere(proof))
    return { is: 'unknown', is_certain: false, ...times, finding: null, says: SAYS.unknown };
  const is = status === 'completed' ? 'present' : 'nothing';
  const isClaimed = status === 'manifested' || status === 'processing';
  if (is === 'nothing' && !isClaimed) return null;
  const is_certain = is === 'present' || isBelievable(proof);
  return { is, is_certain, ...times, finding: null, says: SAYS[is] };
}

const SAYS = {
  present: 'Its rows are in the output, from one job.',
  nothing: 'No row of it was in the output.',
  unknown: 'Whether it has rows is not known: too many files of its date have none in the output.',
};

// The audit verifies every night; the output of a date may be written or restored later.
const FRESH_MILLIS = 48 * 3_600_000;

/** Whether a completed file was never converted, and that was seen recently enough to act on it. Pure. */
export function isProvedLost(rows: RowsSay | null | undefined, now: number): boolean {
  return isCertainlyLost(rows) && now - Date.parse(rows.verified_at) <= FRESH_MILLIS;
}

/** The same, however long ago it was seen. Pure. */
export function isCertainlyLost(rows: RowsSay | null | undefined): rows is RowsSay {
  return rows?.is === 'lost' && rows.is_certain;
}

/**
 * Whether rows of a file that is not completed are in the output, and may be of its newest upload: rows do not say
 * which one they came from, but an input that is newer than its record was uploaded again. Pure.
 */
export function mayBeConverted(
  rows: RowsSay | null,
  record: TrackingRecord,
  input: ObjectCheck,
  now: number,
): boolean {
  if (parseStatus(record.status).status === 'completed' || !rows || !hasRows(rows)) return false;
  const created = Date.parse(creationTime(valueIn(record), now) ?? '');
  return input.found !== 'yes' || !(input.modified > created + SLACK_MILLIS);
}

/** Whether at least one row of a file is in the output. */
export function hasRows({ is }: RowsSay): boolean {
  return THERE.has(is);
}

const THERE: ReadonlySet<RowsSay['is']> = new Set([
  'present',
  'whole',
  'twice',
  'partly',
  'converted',
  'unexpected',
]);

/** Whether a record may have changed since it was compared; one without a readable time may always have. */
function isNewer(record: TrackingRecord, { until }: DateProof, now: number): boolean {
  const newest = newestTime(record, now);
  return newest === 0 || newest > until;
}
