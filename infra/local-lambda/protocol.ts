/** What the function's process is asked to do. `deadline` is in epoch milliseconds, `payload` is JSON text. */
export interface InvokeMessage {
  kind: 'invoke';
  requestId: string;
  functionArn: string;
  deadline: number;
  payload: string;
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

export function isInvokeMessage(message: unknown): message is InvokeMessage {
  return kindOf(message) === 'invoke';
}

export function isRuntimeMessage(message: unknown): message is RuntimeMessage {
  return ['ready', 'broken', 'result'].includes(kindOf(message));
}

function kindOf(message: unknown): string {
  return typeof message === 'object' && message !== null && 'kind' in message ? String(message.kind) : '';
}
