import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { differences, type StatsAnswer, scanCounts } from '../../../infra/local/compare-counts.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';

const stats = {
  stats: { pending: 1, completed: 2 },
  total: 3,
  manifests: { stats: { pending: 0, completed: 1 }, total: 1 },
};

test('counters that equal the scan have no differences', () => {
  expect(differences(stats, { 'file pending': 1, 'file completed': 2, 'manifest completed': 1 })).toEqual([]);
});

test('every status that differs is named with both numbers', () => {
  expect(differences(stats, { 'file pending': 2, 'file completed': 2, 'file archived': 1 })).toEqual([
    'file pending: counted 1, scanned 2',
    'manifest completed: counted 1, scanned 0',
    'file archived: counted 0, scanned 1',
  ]);
});

test('records of any status, and with any number, are counted by the scan as by the consumer', async () => {
  const aws = await localAws();
  const numbers = { file_size_mb: { N: '0.005183219909667969123' }, ttl: { N: '1798003373.5' } };
  const huge = { N: '9007199254740993' };
  const attributes: Record<string, AttributeValue>[] = [
    { status: { S: 'pending#3' }, ...numbers, reset_count: huge },
    { status: { S: 'archived#1' }, ttl: huge },
    { status: { S: '#3' } },
    { status: { S: 'constructor' } },
    { note: { M: { deep: { NS: ['12345678901234567890'] } } } },
  ];
  const keyAt = (i: number) => ({ date_prefix: { S: '2026-11-23' }, file_key: { S: `${i}.ndjson` } });
  const items: Record<string, AttributeValue>[] = [
    ...attributes.map((more, i) => ({ ...more, ...keyAt(i) })),
    { date_prefix: { S: '2026-11-23' }, file_key: { S: 'MANIFEST#m.json' }, status: { S: 'archived' } },
    { date_prefix: { S: 'LOCK#2026-11-23' }, file_key: { S: 'LOCK' }, ttl: huge },
    { date_prefix: { S: '2026-11-23' }, file_key: { S: 'LOCK#2026-11-23' }, ttl: huge },
  ];
  for (const Item of items) {
    await aws.dynamoDb.send(new PutItemCommand({ TableName: aws.trackingTable, Item }));
  }
  const records = items.map((item, i) => inserted(item, i));
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  const stats = (await ask(operationDeps(aws), { operation: 'get_stats' })) as unknown as StatsAnswer;
  const scanned = await scanCounts(aws.documents, aws.trackingTable);
  expect(scanned).toEqual({ 'file pending': 1, 'file unknown': 4, 'manifest unknown': 1 });
  expect(differences(stats, scanned)).toEqual([]);
});

function inserted(item: Record<string, AttributeValue | undefined>, i: number) {
  const { date_prefix, file_key } = item;
  return {
    eventName: 'INSERT' as const,
    dynamodb: {
      ApproximateCreationDateTime: 1_795_411_380,
      Keys: { date_prefix, file_key },
      NewImage: item,
      SequenceNumber: String(1_000_000_000_000_000_000_000n + BigInt(i)),
    },
    eventSourceARN: `arn:aws:dynamodb:eu-central-1:123456789012:table/tracking/stream/2026-11-23T05:22:46.000`,
  } as DynamoDBRecord;
}
