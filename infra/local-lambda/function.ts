import { randomUUID } from 'node:crypto';
import {
  type LambdaDescription,
  type LambdaProcess,
  lambdaArn,
  MEMORY_MEGABYTES,
  type ProcessOutcome,
  startLambdaProcess,
} from './process.ts';
import { type ErrorPayload, endLine } from './protocol.ts';

export interface InvocationResult {
  requestId: string;
  /** The handler's return value, or Lambda's error object when `functionError` is set. */
  payload: unknown;
  functionError?: 'Unhandled';
  /** The last 4 KB of this invocation's log. */
  logTail: string;
}

export interface LambdaFunction {
  name: string;
  arn: string;
  /**
   * Runs the handler. Its failures are results; it rejects only when the function has been stopped.
   *
   * @param clientContext what the caller says about itself
   */
  invoke(event: unknown, clientContext?: unknown): Promise<InvocationResult>;
  /** The process that holds the handler; undefined before the first event and after a death. */
  pid(): number | undefined;
  kill(signal: NodeJS.Signals): void;
  /** Lets the event in flight finish, refuses the rest, and ends the process. */
  stop(): Promise<void>;
}

export type LambdaOptions = LambdaDescription & {
  /** Every line of the function's log, as CloudWatch Logs would receive them. */
  onOutput(line: string): void;
};

/** Lambda returns the last 4 KB of an invocation's log for `LogType: Tail`. */
const TAIL_BYTES = 4096;

/**
 * Runs a deployed handler on this machine as Lambda does: in its own process, with its own environment, one
 * event at a time. The process starts at the first event and is replaced after it has died.
 */
export function startLambdaFunction(options: LambdaOptions): LambdaFunction {
  let runtime: LambdaProcess | undefined;
  let lastTurn: Promise<unknown> = Promise.resolve();
  let stopped = false;
  let tail = createLogTail();

  const log = (line: string) => {
    tail.add(line);
    options.onOutput(line);
  };
  const runningProcess = () => {
    if (!runtime?.alive()) runtime = startLambdaProcess(options, log);
    return runtime;
  };

  async function runEvent(event: unknown, clientContext: unknown): Promise<InvocationResult> {
    if (stopped) throw new Error(`Function ${options.name} has been stopped.`);
    const requestId = randomUUID();
    tail = createLogTail();
    log(`START RequestId: ${requestId} Version: $LATEST`);
    const started = performance.now();
    const outcome = await runningProcess().run(
      { requestId, functionArn: lambdaArn(options), payload: JSON.stringify(event ?? {}), clientContext },
      options.timeoutSeconds,
    );
    if (outcome.kind === 'timed-out') log(`${requestId} ${timeoutMessage(options.timeoutSeconds)}`);
    log(endLine(requestId));
    log(reportLine(requestId, performance.now() - started, outcome));
    return { requestId, ...resultOf(outcome, requestId, options.timeoutSeconds), logTail: tail.text() };
  }

  return {
    name: options.name,
    arn: lambdaArn(options),
    invoke(event, clientContext) {
      const turn = lastTurn.then(() => runEvent(event, clientContext));
      lastTurn = turn.catch(() => {});
      return turn;
    },
    pid: () => (runtime?.alive() ? runtime.pid : undefined),
    kill: (signal) => runtime?.kill(signal),
    async stop() {
      stopped = true;
      await lastTurn;
      // Nothing is in flight, and Lambda does not let a function clean up either.
      runtime?.kill('SIGKILL');
      await runtime?.ended;
    },
  };
}

function resultOf(
  outcome: ProcessOutcome,
  requestId: string,
  timeoutSeconds: number,
): Pick<InvocationResult, 'payload' | 'functionError'> {
  switch (outcome.kind) {
    case 'result':
      return { payload: JSON.parse(outcome.payload), functionError: outcome.functionError };
    case 'broken':
      return { payload: JSON.parse(outcome.payload), functionError: 'Unhandled' };
    case 'timed-out':
      return { payload: timeoutError(requestId, timeoutSeconds), functionError: 'Unhandled' };
    case 'exited':
      return { payload: exitError(requestId, outcome.code, outcome.signal), functionError: 'Unhandled' };
  }
}

function reportLine(requestId: string, milliseconds: number, outcome: ProcessOutcome): string {
  return [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${milliseconds.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(milliseconds)} ms`,
    `Memory Size: ${MEMORY_MEGABYTES} MB`,
    `Max Memory Used: ${outcome.kind === 'result' ? outcome.maxMemoryMegabytes : 0} MB`,
  ].join('\t');
}

function createLogTail(): { add(line: string): void; text(): string } {
  let kept = Buffer.alloc(0);
  return {
    add(line) {
      kept = Buffer.concat([kept, Buffer.from(`${line}\n`)]).subarray(-TAIL_BYTES);
    },
    text: () => kept.toString(),
  };
}

function timeoutError(requestId: string, timeoutSeconds: number): ErrorPayload {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: ${timeoutMessage(timeoutSeconds)}`,
  };
}

function timeoutMessage(timeoutSeconds: number): string {
  return `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
}

/** For a process that ended without an answer: killed, crashed, or `process.exit` in the handler. */
function exitError(requestId: string, code: number | null, signal: string | null): ErrorPayload {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: ${exitReason(code, signal)}`,
  };
}

function exitReason(code: number | null, signal: string | null): string {
  if (signal === 'SIGKILL') return 'Runtime exited with error: signal: killed';
  if (signal) return `Runtime exited with error: signal: ${signal}`;
  return code
    ? `Runtime exited with error: exit status ${code}`
    : 'Runtime exited without providing a reason';
}
