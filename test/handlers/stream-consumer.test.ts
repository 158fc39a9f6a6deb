import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricTotals } from '../../infra/local/emf-totals.ts';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { failureClass } from '../../shared/pipeline/failure-class.ts';
import { dayOf } from '../../shared/text/time.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ask, operationDeps } from '../support/operations.ts';
import { scanProjection } from '../support/projection.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

const metrics = metricTotals();
const log: string[] = [];
let aws: LocalAws;
let consumer: LambdaFunction;

beforeAll(async () => {
  aws = await localAws();
  consumer = startLambdaFunction({
    name: 'stream-consumer',
    handlerFile: bundledHandler('stream-consumer'),
    environment: aws.environment,
    timeoutSeconds: 30,
    onOutput: (line) => {
      log.push(line);
      metrics.read(line);
    },
  });
});

afterAll(() => consumer.stop());

test('the deployed handler applies a batch, keeps foreign records, and publishes its metrics', async () => {
  const table = streamedTable();
  const Records = [
    table.write('a.ndjson', uploaded()),
    table.write('a.ndjson', { status: 'manifested#3', updated_at: '2026-11-23T05:23:53.532494+00:00' }),
    table.write('b.ndjson', uploaded()),
    { eventSource: 'aws:sqs' },
  ];
  expect(await consumer.invoke({ Records })).toMatchObject({ payload: { batchItemFailures: [] } });
  expect((await consumer.invoke({ Records })).payload).toEqual({ batchItemFailures: [] });

  expect((await scanProjection(aws)).countHeads()).toEqual({ file_manifested: 1, file_pending: 1 });
  expect(metrics.sum('TransitionsApplied')).toBe(3);
  expect(metrics.sum('DuplicatesSkipped')).toBe(3);
  expect(metrics.sum('DeadLetters')).toBe(2);
  expect(metrics.sum('TimeInPending')).toBe(60);
  expect(log.filter((line) => line.includes('A dead letter was kept'))).toHaveLength(2);
  const { Contents } = await aws.s3.send(new ListObjectsV2Command({ Bucket: aws.buckets.deadLetter }));
  expect(Contents).toHaveLength(1);
});

test('files that settle or fail are each counted once; what people set is not counted', async () => {
  const totals = metricTotals();
  const counting = startLambdaFunction({
    name: 'stream-consumer',
    handlerFile: bundledHandler('stream-consumer'),
    environment: aws.environment,
    timeoutSeconds: 30,
    onOutput: (line) => totals.read(line),
  });
  const table = streamedTable();
  const end = (status: string, more = {}) => ({ status: `${status}#1`, ...more });
  const byHand = { state_change_id: 'c-1', state_change_actor: 'ops' };
  const Records = [
    ...['done', 'failed', 'refused', 'by-hand', 'moving'].map((name) => table.write(name, uploaded())),
    table.write('done', end('completed')),
    table.write('failed', end('failed')),
    table.write('refused', end('quarantined')),
    table.write('by-hand', end('failed', byHand)),
    table.write('moving', end('processing')),
    table.write('MANIFEST#good', { status: 'completed' }),
    table.write('MANIFEST#bad', { status: 'failed' }),
  ];
  await counting.invoke({ Records });
  await counting.invoke({ Records });
  await counting.stop();
  expect(
    ['FilesSettled', 'FilesFailed', 'ManifestsSettled', 'ManifestsFailed'].map((name) => totals.sum(name)),
  ).toEqual([3, 2, 2, 1]);
  expect(totals.latest('FilesSettled')).toBe(0);
});

test('an acknowledged class is never new, and its files do not count in the share of failures', async () => {
  const totals = metricTotals();
  const own = await localAws();
  const counting = startLambdaFunction({
    name: 'stream-consumer',
    handlerFile: bundledHandler('stream-consumer'),
    environment: own.environment,
    timeoutSeconds: 30,
    onOutput: (line) => totals.read(line),
  });
  const [known, other] = ['the disk is full', 'no such table'];
  const about = { operation: 'acknowledge', class: failureClass(known).id };
  const until = { until: dayOf(Date.now() + 86_400_000), reason: 'known' };
  await ask(operationDeps(own, Date.now()), { ...about, ...until });
  const table = streamedTable();
  const Records = [
    ...['done', 'known', 'other'].map((name) => table.write(name, uploaded())),
    table.write('done', { status: 'completed' }),
    table.write('known', { status: 'failed', error_message: known }),
    table.write('other', { status: 'failed', error_message: other }),
  ];
  await counting.invoke({ Records });
  await counting.stop();
  expect(['FilesSettled', 'FilesFailed', 'NewFailureClasses'].map((name) => totals.sum(name))).toEqual([
    2, 1, 1,
  ]);
  expect((await scanProjection(own)).countHeads()).toEqual({ file_completed: 1, file_failed: 2 });
});

test('the unit of a creation time follows from its magnitude; a record whose time cannot be read becomes a dead letter, and the batch continues', async () => {
  const table = streamedTable();
  const created = (name: string, time: unknown) => {
    const record = table.write(name, { status: 'pending#3' });
    return { ...record, dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: time } };
  };
  const readable = {
    seconds: 1_795_411_380,
    fractional: 1_795_411_380.123,
    text: '1795411380.0',
    millis: 1_795_411_380_123,
    micros: 1_795_411_380_123_456,
    nanos: '1795411380123456789',
    date: new Date(1_795_411_380_123),
  };
  const odd = [Number.NaN, null, -1, 42, 1e300, 'soon', {}, new Date(Number.NaN)];
  const Records = [
    ...odd.map((time, index) => created(`odd-${index}`, time)),
    ...Object.entries(readable).map(([name, time]) => created(name, time)),
  ];
  const before = metrics.sum('DeadLetters');
  expect(await consumer.invoke({ Records })).toMatchObject({ payload: { batchItemFailures: [] } });
  const { head } = await scanProjection(aws);
  for (const name of Object.keys(readable)) {
    const since = expect.stringMatching(/^2026-11-23T05:23:00\.(000|123)Z$/);
    expect(head(name)).toMatchObject({ status: 'pending', since });
  }
  expect(odd.map((_, index) => head(`odd-${index}`))).toEqual(odd.map(() => undefined));
  expect(metrics.sum('DeadLetters') - before).toBe(odd.length);
});

test("a step whose own time cannot be read, or is later than the stream's, gets the stream's time", async () => {
  const table = streamedTable();
  const times = { unreadable: 'lately', missing: undefined, future: '2099-01-01T00:00:00Z' };
  const Records = Object.entries(times).flatMap(([name, manifest_time]) => [
    table.write(name, { ...uploaded(), updated_at: '2026-11-20T00:00:00Z' }),
    table.write(name, { status: 'manifested#3', manifest_time }),
  ]);
  await consumer.invoke({ Records });
  const { head } = await scanProjection(aws);
  for (const name of Object.keys(times)) {
    const since = expect.stringMatching(/^2026-11-23T05:23:0\d\.000Z$/);
    expect(head(name)).toMatchObject({ status: 'manifested', since });
  }
});

test('an event that is not a batch of a stream fails', async () => {
  const result = await consumer.invoke({ operation: 'get_stats' });
  expect(result.functionError).toBe('Unhandled');
  expect(result.payload).toMatchObject({
    errorType: 'TypeError',
    errorMessage: expect.stringContaining('"Records"'),
  });
});
