import { creationTime, newestTime, valueIn } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { type RowsInObject, type Unread, writeOf } from './date-rows.ts';

/**
 * What is wrong with a file, judged by the rows of the output. `lost`: completed, but there is no row of it. `twice`:
 * its rows come from more than one job, or there are more than it has lines. `partly`: fewer rows than lines.
 * `unexpected`: there are rows, but the table says pending, failed, quarantined or a status that is unknown, or does not
 * know the file.
 */
export const DATA_FINDINGS = ['lost', 'twice', 'partly', 'unexpected'] as const;
export type DataFindingType = (typeof DATA_FINDINGS)[number];

/**
 * The result for the rows of a file. `converted`: its record says manifested or processing, but its rows have been
 * there for a while: nothing is wrong with the output. `nothing`: by its status no rows are expected, and there are
 * none. `expired`: its record has expired, as it should.
 */
export type Judgement =
  | { readonly kind: DataFindingType }
  | { readonly kind: 'present' | 'whole' | 'young' | 'converted' | 'nothing' | 'expired' }
  | { readonly kind: 'unknown'; readonly why: string };

/** What is known about a file. */
export interface FileFacts {
  readonly record: TrackingRecord;
  /** The rows of this upload. */
  readonly parts: readonly RowsInObject[];
  /** How many lines its input has that are not blank; undefined where they were not counted. */
  readonly lines: number | undefined;
  /** Objects of its date that may hold rows of it. */
  readonly unread: readonly Unread[];
  /** Why its rows may be in a place that was not searched; undefined: they cannot be. */
  readonly elsewhere: string | undefined;
}

/** Clocks of the functions and of S3 differ a little. */
export const SLACK_MILLIS = 60_000;

/** Says what the rows of a file prove. Pure. */
export function judgeRows(facts: FileFacts, now: number, graceMillis: number): Judgement {
  const { record, parts } = facts;
  const { status } = parseStatus(record.status);
  if (newestTime(record, now) > now - graceMillis) return { kind: 'young' };
  if (status === 'completed') return judgeCompleted(facts, now);
  if (parts.length === 0) return { kind: 'nothing' };
  if (status !== 'manifested' && status !== 'processing') return { kind: 'unexpected' };
  // Right after its rows are written, the record's update follows.
  const isOld = parts.some(({ object }) => object.modified <= now - graceMillis);
  return { kind: isOld ? 'converted' : 'nothing' };
}

function judgeCompleted({ record, parts, lines, unread, elsewhere }: FileFacts, now: number): Judgement {
  const rows = rowsOf(parts);
  const missing = lines === undefined ? rows === 0 : rows < lines;
  if (missing) {
    const holder = unread.find(({ object }) => mayHold(record, object, now));
    if (holder) return { kind: 'unknown', why: `${holder.object.key}: ${holder.why}` };
    if (elsewhere) return { kind: 'unknown', why: elsewhere };
    return { kind: rows === 0 ? 'lost' : 'partly' };
  }
  if (lines === undefined) return { kind: countWrites(parts) > 1 ? 'twice' : 'present' };
  return { kind: rows > lines ? 'twice' : 'whole' };
}

export function rowsOf(parts: readonly RowsInObject[]): number {
  return parts.reduce((sum, { rows }) => sum + rows, 0);
}

/** Objects whose names have no write id do not count: what is unknown is not held against a file. */
function countWrites(parts: readonly RowsInObject[]): number {
  return new Set(parts.flatMap(({ object }) => writeOf(object) ?? [])).size;
}

/** Whether an object can have rows of a record's upload: it was written after the upload. */
export function mayHold(
  record: TrackingRecord,
  { modified }: { readonly modified: number },
  now: number,
): boolean {
  const created = creationTime(valueIn(record), now);
  return created === undefined || modified >= Date.parse(created) - SLACK_MILLIS;
}
