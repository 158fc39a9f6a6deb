import type { DynamoDBRecord } from 'aws-lambda';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { readCounters } from '../../shared/projection/counter-items.ts';
import { createConsumer } from './bench-consumer.ts';
import { type BenchDatabase, PROJECTION_TABLE, withBenchSystem } from './bench-system.ts';
import { copies } from './copies.ts';
import { createNaiveConsumer } from './naive.ts';
import { chunks } from './numbers.ts';
import { printTable } from './print.ts';
import { rowOf } from './row.ts';
import type { BenchRun, Section } from './section.ts';
import { type Counts, countsOf, errorOf, trueCounts } from './true-counts.ts';

const NAME = 'redelivery';
const COPIES = 2;
const BATCH_SIZE = 20;
/** One batch in a hundred is delivered twice, as if the function had written it but not answered in time. */
const REDELIVERED_EVERY = 100;

type Consume = (batch: readonly unknown[]) => Promise<unknown>;

export const redeliverySection: Section = {
  name: NAME,
  about: 'counts after 1% of all batches were delivered twice, compared with a naive consumer',
  async run(run: BenchRun) {
    const records = copies(await run.lives(), COPIES);
    const right = trueCounts(records);
    const [ours, naive] = await withBenchSystem(async (system) => [
      await ourCounts(await system.database(), records),
      await naiveCounts(await system.database(), records),
    ]);
    print(right, ours, naive);
    const row = rowOf(NAME, {
      name: 'stream consumer, 1% of batches twice',
      size: records.length,
      sizeUnit: 'records',
      value: errorOf(ours, right),
      unit: 'miscounted',
      baseline: 'naive: an ADD on two counters and an event item',
      baselineValue: errorOf(naive, right),
      goal: { of: 'value', bound: 'at most', limit: 0, because: 'Redelivery must not change any count.' },
    });
    return { rows: [row], growth: [] };
  },
};

async function ourCounts(
  { dynamoDb, s3 }: BenchDatabase,
  records: readonly DynamoDBRecord[],
): Promise<Counts> {
  await deliver(records, createConsumer(dynamoDb, s3));
  const table = { docs: dynamoDbDocuments(dynamoDb), name: PROJECTION_TABLE };
  return countsOf(await readCounters(table, undefined));
}

async function naiveCounts({ dynamoDb }: BenchDatabase, records: readonly DynamoDBRecord[]): Promise<Counts> {
  const naive = createNaiveConsumer(dynamoDb);
  await deliver(records, naive.consume);
  return naive.counts();
}

async function deliver(records: readonly DynamoDBRecord[], consume: Consume): Promise<void> {
  for (const [i, batch] of chunks(records, BATCH_SIZE).entries()) {
    await consume(batch);
    if (i % REDELIVERED_EVERY === REDELIVERED_EVERY / 2) await consume(batch);
  }
}

function print(right: Counts, ours: Counts, naive: Counts): void {
  const names = [...new Set([...right.keys(), ...naive.keys()])].sort();
  printTable(
    'Counts after 1% of all batches were delivered twice',
    ['count', 'right', 'stream consumer', 'naive'],
    names.map((name) => [name, right.get(name) ?? 0, ours.get(name) ?? 0, naive.get(name) ?? 0]),
  );
}
