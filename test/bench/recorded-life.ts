import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { createBuckets, streamArnOf } from '../../infra/local/tables.ts';
import { startStreamRunner } from '../../infra/local-lambda/runner.ts';
import { startSimulator } from '../../infra/simulator/simulator.ts';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { type BenchDatabase, TRACKING_TABLE } from './bench-system.ts';

/** Simulates the whole life of files in a real table, and returns the records of its stream. */
export async function recordLife(database: BenchDatabase, files: number): Promise<DynamoDBRecord[]> {
  const { dynamoDb, s3 } = database;
  const buckets = { input: 'input', manifest: 'manifest', output: 'output', quarantine: 'quarantine' };
  await createBuckets(s3, Object.values(buckets));
  const simulator = startSimulator({
    documents: DynamoDBDocumentClient.from(dynamoDb),
    table: TRACKING_TABLE,
    s3,
    buckets,
    now: Date.now,
    rate: 400,
    seed: 1,
    speed: 200,
    files,
  });
  await simulator.done;
  return recordStream(database);
}

/** All records of the tracking table's stream. */
export async function recordStream({ dynamoDb, streams }: BenchDatabase): Promise<DynamoDBRecord[]> {
  const records: DynamoDBRecord[] = [];
  const runner = await startStreamRunner({
    streams,
    streamArn: await streamArnOf(dynamoDb, TRACKING_TABLE),
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:recorder',
    settings: { ...STREAM_SETTINGS, batchSize: 1_000 },
    invoke: async (event) => {
      records.push(...event.Records);
      return { payload: undefined };
    },
  });
  await runner.idle();
  await runner.stop();
  return records;
}
