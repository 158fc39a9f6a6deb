import { errorText } from '../text/error-text.ts';

/**
 * Why the rows of an object cannot be told. None of these says that a file was lost: its rows may be in that object.
 * `gone` and `changed`: it was removed or written again while it was read; `foreign`: it is no Parquet and is not
 * called so either, hence holds no rows; `unavailable`: S3 did not let us read it.
 */
export const UNREADABLE = [
  'gone',
  'changed',
  'foreign',
  'corrupt',
  'encrypted',
  'no_column',
  'unsupported',
  'unavailable',
] as const;
export type UnreadableReason = (typeof UNREADABLE)[number];

/** Thrown while an object is read, and told by `readSources`. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * Runs what takes bytes apart: whatever it throws means that they are not what they should be.
 *
 * @throws Unreadable
 */
export function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable('corrupt', `${what}: ${errorText(error)}`);
  }
}
