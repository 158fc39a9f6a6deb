/** One event for the function: `payload` is JSON text. */
export interface Invocation {
  requestId: string;
  functionArn: string;
  payload: string;
  /** What the caller says about itself, as it was sent: any JSON. */
  clientContext?: unknown;
}

/** What the function's process is asked to do. `deadline` is in epoch milliseconds. */
export interface InvokeMessage extends Invocation {
  kind: 'invoke';
  deadline: number;
}

/** What the function's process answers. A `broken` process could not load its handler and exits. */
export type RuntimeMessage =
  | { kind: 'ready' }
  | { kind: 'broken'; payload: string }
  | {
      kind: 'result';
      requestId: string;
      payload: string;
      functionError?: 'Unhandled';
      maxMemoryMegabytes: number;
    };

/** The payload that Lambda returns for a failed invocation. */
export type ErrorPayload = { errorType: string; errorMessage: string; trace?: string[] };

export function isInvokeMessage(message: unknown): message is InvokeMessage {
  return kindOf(message) === 'invoke';
}

export function isRuntimeMessage(message: unknown): message is RuntimeMessage {
  return ['ready', 'broken', 'result'].includes(kindOf(message));
}

/** Ends an invocation's output: a line of Lambda's log, and the sign that nothing more will be printed. */
export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}`;
}

function kindOf(message: unknown): string {
  return typeof message === 'object' && message !== null && 'kind' in message ? String(message.kind) : '';
}
