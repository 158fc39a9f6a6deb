import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteBucketCommand } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type InvokeApi, startInvokeApi } from '../../../infra/local-lambda/invoke-api.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { runRunbook } from '../../support/runbook.ts';
import { seedRunbookData } from '../../support/runbook-data.ts';

/** The doctor on this machine: the real DynamoDB Local and S3 server, and functions that answer. */

let aws: LocalAws;
let api: InvokeApi;
let functionError: 'Unhandled' | undefined;

beforeEach(async () => {
  aws = await localAws({ streamed: true });
  await seedRunbookData(aws);
  functionError = undefined;
  const invoke = async () => ({
    requestId: '1',
    payload: {},
    logTail: '',
    ...(functionError && { functionError }),
  });
  const name = 'ndjson-parquet-state-management-local';
  api = await startInvokeApi({ port: 0, functions: [{ name, invoke }] });
});

afterEach(() => api.close());

async function diagnose(...args: string[]) {
  const environment = { ...aws.environment, AWS_ENDPOINT_URL_LAMBDA: api.url };
  const { code, stdout, stderr } = await runRunbook(
    'doctor',
    ['--env', 'local', '--json', ...args],
    environment,
  );
  const { well, counts, checks } = JSON.parse(stdout);
  const levels = Object.fromEntries(
    checks.map((each: { check: string; level: string }) => [each.check, each.level]),
  );
  const found = (check: string) => checks.find((each: { check: string }) => each.check === check);
  return { code, well, counts, levels, found, stderr };
}

async function everything() {
  const tables = [aws.trackingTable, aws.projectionTable];
  return Promise.all(
    tables.map((TableName) => aws.documents.send(new ScanCommand({ TableName })).then(({ Items }) => Items)),
  );
}

test('a healthy local system exits with 0, shows the checks that apply to it, and is not changed', async () => {
  const before = await everything();
  const { code, well, levels } = await diagnose();
  expect({ code, well }).toEqual({ code: 0, well: true });
  expect(levels).toEqual({
    table: 'ok',
    'status index': 'ok',
    stream: 'ok',
    'input bucket': 'ok',
    'manifest bucket': 'ok',
    'output bucket': 'ok',
    'quarantine bucket': 'ok',
    operations: 'ok',
    projection: 'ok',
    limits: 'ok',
  });
  expect(await everything()).toEqual(before);
});

test('a stream that is off, a bucket that is gone and a function that fails are problems with remedies', async () => {
  const { trackingTable: TableName } = aws;
  await aws.dynamoDb.send(
    new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }),
  );
  await aws.s3.send(new DeleteBucketCommand({ Bucket: aws.buckets.quarantine }));
  functionError = 'Unhandled';
  const { code, well, levels, found } = await diagnose();
  expect({ code, well }).toEqual({ code: 1, well: false });
  expect(levels).toMatchObject({ stream: 'problem', 'quarantine bucket': 'problem', operations: 'problem' });
  expect(levels).toMatchObject({ table: 'ok', 'input bucket': 'ok', projection: 'ok' });
  expect(found('stream').command).toMatch(/^aws dynamodb update-table --table-name tracking-/);
});

test('an index with another name is found, and suggested for the setting', async () => {
  const PIPELINE = JSON.stringify({ pipeline: { records: { status_index: 'by-status' } } });
  const environment = { ...aws.environment, AWS_ENDPOINT_URL_LAMBDA: api.url, LOCAL_SETTINGS: PIPELINE };
  const { code, stdout } = await runRunbook('doctor', ['--env', 'local', '--json'], environment);
  expect(code).toBe(1);
  const index = JSON.parse(stdout).checks.find(({ check }: { check: string }) => check === 'status index');
  expect(index).toMatchObject({
    level: 'problem',
    remedy: expect.stringContaining('"status_index": "status-index"'),
  });
});

test('if the local system does not run, the checks are unknown, with the command that starts it', async () => {
  await api.close();
  const { code, levels, found } = await diagnose();
  expect(code).toBe(1);
  expect(levels).toMatchObject({ operations: 'unknown', table: 'ok' });
  expect(found('operations').command).toBe('npm start');
  api = await startInvokeApi({ port: 0, functions: [] });
});

test('the last line of the table is a summary', async () => {
  const environment = { ...aws.environment, AWS_ENDPOINT_URL_LAMBDA: api.url };
  const { stdout } = await runRunbook('doctor', ['--env', 'local'], environment);
  expect(stdout).toMatch(/\nlocal: 10 ok, 0 problems, 0 warnings, 0 unknown\. All is well\.\n$/);
});
