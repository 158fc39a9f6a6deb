import type { _Record as SdkRecord } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { startStreamRunner } from '../../infra/local-lambda/runner.ts';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type FakeShard, fakeStream } from '../support/fake-stream.ts';
import { localAws } from '../support/local-aws.ts';
import { scanProjection } from '../support/projection.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

const FILES = ['a.ndjson', 'b.ndjson', 'c.ndjson', 'd.ndjson'];

test('a shard that closes with two children in mid-life leaves every count and timeline exact', async () => {
  const aws = await localAws();
  const table = streamedTable();
  const records = (status: string) =>
    FILES.map((name) => [name, sdkRecord(table.write(name, { ...uploaded(), status }))] as const);
  const [arrived, claimed, done] = [records('pending#3'), records('manifested#3'), records('completed#3')];
  // A file's records are in one shard and its descendants: each child goes on with its own half.
  const childOf = (half: number) =>
    [...claimed, ...done].filter(([name]) => FILES.indexOf(name) % 2 === half);
  const parent = { id: 'parent', closed: false, records: arrived.map(([, record]) => record) };
  const shards: FakeShard[] = [parent];
  const consumer = startLambdaFunction({
    name: 'stream-consumer',
    handlerFile: bundledHandler('stream-consumer'),
    environment: aws.environment,
    timeoutSeconds: 60,
    onOutput: () => undefined,
  });
  const runner = await startStreamRunner({
    streams: fakeStream(shards).streams,
    streamArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/any/stream/any',
    functionArn: consumer.arn,
    invoke: (event) => consumer.invoke(event),
    settings: STREAM_SETTINGS,
    pollMilliseconds: 5,
  });
  await expect.poll(() => runner.progress().delivered).toBe(FILES.length);
  for (const half of [0, 1]) {
    const own = childOf(half).map(([, record]) => record);
    shards.push({ id: `child-${half}`, parentId: 'parent', closed: false, records: own });
  }
  parent.closed = true;
  await expect.poll(() => runner.progress().delivered).toBe(3 * FILES.length);
  await runner.stop();
  await consumer.stop();
  const projection = await scanProjection(aws);
  expect(projection.countHeads()).toEqual({ file_completed: FILES.length });
  expect(projection.counters('STATS#ALL').file).toMatchObject({ pending: 0, completed: FILES.length });
  for (const name of FILES) {
    const events = projection.events(name).map(({ event }) => event);
    expect(events).toEqual(['uploaded', 'manifested', 'completed']);
  }
});

/**
 * A record as the stream's own API gives it, with a time and not its seconds. It is streamed now, whatever day
 * the record was made up for.
 */
function sdkRecord({ dynamodb, ...record }: DynamoDBRecord): SdkRecord {
  return { ...record, dynamodb: { ...dynamodb, ApproximateCreationDateTime: new Date() } } as SdkRecord;
}
