/** What went wrong, for a sentence: the message of an error, or whatever else was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same with the error's name, which tells services and libraries apart: `TimeoutError: …`. */
export function namedErrorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
