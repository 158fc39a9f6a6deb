import type { DynamoDBRecord } from 'aws-lambda';
import type { Writer } from '../../shared/projection/writer.ts';
import type { SenderPath } from '../../shared/settings/index-profile.ts';
import { createConsumer } from './bench-consumer.ts';
import type { BenchDatabase } from './bench-system.ts';
import { createNaiveConsumer, transitionsIn } from './naive.ts';
import { chunks } from './numbers.ts';
import { type ItemKind, meterTransactions } from './transaction-meter.ts';

/** The cost of applying one stream at one batch size. */
export interface TransitionCost {
  readonly batchSize: number;
  readonly order: string;
  readonly records: number;
  readonly transitions: number;
  readonly transactions: number;
  readonly cancelled: number;
  readonly writeUnits: number;
  readonly unitsOf: Readonly<Record<ItemKind, number>>;
  readonly unitsPerTransition: number;
}

/** Applies recorded stream records to an empty projection, in batches of one size, and measures the writes. */
export async function measureTransitionCost(
  { dynamoDb, s3 }: BenchDatabase,
  records: readonly DynamoDBRecord[],
  batchSize: number,
  order = 'as streamed',
  writer?: Writer,
  countsFlow = false,
  senderPath?: SenderPath,
): Promise<TransitionCost> {
  const meter = meterTransactions(dynamoDb);
  const consume = createConsumer(dynamoDb, s3, writer, countsFlow, senderPath);
  let transitions = 0;
  for (const batch of chunks(records, batchSize)) transitions += (await consume(batch)).applied;
  return {
    batchSize,
    order,
    records: records.length,
    transitions,
    transactions: meter.transactions(),
    cancelled: meter.cancelled(),
    writeUnits: meter.writeUnits(),
    unitsOf: {
      heads: meter.writeUnitsOf('heads'),
      statuses: meter.writeUnitsOf('statuses'),
      senders: meter.writeUnitsOf('senders'),
      ages: meter.writeUnitsOf('ages'),
      durations: meter.writeUnitsOf('durations'),
      sizes: meter.writeUnitsOf('sizes'),
    },
    unitsPerTransition: meter.writeUnits() / transitions,
  };
}

/** Write units per transition of the naive consumer; they do not depend on the batch size. */
export async function measureNaiveCost(
  { dynamoDb }: BenchDatabase,
  records: readonly DynamoDBRecord[],
): Promise<number> {
  const naive = createNaiveConsumer(dynamoDb);
  await naive.consume(records);
  return naive.writeUnits() / transitionsIn(records).length;
}

/**
 * The records in an order in which no batch has two of one file: all first ones, all second ones, and so on.
 * Then nothing folds, which is the most expensive case.
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
