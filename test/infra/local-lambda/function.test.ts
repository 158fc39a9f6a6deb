import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type LambdaFunction, startLambdaFunction } from '../../../infra/local-lambda/function.ts';

const HANDLER = fileURLToPath(new URL('../../fixtures/lambda-handler.ts', import.meta.url));
const BROKEN = fileURLToPath(new URL('../../fixtures/broken-handler.ts', import.meta.url));

const lines: string[] = [];
const started: LambdaFunction[] = [];
const lambda = start({});

function start(options: { handlerFile?: string; timeoutSeconds?: number }): LambdaFunction {
  const lambda = startLambdaFunction({
    name: 'test-function',
    handlerFile: HANDLER,
    environment: { AWS_REGION: 'eu-west-1', TRACKING_TABLE: 'tracking' },
    timeoutSeconds: 30,
    onOutput: (line) => lines.push(line),
    ...options,
  });
  started.push(lambda);
  return lambda;
}

afterAll(() => Promise.all(started.map((lambda) => lambda.stop())));

describe('an invocation', () => {
  test('returns what the handler returns', async () => {
    const result = await lambda.invoke({ operation: 'get_stats', names: ['a+b', 'ü'] });
    expect(result.payload).toEqual({ operation: 'get_stats', names: ['a+b', 'ü'] });
    expect(result.functionError).toBeUndefined();
  });

  test('without an event gives the handler an empty object; without a return value the payload is null', async () => {
    expect((await lambda.invoke(undefined)).payload).toEqual({});
    expect((await lambda.invoke({ do: 'nothing' })).payload).toBeNull();
  });

  test('gives the handler a context with its own request id and the time that remains', async () => {
    const { payload, requestId } = await lambda.invoke({ do: 'context' });
    expect(payload).toMatchObject({
      awsRequestId: requestId,
      functionName: 'test-function',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:test-function',
      memoryLimitInMB: '512',
    });
    expect(payload).toHaveProperty('remaining', expect.closeTo(30_000, -4));
  });

  test('sees only the environment that is deployed', async () => {
    process.env.NOT_DEPLOYED = 'yes';
    const { payload } = await lambda.invoke({ do: 'environment' });
    expect(payload).toMatchObject({
      TRACKING_TABLE: 'tracking',
      AWS_LAMBDA_FUNCTION_NAME: 'test-function',
      TZ: ':UTC',
    });
    expect(payload).not.toHaveProperty('NOT_DEPLOYED');
    expect(payload).not.toHaveProperty('PATH');
  });

  test('waits for the one before it', async () => {
    const results = await Promise.all([1, 2, 3].map(() => lambda.invoke({ do: 'sleep', seconds: 0.02 })));
    expect(results.map(({ payload }) => payload)).toEqual(Array(3).fill({ running: 1, pid: lambda.pid() }));
  });
});

describe('the log', () => {
  test('has every line of both streams, framed as Lambda frames them', async () => {
    lines.length = 0;
    const { requestId, logTail } = await lambda.invoke({ do: 'print', text: '{"_aws":{"name":"a\u2028b"}}' });
    expect(lines).toContain('{"_aws":{"name":"a\u2028b"}}');
    expect(lines).toContain('to stderr');
    expect(lines).toContain('no final newline');
    expect(lines.at(0)).toBe(`START RequestId: ${requestId} Version: $LATEST`);
    expect(lines.at(-2)).toBe(`END RequestId: ${requestId}`);
    expect(lines.at(-1)).toMatch(/^REPORT RequestId: .*\tMemory Size: 512 MB\tMax Memory Used: \d+ MB$/);
    expect(logTail).toBe(`${lines.join('\n')}\n`);
  });

  test('tail is the last 4 KB, and complete, regardless of how much was printed', async () => {
    const { logTail, requestId } = await lambda.invoke({ do: 'print', text: 'x'.repeat(300_000) });
    expect(Buffer.byteLength(logTail)).toBe(4096);
    expect(logTail).toContain(`END RequestId: ${requestId}`);
  });
});

describe('a failure', () => {
  test('thrown by the handler is a function error with its type, message and trace', async () => {
    const result = await lambda.invoke({ do: 'throw' });
    expect(result.functionError).toBe('Unhandled');
    expect(result.payload).toMatchObject({ errorType: 'RangeError', errorMessage: 'too many files' });
    expect(result.payload).toHaveProperty('trace[0]', 'RangeError: too many files');
    expect(result.logTail).toContain('Invoke Error');
  });

  test('by a response above 6 MB is a function error', async () => {
    const { payload, functionError } = await lambda.invoke({ do: 'fill', bytes: 6_300_000 });
    expect(functionError).toBe('Unhandled');
    expect(payload).toHaveProperty('errorType', 'Function.ResponseSizeTooLarge');
  });

  test('by process.exit fails the event in flight, and the next one runs in a new process', async () => {
    const { payload, functionError, requestId } = await lambda.invoke({ do: 'exit' });
    expect(functionError).toBe('Unhandled');
    expect(payload).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 3`,
    });
    expect((await lambda.invoke({ again: true })).payload).toEqual({ again: true });
  });

  test('by kill -9 fails the event in flight, and the next one runs in a new process', async () => {
    const inFlight = lambda.invoke({ do: 'sleep', seconds: 20 });
    await setTimeout(100);
    const killed = lambda.pid();
    lambda.kill('SIGKILL');
    expect((await inFlight).payload).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringContaining('signal: killed'),
    });
    await lambda.invoke({});
    expect(lambda.pid()).not.toBe(killed);
  });

  test('by the time limit is reported in the words of Lambda', async () => {
    const slow = start({ timeoutSeconds: 0.3 });
    const { payload, functionError, requestId, logTail } = await slow.invoke({ do: 'sleep', seconds: 20 });
    expect(functionError).toBe('Unhandled');
    expect(payload).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 0.30 seconds`,
    });
    expect(logTail).toContain(`${requestId} Task timed out after 0.30 seconds`);
  });

  test('to load the handler is returned as the result of the invocation', async () => {
    const { payload, functionError } = await start({ handlerFile: BROKEN }).invoke({});
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({ errorType: 'Error', errorMessage: 'no table name in the environment' });
  });
});

describe('the process', () => {
  test('ignores Ctrl-C, which the whole terminal group receives', async () => {
    const inFlight = lambda.invoke({ do: 'sleep', seconds: 0.3 });
    await setTimeout(50);
    lambda.kill('SIGINT');
    expect((await inFlight).functionError).toBeUndefined();
  });

  test('is gone after stop, which lets the event in flight finish and refuses the next', async () => {
    const stopping = start({});
    await stopping.invoke({});
    const inFlight = stopping.invoke({ do: 'sleep', seconds: 0.2 });
    await setTimeout(50);
    const pid = stopping.pid() ?? 0;
    await stopping.stop();
    expect((await inFlight).payload).toHaveProperty('running', 1);
    expect(isRunning(pid)).toBe(false);
    await expect(stopping.invoke({})).rejects.toThrow('Function test-function has been stopped.');
  });

  test('dies with the process that started it', async () => {
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PARENT]);
    const [pid] = await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(Number(pid))).toBe(false);
  });
});

const PARENT = `
  import { startLambdaFunction } from './infra/local-lambda/function.ts';
  const lambda = startLambdaFunction({
    name: 'orphan', handlerFile: ${JSON.stringify(HANDLER)}, environment: {}, timeoutSeconds: 60, onOutput() {},
  });
  await lambda.invoke({});
  void lambda.invoke({ do: 'sleep', seconds: 60 });
  console.log(lambda.pid());
`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
