import { randomUUID } from 'node:crypto';
import { type LambdaDescription, lambdaArn, lambdaMemory } from './environment.ts';
import { exitError, timeoutError, timeoutMessage } from './errors.ts';
import { createLogTail, endLine, type LogTail, reportLine, startLine } from './log.ts';
import { type LambdaProcess, type ProcessOutcome, startLambdaProcess } from './process.ts';

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
  /** Runs the handler. Its failures are results; it rejects only when the function has been stopped. */
  invoke(event: unknown): Promise<InvocationResult>;
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

/**
 * Runs a deployed handler on this machine as Lambda does: in its own process, with its own environment, one
 * event at a time. The process starts at the first event and is replaced after it has died.
 */
export function startLambdaFunction(options: LambdaOptions): LambdaFunction {
  let runtime: LambdaProcess | undefined;
  let lastTurn: Promise<unknown> = Promise.resolve();
  let stopped = false;
  let tail: LogTail = createLogTail();

  const log = (line: string) => {
    tail.add(line);
    options.onOutput(line);
  };
  const runningProcess = () => {
    if (!runtime?.alive()) runtime = startLambdaProcess(options, log);
    return runtime;
  };

  async function runEvent(event: unknown): Promise<InvocationResult> {
    if (stopped) throw new Error(`Function ${options.name} has been stopped.`);
    const requestId = randomUUID();
    tail = createLogTail();
    log(startLine(requestId));
    const started = performance.now();
    const outcome = await runningProcess().run(
      { requestId, functionArn: lambdaArn(options), payload: JSON.stringify(event ?? {}) },
      options.timeoutSeconds,
    );
    if (outcome.kind === 'timed-out') log(`${requestId} ${timeoutMessage(options.timeoutSeconds)}`);
    log(endLine(requestId));
    log(report(options, requestId, performance.now() - started, outcome));
    return { requestId, ...resultOf(outcome, requestId, options.timeoutSeconds), logTail: tail.text() };
  }

  return {
    name: options.name,
    arn: lambdaArn(options),
    invoke(event) {
      const turn = lastTurn.then(() => runEvent(event));
      lastTurn = turn.catch(() => {});
      return turn;
    },
    pid: () => (runtime?.alive() ? runtime.pid : undefined),
    kill: (signal) => runtime?.kill(signal),
    async stop() {
      stopped = true;
      await lastTurn;
      // Nothing is in flight, and Lambda gives a function no last word either.
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

function report(
  options: LambdaOptions,
  requestId: string,
  milliseconds: number,
  outcome: ProcessOutcome,
): string {
  return reportLine({
    requestId,
    milliseconds,
    memoryMegabytes: lambdaMemory(options),
    maxMemoryMegabytes: outcome.kind === 'result' ? outcome.maxMemoryMegabytes : 0,
  });
}
