import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBRecord } from 'aws-lambda';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { type BenchDatabase, PROJECTION_TABLE } from './bench-system.ts';
import { metered } from './metered.ts';

/** What applying one stream cost, at one batch size. */
export interface TransitionCost {
  readonly batchSize: number;
  readonly order: string;
  readonly records: number;
  readonly transitions: number;
  readonly transactions: number;
  readonly cancelled: number;
  readonly writeUnits: number;
  readonly unitsPerTransition: number;
}

/** Applies recorded stream records in batches of one size to an empty projection, metering its writes. */
export async function measureTransitionCost(
  { dynamoDb, s3 }: BenchDatabase,
  records: readonly DynamoDBRecord[],
  batchSize: number,
  order = 'as streamed',
): Promise<TransitionCost> {
  const meter = metered(dynamoDb);
  const context = {
    table: { docs: meter.documents, name: PROJECTION_TABLE },
    now: Date.now(),
    random: Math.random,
    sleep,
    remainingMillis: () => 60_000,
    registeredDates: new Set<string>(),
  };
  let transitions = 0;
  for (let from = 0; from < records.length; from += batchSize) {
    const batch = records.slice(from, from + batchSize);
    const report = await consumeBatch(batch, context, { s3, bucket: 'dead-letters' });
    if (report.unapplied.length > 0) throw new Error('the stream was not applied completely');
    transitions += report.applied;
  }
  return {
    batchSize,
    order,
    records: records.length,
    transitions,
    transactions: meter.transactions(),
    cancelled: meter.cancelled(),
    writeUnits: meter.writeUnits(),
    unitsPerTransition: meter.writeUnits() / transitions,
  };
}

/**
 * The records in an order in which no batch has two of one file: all first ones, all second ones, and so on.
 * Nothing folds then, which is the dearest that a stream can be.
 */
export function unfolded(records: readonly DynamoDBRecord[]): DynamoDBRecord[] {
  const seen = new Map<string, number>();
  const rounds = records.map((record) => {
    const key = JSON.stringify(record.dynamodb?.Keys);
    const round = seen.get(key) ?? 0;
    seen.set(key, round + 1);
    return { record, round };
  });
  return rounds.sort((a, b) => a.round - b.round).map(({ record }) => record);
}
