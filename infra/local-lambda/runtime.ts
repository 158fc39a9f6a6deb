/** The process of one function: loads the handler, then runs the events its parent sends, one at a time. */
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import {
  type ErrorPayload,
  endLine,
  type InvokeMessage,
  isInvokeMessage,
  type RuntimeMessage,
} from './protocol.ts';

type Handler = (event: unknown, context: Context) => unknown;

/** Lambda's limit on a synchronous response: 6 MB and 100 bytes. */
const RESPONSE_LIMIT_BYTES = 6_291_556;

// Kept from the start: a handler may replace the streams' write functions, and the end of its log must arrive.
const outputs = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));

// Ctrl-C reaches every process of the terminal's foreground group; the parent decides when to stop.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit(0));

const handler = await loadHandler(process.argv[1] ?? '').catch(giveUp);
process.on('message', (message: unknown) => {
  if (isInvokeMessage(message)) void runEvent(message);
});
answer({ kind: 'ready' });

async function loadHandler(file: string): Promise<Handler> {
  const module: { handler?: unknown } = await import(pathToFileURL(file).href);
  if (typeof module.handler !== 'function') throw new Error(`${file} exports no function named "handler".`);
  return module.handler as Handler;
}

async function giveUp(error: unknown): Promise<never> {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  const message: RuntimeMessage = { kind: 'broken', payload: JSON.stringify(thrownError(error)) };
  await new Promise((sent) => process.send?.(message, sent));
  process.exit(1);
}

async function runEvent(message: InvokeMessage): Promise<void> {
  const outcome = await outcomeOf(message);
  // Pipes and this channel have no common order: with the end line, the parent knows that it has read everything that this
  // invocation printed.
  for (const write of outputs) write(`${endLine(message.requestId)}\n`);
  answer({ kind: 'result', requestId: message.requestId, maxMemoryMegabytes: maxMemory(), ...outcome });
}

async function outcomeOf(message: InvokeMessage): Promise<{ payload: string; functionError?: 'Unhandled' }> {
  try {
    const returned = await handler(JSON.parse(message.payload), contextFor(message));
    const payload = JSON.stringify(returned) ?? 'null';
    if (Buffer.byteLength(payload) <= RESPONSE_LIMIT_BYTES) return { payload };
    return { payload: JSON.stringify(responseTooLarge()), functionError: 'Unhandled' };
  } catch (error) {
    const payload = JSON.stringify(thrownError(error));
    process.stderr.write(
      `${new Date().toISOString()}\t${message.requestId}\tERROR\tInvoke Error\t${payload}\n`,
    );
    return { payload, functionError: 'Unhandled' };
  }
}

/** What the Node.js runtime returns for anything a handler throws. */
function thrownError(thrown: unknown): ErrorPayload {
  if (!(thrown instanceof Error)) {
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  }
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split('\n') ?? [] };
}

function responseTooLarge(): ErrorPayload {
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT_BYTES} bytes).`,
  };
}

function contextFor(message: InvokeMessage): Context {
  const legacy = () => {
    throw new Error('The Node.js 24 runtime has no callbacks: return a promise.');
  };
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment('AWS_LAMBDA_FUNCTION_NAME'),
    functionVersion: environment('AWS_LAMBDA_FUNCTION_VERSION'),
    invokedFunctionArn: message.functionArn,
    memoryLimitInMB: environment('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'),
    awsRequestId: message.requestId,
    // Node's runtime hands it over as it was sent.
    ...(message.clientContext !== undefined && {
      clientContext: message.clientContext as Context['clientContext'],
    }),
    logGroupName: environment('AWS_LAMBDA_LOG_GROUP_NAME'),
    logStreamName: environment('AWS_LAMBDA_LOG_STREAM_NAME'),
    getRemainingTimeInMillis: () => Math.max(0, message.deadline - Date.now()),
    done: legacy,
    fail: legacy,
    succeed: legacy,
  };
}

function environment(name: string): string {
  return process.env[name] ?? '';
}

function maxMemory(): number {
  return Math.ceil(process.resourceUsage().maxRSS / 1024);
}

function answer(message: RuntimeMessage): void {
  process.send?.(message);
}
