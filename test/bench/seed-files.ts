import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';
import { type BenchDatabase, PROJECTION_TABLE, TRACKING_TABLE } from './bench-system.ts';

const STATUSES = ['pending', 'manifested', 'processing', 'completed', 'completed', 'completed', 'failed'];
const SHARDS = 10;
const DATES = 10;

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
    const number = from + i;
    const status = `${STATUSES[number % STATUSES.length]}#${number % SHARDS}`;
    const date = `2026-11-${String(10 + (number % DATES)).padStart(2, '0')}`;
    return table.write(`${date}-file-${number}.ndjson`, { ...uploaded(number % SHARDS), status }, date);
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
  };
  for (const batch of chunks(records, 500))
    await consumeBatch(batch, context, { s3, bucket: 'dead-letters' });
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}
