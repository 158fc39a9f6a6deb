import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { isForeign, refusalText } from '../../shared/aws/loopback-guard.ts';
import type { InvocationResult } from './function.ts';

/** What can be invoked: a started function, or anything that answers like one. */
export interface Invocable {
  name: string;
  invoke(event: unknown, clientContext?: unknown): Promise<InvocationResult>;
}

export interface InvokeApiOptions {
  /** 0 takes a free port. */
  port: number;
  functions: readonly Invocable[];
  /** The event source mappings, for callers that ask for their state. */
  mappings?: readonly MappingAnswer[];
  /** Answers every request that is not an invocation. */
  fallback?(request: IncomingMessage, response: ServerResponse): void | Promise<void>;
}

/** The part of GetEventSourceMapping's answer that is used here. */
export interface MappingAnswer {
  readonly UUID: string;
  readonly State: string;
  readonly EventSourceArn: string;
  readonly LastProcessingResult: string;
}

export type InvokeApi = { url: string; close(): Promise<void> };

type InvocationType = 'RequestResponse' | 'Event' | 'DryRun';

interface InvokeRequest {
  functionName: string;
  invocationType: InvocationType;
  wantsLog: boolean;
  /** What the caller says about itself; only a synchronous invocation passes it on. */
  clientContext?: unknown;
}

/** An error in the form the Lambda service gives it: the type in a header, the text in the body. */
type ServiceError = { status: number; type: string; message: string };

const MAPPING_PATH = /^\/2015-03-31\/event-source-mappings\/([^/]+)\/?$/;
const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const ARN = /^(?:arn:[^:]*:lambda:[^:]*:)?(?:\d{12}:)?function:(?<name>[^:]+)(?::(?<qualifier>.+))?$/;
const NAME = /^(?<name>[^:]+)(?::(?<qualifier>.+))?$/;
const MEGABYTE = 1_048_576;

/**
 * The Lambda Invoke API on 127.0.0.1, for the AWS CLI and every SDK (`--endpoint-url`), with the state of mappings. Signatures
 * are not checked; requests that a web page could have caused are refused. Rejects if the port is taken.
 */
export async function startInvokeApi(options: InvokeApiOptions): Promise<InvokeApi> {
  const server = createServer((request, response) => void respond(options, request, response));
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : options.port;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}

async function respond(
  options: InvokeApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (isForeign(request)) {
      const message = refusalText(request.headers);
      sendError(response, { status: 403, type: 'AccessDeniedException', message });
    } else if (isInvokePath(url) && request.method === 'POST') {
      await answerInvocation(options.functions, url, request, response);
    } else if (MAPPING_PATH.test(url.pathname) && request.method === 'GET') {
      answerMapping(options.mappings ?? [], url, response);
    } else if (options.fallback) {
      await options.fallback(request, response);
    } else {
      sendError(response, {
        status: 404,
        type: 'ResourceNotFoundException',
        message: `No ${url.pathname} here.`,
      });
    }
  } catch (error) {
    sendError(response, { status: 500, type: 'ServiceException', message: String(error) });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
function answerMapping(mappings: readonly MappingAnswer[], url: URL, response: ServerResponse): void {
  const id = MAPPING_PATH.exec(url.pathname)?.[1];
  const found = mappings.find(({ UUID }) => UUID === id);
  const message = 'The resource you requested does not exist.';
  if (found) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
  else sendError(response, { status: 404, type: 'ResourceNotFoundException', message });
}

async function answerInvocation(
  functions: readonly Invocable[],
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const invocation = parseInvokeRequest(url, request.headers);
  if ('status' in invocation) return sendError(response, invocation);
  const target = functions.find(({ name }) => name === invocation.functionName);
  if (!target) {
    const names = functions.map(({ name }) => name).join(', ');
    return sendError(response, notFound(invocation.functionName, `functions here: ${names || 'none'}`));
  }
  const body = await readBody(request, invocation.invocationType);
  if ('status' in body) return sendError(response, body);
  const parsed = parseEvent(body);
  if ('status' in parsed) return sendError(response, parsed);
  await invoke(target, invocation, parsed.event, response);
}

async function invoke(
  target: Invocable,
  { invocationType, wantsLog, clientContext }: InvokeRequest,
  event: unknown,
  response: ServerResponse,
): Promise<void> {
  if (invocationType === 'DryRun') return void response.writeHead(204).end();
  const isQueued = invocationType === 'Event';
  const invoked = isQueued ? target.invoke(event) : target.invoke(event, clientContext);
  if (isQueued) {
    // Nobody waits for the outcome; the function's own log has it.
    invoked.catch(() => {});
    return void response.writeHead(202, { 'x-amzn-RequestId': randomUUID() }).end();
  }
  const result = await invoked;
  response.writeHead(200, {
    'content-type': 'application/json',
    'x-amzn-RequestId': result.requestId,
    'X-Amz-Executed-Version': '$LATEST',
    ...(result.functionError && { 'X-Amz-Function-Error': result.functionError }),
    ...(wantsLog && { 'X-Amz-Log-Result': Buffer.from(result.logTail).toString('base64') }),
  });
  response.end(JSON.stringify(result.payload));
}

/** Reads even too large a body to its end; otherwise the client sees a broken connection, not the reason. */
async function readBody(request: IncomingMessage, type: InvocationType): Promise<Buffer | ServiceError> {
  const limit = payloadLimit(type);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
  }
  return bytes > limit ? tooLarge(bytes, type) : Buffer.concat(chunks);
}

function sendError(response: ServerResponse, error: ServiceError): void {
  if (response.headersSent) return void response.end();
  response.writeHead(error.status, {
    'content-type': 'application/json',
    'x-amzn-errortype': error.type,
    'x-amzn-RequestId': randomUUID(),
    // The rest of a request that was refused unread must not be taken for the next one.
    ...(error.status === 403 && { connection: 'close' }),
  });
  const key =
    error.type === 'ResourceNotFoundException' || error.type === 'ServiceException' ? 'Message' : 'message';
  response.end(JSON.stringify({ Type: error.status < 500 ? 'User' : 'Service', [key]: error.message }));
}

function isInvokePath(url: URL): boolean {
  return INVOKE_PATH.test(url.pathname);
}

/** Reads the target and the options of an Invoke request; only `$LATEST` exists on this machine. */
function parseInvokeRequest(url: URL, headers: IncomingHttpHeaders): InvokeRequest | ServiceError {
  const target = decodeURIComponent(INVOKE_PATH.exec(url.pathname)?.[1] ?? '');
  const { name = '', qualifier } = (ARN.exec(target) ?? NAME.exec(target))?.groups ?? {};
  const version = url.searchParams.get('Qualifier') ?? qualifier ?? '$LATEST';
  if (version !== '$LATEST') return notFound(`${name}:${version}`, 'only $LATEST exists here');

  const invocationType = String(headers['x-amz-invocation-type'] ?? 'RequestResponse');
  if (!isInvocationType(invocationType)) {
    const message = `Unknown invocation type "${invocationType}": expected RequestResponse, Event or DryRun.`;
    return { status: 400, type: 'InvalidParameterValueException', message };
  }
  const stated = readClientContext(headers['x-amz-client-context']);
  if ('status' in stated) return stated;
  return { functionName: name, invocationType, wantsLog: headers['x-amz-log-type'] === 'Tail', ...stated };
}

// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
const MOST_CONTEXT_BYTES = 3_583;

function readClientContext(
  header: string | string[] | undefined,
): { readonly clientContext?: unknown } | ServiceError {
  if (header === undefined) return {};
  const text = String(header);
  const type = 'InvalidRequestContentException';
  if (text.length > MOST_CONTEXT_BYTES) {
    const message = `Client context must be at most ${MOST_CONTEXT_BYTES} bytes when base64-encoded.`;
    return { status: 400, type, message };
  }
  try {
    return { clientContext: JSON.parse(Buffer.from(text, 'base64').toString()) };
  } catch {
    return { status: 400, type, message: 'Client context must be a valid Base64-encoded JSON object.' };
  }
}

/** Parses the request body; no body at all is an empty event. */
function parseEvent(body: Buffer): { event: unknown } | ServiceError {
  if (body.length === 0) return { event: {} };
  try {
    return { event: JSON.parse(body.toString()) };
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as SyntaxError).message}`;
    return { status: 400, type: 'InvalidRequestContentException', message };
  }
}

/** Lambda accepts 6 MB for a synchronous invocation, 1 MB for a queued one. */
function payloadLimit(type: InvocationType): number {
  return type === 'Event' ? MEGABYTE : 6 * MEGABYTE;
}

function tooLarge(bytes: number, type: InvocationType): ServiceError {
  const message = `${bytes} byte payload is too large for the ${type} invocation type (limit ${payloadLimit(type)} bytes)`;
  return { status: 413, type: 'RequestTooLargeException', message };
}

function notFound(functionName: string, hint: string): ServiceError {
  const message = `Function not found: ${functionName} (${hint})`;
  return { status: 404, type: 'ResourceNotFoundException', message };
}

function isInvocationType(value: string): value is InvocationType {
  return value === 'RequestResponse' || value === 'Event' || value === 'DryRun';
}
