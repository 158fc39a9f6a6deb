import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricTotals } from '../../infra/local/emf-totals.ts';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
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

test('the deployed handler applies a batch, keeps what is alien, and tells its metrics', async () => {
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
  expect(metrics.latest('StreamLag')).toBeGreaterThan(0);
  expect(log.filter((line) => line.includes('A dead letter was kept'))).toHaveLength(2);
  const { Contents } = await aws.s3.send(new ListObjectsV2Command({ Bucket: aws.buckets.deadLetter }));
  expect(Contents).toHaveLength(1);
});

test('an event that is no batch of a stream fails loudly', async () => {
  const result = await consumer.invoke({ operation: 'get_stats' });
  expect(result.functionError).toBe('Unhandled');
  expect(result.payload).toMatchObject({
    errorType: 'TypeError',
    errorMessage: expect.stringContaining('"Records"'),
  });
});
