import type { IncomingHttpHeaders } from 'node:http';

export type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

export interface InvokeRequest {
  functionName: string;
  invocationType: InvocationType;
  wantsLog: boolean;
}

/** An error in the form the Lambda service gives it: the type in a header, the text in the body. */
export type ServiceError = { status: number; type: string; message: string };

const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const ARN = /^(?:arn:[^:]*:lambda:[^:]*:)?(?:\d{12}:)?function:(?<name>[^:]+)(?::(?<qualifier>.+))?$/;
const NAME = /^(?<name>[^:]+)(?::(?<qualifier>.+))?$/;
const MEGABYTE = 1_048_576;

export function isInvokePath(url: URL): boolean {
  return INVOKE_PATH.test(url.pathname);
}

/** Reads the target and the options of an Invoke request; only `$LATEST` exists on this machine. */
export function parseInvokeRequest(url: URL, headers: IncomingHttpHeaders): InvokeRequest | ServiceError {
  const target = decodeURIComponent(INVOKE_PATH.exec(url.pathname)?.[1] ?? '');
  const { name = '', qualifier } = (ARN.exec(target) ?? NAME.exec(target))?.groups ?? {};
  const version = url.searchParams.get('Qualifier') ?? qualifier ?? '$LATEST';
  if (version !== '$LATEST') return notFound(`${name}:${version}`, 'only $LATEST exists here');

  const invocationType = String(headers['x-amz-invocation-type'] ?? 'RequestResponse');
  if (!isInvocationType(invocationType)) {
    const message = `Unknown invocation type "${invocationType}": expected RequestResponse, Event or DryRun.`;
    return { status: 400, type: 'InvalidParameterValueException', message };
  }
  return { functionName: name, invocationType, wantsLog: headers['x-amz-log-type'] === 'Tail' };
}

/** Parses the request body; no body at all is an empty event. */
export function parseEvent(body: Buffer): { event: unknown } | ServiceError {
  if (body.length === 0) return { event: {} };
  try {
    return { event: JSON.parse(body.toString()) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Could not parse request body into json: ${reason}`;
    return { status: 400, type: 'InvalidRequestContentException', message };
  }
}

/** Lambda takes 6 MB for an invocation that is waited for, 1 MB for one that is queued. */
export function payloadLimit(type: InvocationType): number {
  return type === 'Event' ? MEGABYTE : 6 * MEGABYTE;
}

export function tooLarge(bytes: number, type: InvocationType): ServiceError {
  const message = `${bytes} byte payload is too large for the ${type} invocation type (limit ${payloadLimit(type)} bytes)`;
  return { status: 413, type: 'RequestTooLargeException', message };
}

export function notFound(functionName: string, hint: string): ServiceError {
  const message = `Function not found: ${functionName} (${hint})`;
  return { status: 404, type: 'ResourceNotFoundException', message };
}

/**
 * Whether a request may come from outside this machine although the server listens on 127.0.0.1 only: a web
 * page whose name was rebound to 127.0.0.1 (Host), or one that posts across sites (Origin).
 */
export function isForeign(headers: IncomingHttpHeaders): boolean {
  if (!isLoopback(`http://${headers.host ?? ''}`)) return true;
  return headers.origin !== undefined && !isLoopback(headers.origin);
}

function isLoopback(address: string): boolean {
  return URL.canParse(address) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(address).hostname);
}

function isInvocationType(value: string): value is InvocationType {
  return value === 'RequestResponse' || value === 'Event' || value === 'DryRun';
}
