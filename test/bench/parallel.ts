import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { putBefore, rawBytes } from '../engine/local.ts';
import { createConsumer } from './bench-consumer.ts';
import { type BenchDatabase, PROJECTION_TABLE } from './bench-system.ts';
import { chunks } from './numbers.ts';
import type { Transaction } from './transactions.ts';

/** The joint results of several consumers. */
export interface ParallelCost {
  readonly consumers: number;
  readonly transitions: number;
  readonly seconds: number;
  readonly transactions: number;
  readonly cancelled: number;
  /** Transactions that overlapped with one of another consumer and had a counter item in common with it. */
  readonly met: number;
}

/** One transaction, from its request to its answer. */
interface Flight {
  readonly consumer: number;
  readonly begun: number;
  readonly ended: number;
  readonly counters: readonly string[];
  readonly cancelled: boolean;
}

/** Lets consumers, each with its own client, share the shards of a stream; no shard has two consumers at a time. */
export async function measureParallel(
  database: BenchDatabase,
  shards: readonly (readonly DynamoDBRecord[])[],
  consumers: number,
): Promise<ParallelCost> {
  const flights: Flight[] = [];
  const engine = conflictingEngine();
  const begun = performance.now();
  const applied = await Promise.all(
    Array.from({ length: consumers }, async (_, consumer) => {
      const client = database.newClient();
      putBefore(client, engine);
      logFlights(client, consumer, flights);
      const consume = createConsumer(client, database.s3);
      let transitions = 0;
      for (const shard of shards.filter((_, i) => i % consumers === consumer)) {
        for (const batch of chunks(shard, STREAM_SETTINGS.batchSize)) {
          transitions += (await consume(batch)).applied;
        }
      }
      return transitions;
    }),
  );
  return {
    consumers,
    transitions: applied.reduce((sum, count) => sum + count, 0),
    seconds: (performance.now() - begun) / 1_000,
    transactions: flights.length,
    cancelled: flights.filter(({ cancelled }) => cancelled).length,
    met: flights.filter((flight) => flights.some((other) => haveMet(flight, other))).length,
  };
}

/** Only the rules for conflicts: the time of requests is that of DynamoDB Local. */
function conflictingEngine(): Engine {
  return createEngine({
    keys: { [PROJECTION_TABLE]: ['pk', 'sk'] },
    conflicts: true,
    capacity: undefined,
    latency: () => 0,
    bytesOf: rawBytes,
    now: Date.now,
    sleep: () => Promise.resolve(),
  });
}

function logFlights(client: DynamoDBClient, consumer: number, flights: Flight[]): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'TransactWriteItemsCommand') return next(args);
      const begun = performance.now();
      const counters = countersOf(args.input as Transaction);
      let cancelled = true;
      try {
        const result = await next(args);
        cancelled = false;
        return result;
      } finally {
        flights.push({ consumer, begun, ended: performance.now(), counters, cancelled });
      }
    },
    { step: 'build' },
  );
}

function countersOf({ TransactItems = [] }: Transaction): string[] {
  return TransactItems.flatMap(({ Update }) => {
    const { pk, sk } = Update?.Key ?? {};
    return pk?.S?.startsWith('STATS#') ? [`${pk.S} ${sk?.S}`] : [];
  });
}

function haveMet(flight: Flight, other: Flight): boolean {
  if (flight.consumer === other.consumer) return false;
  const together = flight.begun < other.ended && other.begun < flight.ended;
  return together && flight.counters.some((counter) => other.counters.includes(counter));
}
