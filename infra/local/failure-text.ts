/** The message of a failed function: its answer is JSON with a type, a message and a stack. */
export function failureText(payload: unknown): string {
  const { errorType, errorMessage } = (payload ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof errorMessage !== 'string' || errorMessage === '')
    return 'it failed without a message: see its log';
  const isNamed = typeof errorType === 'string' && errorType !== 'Error';
  return isNamed ? `${errorType}: ${errorMessage}` : errorMessage;
}
