import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { createConsumer } from './bench-consumer.ts';
import type { BenchSystem } from './bench-system.ts';
import { eventItem, transitionsIn } from './naive.ts';
import { chunks } from './numbers.ts';
import { createStopwatch, type Taken } from './stopwatch.ts';
import { bare, onTransaction, putItems, sendTransactions, type Transaction } from './transactions.ts';

export const WAYS = ['consumer', 'bare', 'bare, not batch by batch', 'plain'] as const;
export type Way = (typeof WAYS)[number];

/** The time to write the same transitions in each way. */
export interface Throughput {
  readonly transitions: number;
  readonly transactions: number;
  readonly ways: Readonly<Record<Way, Taken>>;
}

const BATCHES_PER_TURN = 5;

/**
 * Applies a stream and, in turns with that, writes the same with requests that decide nothing: the consumer's
 * own transactions without their conditions, and one plain item for each transition. Turns are short, so that
 * other processes of the machine affect all ways alike.
 */
export async function measureThroughput(
  system: BenchSystem,
  records: readonly DynamoDBRecord[],
): Promise<Throughput> {
  const [projected, engine, plain] = [
    await system.database(),
    await system.database(),
    await system.database(),
  ];
  let sent: Transaction[][] = [];
  onTransaction(projected.dynamoDb, (transaction) => sent.at(-1)?.push(transaction));
  const consume = createConsumer(projected.dynamoDb, projected.s3);
  const watch = createStopwatch<Way>();
  const done = { transitions: 0, transactions: 0 };
  for (const turn of chunks(chunks(records, STREAM_SETTINGS.batchSize), BATCHES_PER_TURN)) {
    sent = [];
    await watch.time('consumer', async () => {
      for (const batch of turn) {
        sent.push([]);
        done.transitions += (await consume(batch)).applied;
      }
    });
    const requests = sent.map((batch) => batch.map(bare));
    done.transactions += requests.flat().length;
    await watch.time('bare', async () => {
      for (const batch of requests) await sendTransactions(engine.dynamoDb, batch);
    });
    // Every head exists by now, so the order of requests no longer matters.
    await watch.time('bare, not batch by batch', () => sendTransactions(engine.dynamoDb, requests.flat()));
    const items = transitionsIn(turn.flat()).map((transition) => marshall(eventItem(transition)));
    await watch.time('plain', () => putItems(plain.dynamoDb, items));
  }
  const ways = Object.fromEntries(WAYS.map((way) => [way, watch.taken(way)])) as Record<Way, Taken>;
  return { ...done, ways };
}
