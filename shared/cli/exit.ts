/** What a runbook ends with, for scripts to tell apart. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Refused, cancelled, or a plan that is no longer true. */
  refused: 3,
  credentials: 4,
  partly: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A failure that the user can do something about: printed as message and hint, without a stack trace. */
export class RunbookError extends Error {
  override readonly name = 'RunbookError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    /** What to do next: one sentence, or a command. */
    readonly hint: string,
  ) {
    super(message);
  }
}

/** The command line is not one that can be run. */
export function usageError(message: string, hint: string): RunbookError {
  return new RunbookError(EXIT.usage, message, hint);
}

/** Nothing was written, because something that was asked for is missing or was denied. */
export function refusedError(message: string, hint: string): RunbookError {
  return new RunbookError(EXIT.refused, message, hint);
}
