import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';

let aws: LocalAws;
let functions: { whole: LambdaFunction; unconfigured: LambdaFunction; http: LambdaFunction };

beforeAll(async () => {
  aws = await localAws();
  const { environment } = aws;
  const start = (name: string, variables: Record<string, string>) =>
    startLambdaFunction({
      name,
      handlerFile: bundledHandler('operations'),
      environment: variables,
      timeoutSeconds: 30,
      onOutput: () => undefined,
    });
  const { PROJECTION_TABLE: _missing, ...incomplete } = environment;
  functions = {
    whole: start('operations', environment),
    unconfigured: start('unconfigured', incomplete),
    http: start('http', { ...environment, ANSWER_FORM: 'http' }),
  };
});

afterAll(async () => {
  await Promise.all(Object.values(functions).map((each) => each.stop()));
});

test('the deployed handler answers an operation', async () => {
  const { payload, functionError } = await functions.whole.invoke({ operation: 'get_stats' });
  expect(functionError).toBeUndefined();
  expect(payload).toMatchObject({ total: 0, as_of: null });
});

test('a refusal is an answer and no function error', async () => {
  const { payload, functionError } = await functions.whole.invoke({ operation: 'drop_table' });
  expect(functionError).toBeUndefined();
  expect(payload).toMatchObject({ statusCode: 400, operation: 'drop_table' });
});

test('a function that is not configured says which variable is missing', async () => {
  const { payload, functionError } = await functions.unconfigured.invoke({ operation: 'get_stats' });
  expect(functionError).toBe('Unhandled');
  expect(payload).toMatchObject({ errorMessage: expect.stringContaining('PROJECTION_TABLE') });
});

test('a change made through the function names it as the actor', async () => {
  const { dynamoDb, trackingTable } = aws;
  const key = { date_prefix: '2026-11-23', file_key: 'a.ndjson' };
  const Item = {
    date_prefix: { S: key.date_prefix },
    file_key: { S: key.file_key },
    status: { S: 'failed#3' },
  };
  await dynamoDb.send(new PutItemCommand({ TableName: trackingTable, Item }));
  // Without an input object it must be insisted on.
  const request = { operation: 'update_state', ...key, new_status: 'pending', force: true };
  const { payload } = await functions.whole.invoke(request);
  expect(payload).toMatchObject({
    updated_item: {
      ...key,
      status: 'pending',
      state_change_actor: expect.stringMatching(/^invoked through arn:aws:lambda:.*:operations$/),
    },
  });
});

test('asked to answer as an API does, it gives the same answers as text, each with its status code', async () => {
  const file_key = 'nowhere.ndjson';
  const requests = [
    [200, { operation: 'get_stats' }],
    [400, { operation: 'drop_table' }],
    [400, { operation: 'get_stats', date_prefix: 'yesterday' }],
    [404, { operation: 'explain_file', date_prefix: '2026-11-23', file_key }],
    [
      409,
      {
        operation: 'update_state',
        date_prefix: '2026-11-23',
        file_key: 'b.ndjson',
        new_status: 'failed',
        expected_status: 'completed',
      },
    ],
  ] as const;
  const Item = {
    date_prefix: { S: '2026-11-23' },
    file_key: { S: 'b.ndjson' },
    status: { S: 'processing#3' },
  };
  await aws.dynamoDb.send(new PutItemCommand({ TableName: aws.trackingTable, Item }));
  for (const [statusCode, request] of requests) {
    const [plain, http] = await Promise.all([
      functions.whole.invoke(request),
      functions.http.invoke(request),
    ]);
    expect(http.functionError).toBeUndefined();
    const headers = { 'content-type': 'application/json' };
    expect(http.payload).toEqual({ statusCode, headers, body: JSON.stringify(plain.payload) });
  }
});
