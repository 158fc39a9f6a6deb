import { errorText } from '../text/error-text.ts';

/**
 * Why the rows of an object are unknown. None of these says that a file was lost: its rows may be in that object.
 * `gone` and `changed`: it was removed or written again while it was read; `foreign`: neither its content nor its name
 * is Parquet, so it holds no rows; `unavailable`: S3 did not let us read it.
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

/** Thrown while an object is read, and returned by `readSources`. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly reason: UnreadableReason;

  constructor(reason: UnreadableReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * Runs a parser: whatever it throws means that the bytes are not what they should be.
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
