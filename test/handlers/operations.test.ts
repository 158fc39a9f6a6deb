import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { operations } from '../../shared/operations/all.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';

let aws: LocalAws;
let functions: Record<'whole' | 'reading' | 'unconfigured' | 'http', LambdaFunction>;

beforeAll(async () => {
  aws = await localAws();
  const { environment } = aws;
  const start = (
    name: string,
    variables: Record<string, string>,
    handler: 'operations' | 'operations-read' = 'operations',
  ) =>
    startLambdaFunction({
      name,
      handlerFile: bundledHandler(handler),
      environment: variables,
      timeoutSeconds: 30,
      onOutput: () => undefined,
    });
  const { PROJECTION_TABLE: _missing, ...incomplete } = environment;
  functions = {
    whole: start('operations', environment),
    reading: start('reading', environment, 'operations-read'),
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

test('a refusal is an answer, not a function error', async () => {
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

test('the audit of a change has the id of the request that made it, and of each request that continued it', async () => {
  const { dynamoDb, trackingTable } = aws;
  const key = { date_prefix: '2026-11-23', file_key: 'audited.ndjson' };
  const Item = {
    ...{ date_prefix: { S: key.date_prefix }, file_key: { S: key.file_key } },
    status: { S: 'processing#3' },
  };
  await dynamoDb.send(new PutItemCommand({ TableName: trackingTable, Item }));
  const request = { operation: 'update_state', ...key, new_status: 'failed', reason: 'test' };
  const made = (await functions.whole.invoke(request)).payload as { readonly change_id: string };
  const { change_id } = made;
  const { payload } = await functions.reading.invoke({ operation: 'get_change', change_id });
  expect(payload).toMatchObject({
    change: { actor: { request_id: expect.stringMatching(/^[\da-f-]{36}$/) } },
  });
  const listed = await functions.reading.invoke({ operation: 'list_changes' });
  expect(listed.payload).toMatchObject({
    changes: expect.arrayContaining([
      expect.objectContaining({
        change_id,
        actor: expect.objectContaining({ request_id: expect.any(String) }),
      }),
    ]),
  });
});

test('the read-only function answers operations that read, and refuses those that write by name, even as a dry run', async () => {
  const key = { date_prefix: '2026-11-23', file_key: 'untouched.ndjson' };
  const Item = {
    ...{ date_prefix: { S: key.date_prefix }, file_key: { S: key.file_key } },
    status: { S: 'failed#3' },
  };
  await aws.dynamoDb.send(new PutItemCommand({ TableName: aws.trackingTable, Item }));
  for (const { name, writes = false } of operations) {
    const { payload, functionError } = await functions.reading.invoke({
      operation: name,
      ...(name === 'update_state' && { ...key, new_status: 'pending', force: true }),
      ...(writes && name !== 'update_state' && { dry_run: true }),
    });
    expect(functionError).toBeUndefined();
    const refused = (payload as { readonly error?: { readonly code: string } }).error?.code === 'READ_ONLY';
    expect(refused, name).toBe(writes);
  }
  const Key = { date_prefix: Item.date_prefix, file_key: Item.file_key };
  const { Item: after } = await aws.dynamoDb.send(
    new GetItemCommand({ TableName: aws.trackingTable, Key, ConsistentRead: true }),
  );
  expect(after).toEqual(Item);
});

test('in the form of an API, it gives the same answers as text, each with its status code', async () => {
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
