/** The payload Lambda returns for a failed invocation. */
export type ErrorPayload = { errorType: string; errorMessage: string; trace?: string[] };

/** Lambda's limit on a synchronous response: 6 MB and 100 bytes. */
export const RESPONSE_LIMIT_BYTES = 6_291_556;

/** What the Node.js runtime makes of anything a handler throws. */
export function thrownError(thrown: unknown): ErrorPayload {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] };
}

export function timeoutError(requestId: string, timeoutSeconds: number): ErrorPayload {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: ${timeoutMessage(timeoutSeconds)}`,
  };
}

export function timeoutMessage(timeoutSeconds: number): string {
  return `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
}

/** A process that ended without an answer: killed, crashed, or `process.exit` in the handler. */
export function exitError(requestId: string, code: number | null, signal: string | null): ErrorPayload {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: ${exitReason(code, signal)}`,
  };
}

export function responseTooLarge(): ErrorPayload {
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT_BYTES} bytes).`,
  };
}

function exitReason(code: number | null, signal: string | null): string {
  if (signal === 'SIGKILL') return 'Runtime exited with error: signal: killed';
  if (signal) return `Runtime exited with error: signal: ${signal}`;
  return code
    ? `Runtime exited with error: exit status ${code}`
    : 'Runtime exited without providing a reason';
}
