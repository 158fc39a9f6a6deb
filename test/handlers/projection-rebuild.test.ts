import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildUnits } from '../../infra/functions/projection-rebuild.ts';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { runDefinition } from '../../infra/run-definition.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { scanProjection } from '../support/projection.ts';
import { type Definition, execute } from '../support/state-machine.ts';

const FILES = 450;
// As long as what an invocation keeps in reserve: it ends after its first page.
const ONE_PAGE_SECONDS = 60;

let aws: LocalAws;
let fn: LambdaFunction;

beforeAll(async () => {
  aws = await localAws();
  fn = startLambdaFunction({
    name: 'projection-rebuild',
    handlerFile: bundledHandler('projection-rebuild'),
    environment: aws.environment,
    timeoutSeconds: ONE_PAGE_SECONDS,
    onOutput: () => undefined,
  });
  for (let first = 0; first < FILES; first += 25) {
    const puts = Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: fileOf(first + i) } }));
    await aws.documents.send(new BatchWriteCommand({ RequestItems: { [aws.trackingTable]: puts } }));
  }
});

afterAll(() => fn.stop());

function fileOf(number: number) {
  return {
    date_prefix: '2026-11-23',
    file_key: `${number}.ndjson`,
    status: number % 3 ? 'pending#1' : 'completed',
  };
}

test('the state machine gives every file its head, in segments that take several invocations', async () => {
  const machine = runDefinition({
    comment: 'Rebuild',
    prepare: rebuildUnits(),
    label: 'Units',
    functionArn: fn.arn,
    concurrency: 2,
    results: { bucket: 'results', prefix: 'runs/rebuild' },
    partition: 'aws',
  });
  let invocations = 0;
  const invoke = async ({ Payload }: { Payload: object }) => {
    invocations += 1;
    const { payload, functionError } = await fn.invoke(Payload);
    if (functionError) throw new Error(JSON.stringify(payload));
    return { Payload: payload };
  };
  const { status } = await execute(
    machine as Definition,
    { id: 'all', segments: 2 },
    { 'lambda:invoke': invoke },
  );
  expect(status).toBe('SUCCEEDED');
  expect(invocations).toBeGreaterThan(2);
  expect((await scanProjection(aws)).countHeads()).toEqual({ file_pending: 300, file_completed: 150 });
});

test('a unit that is done does nothing if it is started again', async () => {
  const { payload } = await fn.invoke({ id: 'all', segment: 0, segments: 2 });
  expect(payload).toMatchObject({ id: 'all', segment: 0, segments: 2, done: true });
  expect((await scanProjection(aws)).heads.size).toBe(FILES);
});

test('a request without a unit is refused', async () => {
  const { payload, functionError } = await fn.invoke({ id: 'all' });
  expect(functionError).toBe('Unhandled');
  expect(payload).toHaveProperty('errorMessage', expect.stringContaining('segment'));
});
