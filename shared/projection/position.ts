/**
 * The place of a stream record in a file's history, as text that sorts in stream order:
 * `<stream label>#<sequence number padded to 40 digits>`.
 *
 * Real sequence numbers have 21 to 40 digits of varying width, so raw text misorders them and a JavaScript
 * number overflows. A stream that was switched on again starts with unrelated numbers, but with a later
 * label, which is the ISO time in its ARN.
 */
export type Position = string;

/** Below every position of a stream. A rebuild writes it, so that any stream record supersedes it. */
export const LOWEST_POSITION: Position = '0';

const SEQUENCE_DIGITS = 40;
const SEQUENCE_NUMBER = /^\d{1,40}$/;
const STREAM_MARK = '/stream/';

/** @returns undefined if either part does not have the documented form */
export function positionOf(streamArn: unknown, sequenceNumber: unknown): Position | undefined {
  if (typeof streamArn !== 'string' || typeof sequenceNumber !== 'string') return undefined;
  const at = streamArn.lastIndexOf(STREAM_MARK);
  const label = at < 0 ? '' : streamArn.slice(at + STREAM_MARK.length);
  if (!label || !SEQUENCE_NUMBER.test(sequenceNumber)) return undefined;
  return `${label}#${sequenceNumber.padStart(SEQUENCE_DIGITS, '0')}`;
}

/** Compares two positions; both are ASCII, where code-unit order is stream order. */
export function comparePositions(a: Position, b: Position): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
