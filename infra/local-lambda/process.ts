import { type ChildProcess, spawn } from 'node:child_process';
import { basename, extname } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import {
  endLine,
  type Invocation,
  type InvokeMessage,
  isRuntimeMessage,
  type RuntimeMessage,
} from './protocol.ts';

export interface LambdaDescription {
  name: string;
  /** An ES module, as it is deployed; or TypeScript, which takes longer to start. */
  handlerFile: string;
  environment: Record<string, string>;
  timeoutSeconds: number;
}

/** The memory size reported to a function; here, nothing limits it to that. */
export const MEMORY_MEGABYTES = 512;

type Answer<K extends RuntimeMessage['kind']> = Extract<RuntimeMessage, { kind: K }>;
type Exit = { kind: 'exited'; code: number | null; signal: string | null };

/** How one event ended: an answer, a handler that does not load, a dead process, or the time limit. */
export type ProcessOutcome = Answer<'result'> | Answer<'broken'> | Exit | { kind: 'timed-out' };

export interface LambdaProcess {
  pid: number | undefined;
  /** False once the process has ended: the next event needs a new one. */
  alive(): boolean;
  /** Runs one event; the time limit starts when the handler is loaded, as Lambda's does. */
  run(event: Invocation, timeoutSeconds: number): Promise<ProcessOutcome>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended and all its output has been read. */
  ended: Promise<unknown>;
}

const RUNTIME_FILE = fileURLToPath(new URL('./runtime.ts', import.meta.url));
const TASK_ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEFAULT_REGION = 'us-east-1';
const LOCAL_ACCOUNT = '000000000000';

/** Starts the process that one function's events run in. Each line it prints goes to `onOutput`. */
export function startLambdaProcess(
  lambda: LambdaDescription,
  onOutput: (line: string) => void,
): LambdaProcess {
  const loader = extname(lambda.handlerFile) === '.ts' ? ['--import', 'tsx'] : [];
  const runtime = ['--input-type=module', '--eval', runtimeCode()];
  const child = spawn(process.execPath, [...loader, ...runtime, lambda.handlerFile], {
    cwd: TASK_ROOT,
    env: lambdaEnvironment(lambda),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.on('error', (error) => onOutput(String(error)));
  const log = captureLog(child, onOutput);
  const ended = whenEnded(child);
  const loaded = whenLoaded(child);

  return {
    pid: child.pid,
    alive: () => child.exitCode === null && child.signalCode === null && child.connected,
    async run(event, timeoutSeconds) {
      const start = await Promise.race([loaded, ended]);
      if (start.kind !== 'ready') return start;
      const answered = Promise.all([whenAnswered(child, event.requestId), log.complete(event.requestId)]);
      // A process that dies meanwhile fails the send as well: its end is the outcome.
      const message: InvokeMessage = {
        kind: 'invoke',
        deadline: Date.now() + timeoutSeconds * 1000,
        ...event,
      };
      child.send(message, () => {});
      return withTimeLimit(child, timeoutSeconds, Promise.race([answered.then(([result]) => result), ended]));
    },
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

let builtRuntime: string | undefined;

/** The runtime as JavaScript, because a TypeScript loader takes longer to start than an entire bundled handler. */
function runtimeCode(): string {
  builtRuntime ??= buildSync({
    entryPoints: [RUNTIME_FILE],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    write: false,
  }).outputFiles[0]?.text;
  return builtRuntime ?? '';
}

export function lambdaArn(lambda: LambdaDescription): string {
  return `arn:aws:lambda:${lambdaRegion(lambda)}:${LOCAL_ACCOUNT}:function:${lambda.name}`;
}

/**
 * The complete environment of a function's process: what the deployment sets, and what Lambda adds. Nothing is inherited, so
 * a handler that reads a variable that is not deployed fails here, too.
 */
function lambdaEnvironment(lambda: LambdaDescription): Record<string, string> {
  const region = lambdaRegion(lambda);
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MEMORY_MEGABYTES),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${lambda.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local/[$LATEST]',
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    LAMBDA_TASK_ROOT: TASK_ROOT,
    LANG: 'en_US.UTF-8',
    // Lambda runs in UTC whatever the machine's zone; a handler that forgets this must fail here too.
    TZ: ':UTC',
    _HANDLER: `${basename(lambda.handlerFile, extname(lambda.handlerFile))}.handler`,
    ...lambda.environment,
  };
}

async function withTimeLimit(
  child: ChildProcess,
  timeoutSeconds: number,
  outcome: Promise<Answer<'result'> | Exit>,
): Promise<ProcessOutcome> {
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutSeconds * 1000);
  const ending = await outcome;
  clearTimeout(timer);
  return timedOut && ending.kind === 'exited' ? { kind: 'timed-out' } : ending;
}

function whenLoaded(child: ChildProcess): Promise<Answer<'ready' | 'broken'>> {
  return new Promise((resolve) => {
    child.on('message', (message: unknown) => {
      if (isRuntimeMessage(message) && message.kind !== 'result') resolve(message);
    });
  });
}

function whenAnswered(child: ChildProcess, requestId: string): Promise<Answer<'result'>> {
  return new Promise((resolve) => {
    const onMessage = (message: unknown) => {
      if (!isRuntimeMessage(message) || message.kind !== 'result' || message.requestId !== requestId) return;
      child.off('message', onMessage);
      resolve(message);
    };
    child.on('message', onMessage);
  });
}

/** Waits for `close`, not `exit`: the last words of a dying process are still in its pipes at `exit`. */
function whenEnded(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ kind: 'exited', code, signal }));
  });
}

/** Forwards the lines, and reports when both streams have reached the end of an invocation's output. */
function captureLog(child: ChildProcess, onOutput: (line: string) => void) {
  let awaited: { end: string; streams: number; complete: () => void } | undefined;
  const onLine = (line: string) => {
    if (!awaited || !line.endsWith(awaited.end)) return onOutput(line);
    // Output without a final newline comes before the end line on the same line.
    if (line !== awaited.end) onOutput(line.slice(0, -awaited.end.length));
    awaited.streams -= 1;
    if (awaited.streams === 0) awaited.complete();
  };
  for (const stream of [child.stdout, child.stderr]) if (stream) readLines(stream, onLine);

  return {
    complete: (requestId: string) =>
      new Promise<void>((complete) => {
        awaited = { end: endLine(requestId), streams: 2, complete };
      }),
  };
}

/**
 * Calls back with each complete line. Not node:readline, which also ends a line at U+2028, a character
 * that JSON leaves as it is and a file name may hold: one log record would become two broken ones.
 */
function readLines(input: Readable, onLine: (line: string) => void): void {
  let rest = '';
  input.setEncoding('utf8');
  input.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  input.on('end', () => {
    if (rest) onLine(rest);
  });
}

function lambdaRegion(lambda: LambdaDescription): string {
  return lambda.environment.AWS_REGION ?? DEFAULT_REGION;
}
