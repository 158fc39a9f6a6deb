import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';
import { createConsumer } from './bench-consumer.ts';
import { type BenchDatabase, TRACKING_TABLE } from './bench-system.ts';
import { chunks } from './numbers.ts';

const STATUSES = ['pending', 'manifested', 'processing', 'completed', 'completed', 'completed', 'failed'];
const SHARDS = 10;
const HELD_AT_ONCE = 10_000;
export const DATES = Array.from({ length: 10 }, (_, i) => `2026-11-${10 + i}`);

/** The record for a number; the same number is always the same file. */
export function fileOf(number: number) {
  const date_prefix = DATES[number % DATES.length] ?? '';
  const status = STATUSES[number % STATUSES.length] ?? '';
  return { date_prefix, file_key: `${date_prefix}-file-${number}.ndjson`, status, shard: number % SHARDS };
}

/** How many of the first files have a status or a date. */
export function expectedFiles(files: number, { status, date }: { status?: string; date?: string }): number {
  const all = Array.from({ length: files }, (_, number) => fileOf(number));
  return all.filter((file) => (!status || file.status === status) && (!date || file.date_prefix === date))
    .length;
}

/** DynamoDB Local's writes get slower as the stream of a table grows, and nobody reads it here. */
export async function withoutStream(database: BenchDatabase): Promise<BenchDatabase> {
  const { dynamoDb } = database;
  const StreamSpecification = { StreamEnabled: false };
  await dynamoDb.send(new UpdateTableCommand({ TableName: TRACKING_TABLE, StreamSpecification }));
  return database;
}

/**
 * Puts files into the tracking table, spread over dates, statuses and shards, and lets the consumer apply the
 * matching stream records. These are made here: waiting for DynamoDB Local's stream would only measure
 * DynamoDB Local.
 *
 * @param from how many files exist already: seeding 1,000 and then 10,000 more makes 11,000
 */
export async function seedFiles({ dynamoDb, s3 }: BenchDatabase, from: number, count: number): Promise<void> {
  const docs = dynamoDbDocuments(dynamoDb);
  const consume = createConsumer(dynamoDb, s3);
  const numbers = Array.from({ length: count }, (_, i) => from + i);
  for (const part of chunks(numbers, HELD_AT_ONCE)) {
    const { records, items } = recordsOf(part);
    await pMap(
      chunks(items, 25),
      (puts) => docs.send(new BatchWriteCommand({ RequestItems: { [TRACKING_TABLE]: puts } })),
      { concurrency: 8 },
    );
    for (const batch of chunks(records, 1_000)) await consume(batch);
  }
}

function recordsOf(numbers: readonly number[]) {
  const table = streamedTable({ first: 10n ** 21n + BigInt(numbers[0] ?? 0) * 10n });
  const records = numbers.map((number) => {
    const { date_prefix, file_key, status, shard } = fileOf(number);
    return table.write(file_key, { ...uploaded(shard), status: `${status}#${shard}` }, date_prefix);
  });
  return { records, items: [...table.items.values()].map((Item) => ({ PutRequest: { Item } })) };
}
