/**
 * The local system cannot start for a reason its user can remove: no Java, a taken port, a bad replay file.
 * Printed as message and hint, without a stack trace.
 */
export class LocalSetupError extends Error {
  override readonly name = 'LocalSetupError';

  constructor(
    message: string,
    /** What to do about it: one sentence or a command. */
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
