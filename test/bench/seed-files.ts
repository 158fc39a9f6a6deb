import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';
import { type BenchDatabase, PROJECTION_TABLE, TRACKING_TABLE } from './bench-system.ts';

const STATUSES = ['pending', 'manifested', 'processing', 'completed', 'completed', 'completed', 'failed'];
const SHARDS = 10;
export const DATES = Array.from({ length: 10 }, (_, i) => `2026-11-${10 + i}`);

/** The record that seeding makes for a number; the same number is always the same file. */
export function fileOf(number: number) {
  const date_prefix = DATES[number % DATES.length] ?? '';
  const status = STATUSES[number % STATUSES.length] ?? '';
  return { date_prefix, file_key: `${date_prefix}-file-${number}.ndjson`, status, shard: number % SHARDS };
}

/** How many of the first files are of a status or a date. */
export function expectedFiles(files: number, { status, date }: { status?: string; date?: string }): number {
  const all = Array.from({ length: files }, (_, number) => fileOf(number));
  return all.filter((file) => (!status || file.status === status) && (!date || file.date_prefix === date))
    .length;
}

/**
 * Puts files into the tracking table, spread over dates, statuses and shards, and lets the consumer apply the
 * stream records that say so. The records are made here: waiting for DynamoDB Local's stream would only
 * measure DynamoDB Local.
 *
 * @param from how many files are there already: seeding 1,000 and then 10,000 more makes 11,000
 */
export async function seedFiles({ dynamoDb, s3 }: BenchDatabase, from: number, count: number): Promise<void> {
  const docs = DynamoDBDocumentClient.from(dynamoDb);
  const table = streamedTable({ first: 10n ** 21n + BigInt(from) * 10n });
  const records = Array.from({ length: count }, (_, i) => {
    const { date_prefix, file_key, status, shard } = fileOf(from + i);
    return table.write(file_key, { ...uploaded(shard), status: `${status}#${shard}` }, date_prefix);
  });
  const items = [...table.items.values()].map((Item) => ({ PutRequest: { Item } }));
  await pMap(
    chunks(items, 25),
    (puts) => docs.send(new BatchWriteCommand({ RequestItems: { [TRACKING_TABLE]: puts } })),
    { concurrency: 8 },
  );
  const context = {
    table: { docs, name: PROJECTION_TABLE },
    now: Date.now(),
    random: Math.random,
    sleep,
    remainingMillis: () => 60_000,
    registeredDates: new Set<string>(),
  };
  for (const batch of chunks(records, 500))
    await consumeBatch(batch, context, { s3, bucket: 'dead-letters' });
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
