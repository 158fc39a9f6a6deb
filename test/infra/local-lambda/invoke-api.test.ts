import { request } from 'node:http';
import {
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  type LambdaServiceException,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InvocationResult } from '../../../infra/local-lambda/function.ts';
import { type InvokeApi, startInvokeApi } from '../../../infra/local-lambda/invoke-api.ts';
import { isForeign } from '../../../shared/aws/loopback-guard.ts';

const NAME = 'ndjson-parquet-state-management-local';

const MAPPING = { UUID: 'm', State: 'Enabled', EventSourceArn: 'a', LastProcessingResult: 'OK' };

let api: InvokeApi;
let lambda: LambdaClient;
let events: unknown[] = [];
let contexts: unknown[] = [];

beforeAll(async () => {
  api = await startInvokeApi({
    port: 0,
    functions: [{ name: NAME, invoke: answer }],
    mappings: [MAPPING],
    fallback: (_request, response) => void response.end('the page'),
  });
  lambda = new LambdaClient({
    endpoint: api.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
});

beforeEach(() => {
  events = [];
  contexts = [];
});

afterAll(async () => {
  lambda.destroy();
  await api.close();
});

async function answer(event: unknown, clientContext?: unknown): Promise<InvocationResult> {
  events.push(event);
  if (clientContext !== undefined) contexts.push(clientContext);
  const failed = typeof event === 'object' && event !== null && 'fail' in event;
  return {
    requestId: 'request-1',
    payload: failed ? { errorType: 'Error', errorMessage: 'no' } : { total: 3 },
    functionError: failed ? 'Unhandled' : undefined,
    logTail: 'START\nüber\nEND\n',
  };
}

describe('an SDK client', () => {
  test('passes on what it says about itself, where it waits for the answer', async () => {
    const said = { custom: { actor: 'alice' } };
    const ClientContext = Buffer.from(JSON.stringify(said)).toString('base64');
    for (const InvocationType of ['RequestResponse', 'Event'] as const)
      await lambda.send(
        new InvokeCommand({ FunctionName: NAME, ClientContext, InvocationType, Payload: '{}' }),
      );
    expect({ events, contexts }).toEqual({ events: [{}, {}], contexts: [said] });
  });

  test.each(['no json', 'eyJ9'.repeat(900)])(
    'is refused with a client context that is none',
    async (ClientContext) => {
      await expect(
        lambda.send(new InvokeCommand({ FunctionName: NAME, ClientContext })),
      ).rejects.toMatchObject({
        name: 'InvalidRequestContentException',
        message: expect.stringContaining('Client context must be'),
      });
      expect(events).toEqual([]);
    },
  );

  test('gets the payload and the executed version', async () => {
    const response = await lambda.send(
      new InvokeCommand({ FunctionName: NAME, Payload: '{"operation":"get_stats"}' }),
    );
    expect(events).toEqual([{ operation: 'get_stats' }]);
    expect(response).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(response.Payload?.transformToString()).toBe('{"total":3}');
    expect(response.FunctionError).toBeUndefined();
    expect(response.LogResult).toBeUndefined();
  });

  test('may name the function by its ARN, and send no payload', async () => {
    const arn = `arn:aws:lambda:us-east-1:000000000000:function:${NAME}`;
    for (const FunctionName of [arn, `000000000000:function:${NAME}`, `${NAME}:$LATEST`]) {
      expect(await lambda.send(new InvokeCommand({ FunctionName }))).toHaveProperty('StatusCode', 200);
    }
    expect(events).toEqual([{}, {}, {}]);
  });

  test('gets a function error as a header on a success, and the log when it asks for it', async () => {
    const response = await lambda.send(
      new InvokeCommand({ FunctionName: NAME, Payload: '{"fail":1}', LogType: 'Tail' }),
    );
    expect(response.FunctionError).toBe('Unhandled');
    expect(response.Payload?.transformToString()).toBe('{"errorType":"Error","errorMessage":"no"}');
    expect(Buffer.from(response.LogResult ?? '', 'base64').toString()).toBe('START\nüber\nEND\n');
  });

  test('gets 202 for an event and 204 for a dry run, which does not run the function', async () => {
    const event = new InvokeCommand({ FunctionName: NAME, InvocationType: 'Event', Payload: '{"later":1}' });
    expect(await lambda.send(event)).toHaveProperty('StatusCode', 202);
    const dryRun = new InvokeCommand({ FunctionName: NAME, InvocationType: 'DryRun', Payload: '{}' });
    expect(await lambda.send(dryRun)).toHaveProperty('StatusCode', 204);
    expect(events).toEqual([{ later: 1 }]);
  });

  test('learns which functions exist when it names another', async () => {
    expect(await errorOf({ FunctionName: 'nothing' })).toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: nothing (functions here: ${NAME})`,
      $metadata: { httpStatusCode: 404 },
    });
    expect(await errorOf({ FunctionName: NAME, Qualifier: '7' })).toHaveProperty(
      'message',
      `Function not found: ${NAME}:7 (only $LATEST exists here)`,
    );
  });

  test('gets an error if its payload is not JSON, or above the limit', async () => {
    expect(await errorOf({ FunctionName: NAME, Payload: '{operation: get_stats}' })).toMatchObject({
      name: 'InvalidRequestContentException',
      message: expect.stringContaining('Could not parse request body into json'),
      $metadata: { httpStatusCode: 400 },
    });
    expect(await errorOf({ FunctionName: NAME, Payload: `"${'x'.repeat(6_291_455)}"` })).toMatchObject({
      name: 'RequestTooLargeException',
      message: expect.stringContaining('6291457 byte payload is too large'),
      $metadata: { httpStatusCode: 413 },
    });
    expect(events).toEqual([]);
  });
});

describe('the server', () => {
  test('hands everything else to the fallback', async () => {
    expect(await (await fetch(`${api.url}/?date=2026-11-23`)).text()).toBe('the page');
  });

  test('refuses a page of another site, and a foreign name bound to this address', async () => {
    expect(await post({ origin: 'https://example.com' })).toBe(403);
    expect(await post({ origin: 'null' })).toBe(403);
    expect(await post({ host: 'rebound.example.com:4800' })).toBe(403);
    expect(events).toEqual([]);
    expect(await post({ origin: 'http://localhost:4800', host: 'localhost:4800' })).toBe(200);
  });

  test('refuses a page of another port of this machine, and what a browser calls cross-site', async () => {
    expect(await post({ origin: 'http://127.0.0.1:1' })).toBe(403);
    for (const site of ['cross-site', 'same-site']) expect(await post({ 'sec-fetch-site': site })).toBe(403);
    expect(events).toEqual([]);
    expect(await post({ 'sec-fetch-site': 'same-origin', origin: api.url })).toBe(200);
  });

  test('lets a link from another page be followed, but not drawn within it', async () => {
    const link = { host: '127.0.0.1:4800', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const followed = { ...link, 'sec-fetch-dest': 'document' };
    expect(isForeign({ method: 'GET', headers: { ...link, 'sec-fetch-dest': 'iframe' } })).toBe(true);
    expect(isForeign({ method: 'GET', headers: followed })).toBe(false);
    expect(isForeign({ method: 'POST', headers: followed })).toBe(true);
  });

  test('says that its port is taken', async () => {
    const port = Number(new URL(api.url).port);
    await expect(startInvokeApi({ port, functions: [] })).rejects.toThrow('EADDRINUSE');
  });
});

async function errorOf(
  input: ConstructorParameters<typeof InvokeCommand>[0],
): Promise<LambdaServiceException> {
  return lambda.send(new InvokeCommand(input)).then(
    () => expect.unreachable(),
    (error) => error,
  );
}

/** fetch sets Host and Origin itself. */
function post(headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const url = `${api.url}/2015-03-31/functions/${NAME}/invocations`;
    request(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end('{}');
  });
}

test('the mapping from the stream is returned, and no other', async () => {
  const ask = (UUID: string) => lambda.send(new GetEventSourceMappingCommand({ UUID }));
  expect(await ask('m')).toMatchObject(MAPPING);
  await expect(ask('n')).rejects.toThrow('does not exist');
});
