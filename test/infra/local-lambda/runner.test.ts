import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTrackingTable, streamArnOf } from '../../../infra/local/tables.ts';
import { startLambdaFunction } from '../../../infra/local-lambda/function.ts';
import {
  type StreamRunner,
  type StreamRunnerOptions,
  startStreamRunner,
} from '../../../infra/local-lambda/runner.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:consumer';
const SETTINGS = {
  batchSize: 100,
  maximumBatchingWindowSeconds: 0,
  maximumRetryAttempts: 1,
  maximumRecordAgeSeconds: -1,
  bisectBatchOnFunctionError: true,
  reportBatchItemFailures: true,
  startingPosition: 'TRIM_HORIZON' as const,
};

let aws: LocalAws;
let bucket: string;
/** The table and its stream belong to one test each. */
let table: string;
let streamArn: string;
let tables = 0;
const runners: StreamRunner[] = [];

beforeAll(async () => {
  aws = await localAws({ streamed: true });
  bucket = aws.buckets.quarantine;
});

beforeEach(async () => {
  tables += 1;
  table = `${aws.trackingTable}-${tables}`;
  await createTrackingTable(aws.dynamoDb, table, FIELD_PROFILE);
  streamArn = await streamArnOf(aws.dynamoDb, table);
});

afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.stop()));
});

async function start(options: Partial<StreamRunnerOptions> & Pick<StreamRunnerOptions, 'invoke'>) {
  const runner = await startStreamRunner({
    streams: aws.streams,
    streamArn,
    functionArn: FUNCTION_ARN,
    settings: SETTINGS,
    onFailure: { s3: aws.s3, bucket, mappingId: table },
    pollMilliseconds: 20,
    sleep: (milliseconds, signal) =>
      setTimeout(Math.min(milliseconds, 20), undefined, { signal }).catch(() => {}),
    ...options,
  });
  runners.push(runner);
  return runner;
}

/** Settings under which exactly this many records make one batch, on any machine. */
function gathering(batchSize: number) {
  return { ...SETTINGS, batchSize, maximumBatchingWindowSeconds: 300 };
}

/** A function that notes the batches it receives and fails as told. */
function recorder(answer: (names: string[]) => unknown = () => null) {
  const batches: string[][] = [];
  const invoke = async (event: DynamoDBStreamEvent) => {
    const names = event.Records.map(nameOf);
    batches.push(names);
    const failure = answer(names);
    if (failure instanceof Error) return { payload: { errorType: 'Error' }, functionError: 'Unhandled' };
    return { payload: typeof failure === 'string' ? reportOf(event, failure) : null };
  };
  return { batches, invoke };
}

function reportOf(event: DynamoDBStreamEvent, name: string) {
  const failed = event.Records.find((record) => nameOf(record) === name);
  return { batchItemFailures: [{ itemIdentifier: failed?.dynamodb?.SequenceNumber }] };
}

function nameOf({ dynamodb }: DynamoDBRecord): string {
  const version = (dynamodb?.NewImage ?? dynamodb?.OldImage)?.version?.N ?? '';
  return `${dynamodb?.Keys?.file_key?.S}${version && `:${version}`}`;
}

async function write(name: string): Promise<void> {
  const [file_key, version] = name.split(':');
  const Item = { date_prefix: '2026-11-23', file_key, ...(version && { version: Number(version) }) };
  await aws.documents.send(new PutCommand({ TableName: table, Item }));
}

async function writeAll(names: readonly string[]): Promise<void> {
  for (const name of names) await write(name);
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);
}

describe('delivery', () => {
  test('gives every record once, those of one item in order, in batches of at most the batch size', async () => {
    const { batches, invoke } = recorder();
    const runner = await start({ invoke, settings: { ...SETTINGS, batchSize: 7 } });
    const items = ['a', 'b', 'c', 'd'].map((item) => numbered(`order-${item}:`, 15));
    await Promise.all(items.map((versions) => writeAll(versions)));
    await runner.idle();
    for (const [index, item] of ['a', 'b', 'c', 'd'].entries()) {
      const versions = batches.flat().filter((name) => name.startsWith(`order-${item}`));
      expect(versions).toEqual(items[index]?.map((name) => name.replace(/:0*(?=\d)/, ':')));
    }
    expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(7);
    expect(runner.progress()).toMatchObject({ delivered: 60, retries: 0, discarded: 0, behindSeconds: 0 });
  });

  test('waits for a full batch, but no longer than the batching window', async () => {
    const full = recorder();
    const patient = await start({ invoke: full.invoke, settings: gathering(3) });
    const short = recorder();
    const settings = { ...gathering(3), maximumBatchingWindowSeconds: 0.1 };
    const hasty = await start({ invoke: short.invoke, settings });
    await writeAll(['window-1', 'window-2']);
    await hasty.idle();
    await write('window-3');
    await Promise.all([patient.idle(), hasty.idle()]);
    expect(full.batches).toEqual([['window-1', 'window-2', 'window-3']]);
    expect(short.batches.length).toBeGreaterThan(1);
  });

  test('skips what the filter refuses, and counts it', async () => {
    const { batches, invoke } = recorder();
    const pattern = { dynamodb: { Keys: { file_key: { S: [{ 'anything-but': ['LOCK'] }] } } } };
    const runner = await start({ invoke, filterPatterns: [JSON.stringify(pattern)], settings: gathering(2) });
    await writeAll(['LOCK:1', 'filter-1', 'LOCK:2', 'LOCK:3', 'filter-2', 'LOCK:4']);
    await runner.idle();
    // A refused record takes no place in a batch, and reading continues after it.
    expect(batches).toEqual([['filter-1', 'filter-2']]);
    expect(runner.progress()).toMatchObject({ delivered: 2, filtered: 4, behindSeconds: 0 });
  });

  test('refuses to start with a filter that Lambda would refuse', async () => {
    const { invoke } = recorder();
    const pattern = JSON.stringify({ dynamodb: { Keys: { file_key: { S: [{ unknown: 'LOCK' }] } } } });
    await expect(start({ invoke, filterPatterns: [pattern] })).rejects.toThrow(
      'Invalid filter pattern definition: {"unknown":"LOCK"}.',
    );
  });

  test('delivers an empty map as one', async () => {
    const images: unknown[] = [];
    const runner = await start({
      invoke: async ({ Records }) => {
        images.push(...Records.map((record) => record.dynamodb?.NewImage));
        return { payload: null };
      },
    });
    const Item = {
      date_prefix: { S: '2026-11-23' },
      file_key: { S: 'empty-map' },
      empty: { M: {} },
      nested: { L: [{ M: { within: { M: {} } } }, { L: [] }] },
    };
    await aws.dynamoDb.send(new PutItemCommand({ TableName: table, Item }));
    await runner.idle();
    expect(images).toEqual([Item]);
    expect(runner.progress().problems).toBe(0);
  });

  test('names the TTL service as the author of a removal after the ttl', async () => {
    const removals: DynamoDBRecord[] = [];
    const runner = await start({
      invoke: async ({ Records }) => {
        removals.push(...Records.filter(({ eventName }) => eventName === 'REMOVE'));
        return { payload: null };
      },
    });
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    for (const [file_key, ttl] of [['expired', 1_700_000_000] as const, ['by-hand', inAnHour] as const]) {
      const Key = { date_prefix: '2026-11-23', file_key };
      await aws.documents.send(new PutCommand({ TableName: table, Item: { ...Key, ttl } }));
      await aws.documents.send(new DeleteCommand({ TableName: table, Key }));
    }
    await runner.idle();
    expect(removals.map((record) => [nameOf(record), record.userIdentity?.principalId])).toEqual([
      ['expired', 'dynamodb.amazonaws.com'],
      ['by-hand', undefined],
    ]);
  });
});

describe('a failure', () => {
  test('that is reported is retried from there, and what came before is not given again', async () => {
    let failures = 0;
    const { batches, invoke } = recorder((names) => {
      if (!names.includes('partial003') || failures++ > 0) return null;
      return 'partial003';
    });
    const runner = await start({ invoke, settings: gathering(6) });
    const names = numbered('partial', 6);
    await writeAll(names);
    await runner.idle();
    expect(batches).toEqual([names, names.slice(3)]);
    expect(runner.progress()).toMatchObject({ delivered: 6, batches: 2, retries: 1 });
  });

  test('of one poison record is bisected down to it; it is kept in S3 and all others arrive', async () => {
    const { batches, invoke } = recorder((names) => (names.includes('poison') ? new Error('poison') : null));
    const runner = await start({ invoke, settings: gathering(19) });
    await writeAll([...numbered('before', 9), 'poison', ...numbered('after', 9)]);
    await runner.idle();
    const delivered = batches.filter((names) => !names.includes('poison')).flat();
    expect(delivered).toEqual([...numbered('before', 9), ...numbered('after', 9)]);
    expect(batches.filter((names) => names.join() === 'poison')).toHaveLength(2);
    expect(runner.progress()).toMatchObject({ delivered: 18, discarded: 1 });

    const [record, ...others] = await failureRecords();
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      requestContext: {
        functionArn: FUNCTION_ARN,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      DDBStreamBatchInfo: { batchSize: 1, streamArn },
    });
    expect(record?.event.Records.map(nameOf)).toEqual(['poison']);
  });

  test('of the destination loses nothing: the records are kept when it answers again', async () => {
    const { invoke } = recorder(() => new Error('always'));
    const settings = { ...SETTINGS, maximumRetryAttempts: 0 };
    const missing = { s3: aws.s3, bucket: 'no-such-bucket', mappingId: table };
    const runner = await start({ invoke, settings, onFailure: missing });
    await write('unkept');
    await expect.poll(() => runner.progress().problems).toBeGreaterThan(1);
    expect(runner.progress()).toMatchObject({ discarded: 0, batches: 1 });
    missing.bucket = bucket;
    await runner.idle();
    expect(runner.progress()).toMatchObject({ discarded: 1, batches: 1 });
  });

  test('does not happen for a record that is too old: it is discarded without an invocation', async () => {
    const { batches, invoke } = recorder();
    const runner = await start({
      invoke,
      settings: { ...SETTINGS, maximumRecordAgeSeconds: 3600 },
      now: () => new Date(Date.now() + 7_200_000),
    });
    await write('aged');
    await runner.idle();
    expect(batches).toEqual([]);
    const records = await failureRecords();
    expect(records.map(({ requestContext }) => requestContext.condition)).toContain('RecordAgeExceeded');
  });
});

describe('nothing is lost', () => {
  test('when the process of the function is killed during an invocation', async () => {
    const processed: string[] = [];
    const lambda = startLambdaFunction({
      name: 'consumer',
      handlerFile: fileURLToPath(new URL('../../fixtures/stream-handler.ts', import.meta.url)),
      environment: { HANG_AT: 'killed030', HANG_MARK: join(mkdtempSync(join(tmpdir(), 'hang-')), 'mark') },
      timeoutSeconds: 600,
      onOutput(line) {
        if (!line.startsWith('processed ')) return;
        processed.push(line.slice('processed '.length));
        if (processed.length === 31) lambda.kill('SIGKILL');
      },
    });
    const runner = await start({ invoke: lambda.invoke, settings: gathering(120) });
    const names = numbered('killed', 120);
    await writeAll(names);
    await runner.idle();
    await lambda.stop();
    expect([...new Set(processed)].sort()).toEqual(names);
    expect(processed).toHaveLength(31 + 120);
    expect(runner.progress()).toMatchObject({ delivered: 120, discarded: 0, retries: 1 });
  });

  test('when it is stopped: what is in flight finishes, and nothing more is begun', async () => {
    const { batches, invoke } = recorder();
    const runner = await start({
      settings: { ...SETTINGS, batchSize: 4 },
      invoke: async (event) => {
        await setTimeout(50);
        return invoke(event);
      },
    });
    const names = numbered('stopped', 20);
    await writeAll(names);
    await expect.poll(() => batches.length).toBeGreaterThan(0);
    await runner.stop();
    const atStop = batches.flat().length;
    expect(runner.progress().delivered).toBe(atStop);
    await write('stopped-later');
    await setTimeout(100);
    expect(batches.flat()).toEqual(names.slice(0, atStop));
  });

  test('when the function cannot be invoked for a while, which uses up no retries', async () => {
    const { batches, invoke } = recorder();
    let refusals = 0;
    const runner = await start({
      settings: { ...SETTINGS, maximumRetryAttempts: 0, bisectBatchOnFunctionError: false },
      invoke: (event) => (refusals++ < 5 ? Promise.reject(new Error('throttled')) : invoke(event)),
    });
    await write('throttled-1');
    await runner.idle();
    expect(batches).toEqual([['throttled-1']]);
    expect(runner.progress()).toMatchObject({ problems: 5, discarded: 0, lastProblem: 'Error: throttled' });
  });

  test.each([
    'ECONNREFUSED',
    'ExpiredIteratorException',
    'ThrottlingException',
    'TrimmedDataAccessException',
  ])('when the stream answers %s for a while', async (name) => {
    const { batches, invoke } = recorder();
    const faults = { left: 0 };
    const runner = await start({ streams: faultyStreams(name, faults), invoke });
    const names = numbered(name, 4);
    await writeAll(names.slice(0, 2));
    await runner.idle();
    faults.left = 5;
    await writeAll(names.slice(2));
    await runner.idle();
    // Trimmed means that reading continues at the oldest record, which here is still the very first.
    expect([...new Set(batches.flat())]).toEqual(expect.arrayContaining(names));
    expect(runner.progress().problems).toBeGreaterThan(2);
  });
});

test('a stream that is switched off is read to its end', async () => {
  await write('last');
  await aws.dynamoDb.send(
    new UpdateTableCommand({ TableName: table, StreamSpecification: { StreamEnabled: false } }),
  );
  const { batches, invoke } = recorder();
  const runner = await start({ invoke });
  await runner.idle();
  expect(batches).toEqual([['last']]);
  expect(runner.progress()).toMatchObject({ shards: 0, problems: 0 });
});

test('a stream that does not exist is an error at the start', async () => {
  const { invoke } = recorder();
  const missing = streamArn.replace(table, 'no-such-table');
  await expect(start({ invoke, streamArn: missing })).rejects.toThrow('Requested resource not found');
});

interface FailureRecord {
  requestContext: { condition: string };
  event: DynamoDBStreamEvent;
}

async function failureRecords(): Promise<FailureRecord[]> {
  const listed = await aws.s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: `aws/lambda/${table}/` }),
  );
  return Promise.all(
    (listed.Contents ?? []).map(async ({ Key }) => {
      const object = await aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const record = JSON.parse((await object.Body?.transformToString()) ?? '');
      return { ...record, event: JSON.parse(record.payload) };
    }),
  );
}

/** A streams client that fails with the named error as often as `faults.left` says. */
function faultyStreams(name: string, faults: { left: number }): DynamoDBStreamsClient {
  const { region, endpoint, credentials } = aws.streams.config;
  const streams = new DynamoDBStreamsClient({ region, endpoint, credentials, maxAttempts: 1 });
  streams.middlewareStack.add(
    (next) => async (args) => {
      if (faults.left === 0) return next(args);
      faults.left -= 1;
      throw Object.assign(new Error(`${name} by plan`), { name });
    },
    { step: 'finalizeRequest' },
  );
  return streams;
}
