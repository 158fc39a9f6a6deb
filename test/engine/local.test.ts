import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { createRandom } from '../../infra/simulator/random.ts';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { type ConsumeDeps, consumeBatch } from '../../shared/projection/consume.ts';
import { createWriter } from '../../shared/projection/writer.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { applyDeps, scanProjection } from '../support/projection.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';
import { DOCUMENTED } from './capacity.ts';
import { createEngine, type EngineResult } from './engine.ts';
import { putBefore, rawBytes } from './local.ts';

const CONSUMERS = 4;
const FILES = 60;

let aws: LocalAws;
beforeAll(async () => {
  aws = await localAws();
});

/** Clients of DynamoDB Local that share an engine with conflicts and little capacity, and what they met with. */
async function unkindClients() {
  const met: Record<EngineResult, number> = { performed: 0, conflict: 0, throttle: 0 };
  let now = 0;
  const engine = createEngine(
    {
      keys: { [aws.projectionTable]: ['pk', 'sk'] },
      conflicts: true,
      capacity: { ...DOCUMENTED, range: { write: 30, read: 3_000 }, burstSeconds: 1, savedSeconds: 0 },
      latency: () => 5,
      bytesOf: rawBytes,
      // Time goes on by requests, so that it makes no difference how busy the machine is.
      now: () => {
        now += 300;
        return now;
      },
      sleep,
    },
    (result) => {
      met[result] += 1;
    },
  );
  const { region, endpoint, credentials } = aws.dynamoDb.config;
  const address = await endpoint?.();
  const newDocuments = () => {
    const client = new DynamoDBClient({ region, endpoint: address, credentials });
    putBefore(client, engine);
    return dynamoDbDocuments(client);
  };
  return { met, newDocuments };
}

test('consumers that conflict and are throttled apply all of their batches, each record once', async () => {
  const { met, newDocuments } = await unkindClients();
  const random = createRandom(1);
  const table = streamedTable();
  const write = (consumer: number, attributes: object) =>
    Array.from({ length: FILES }, (_, i) => table.write(`${consumer}-${i}.ndjson`, { ...attributes }));
  const lives = Array.from({ length: CONSUMERS }, (_, i) => [
    write(i, uploaded()),
    write(i, { status: 'manifested#3' }),
  ]);
  const consume = async (batches: readonly (readonly unknown[])[]) => {
    const draw = () => random.between(0, 1);
    const overrides: Partial<ConsumeDeps> = {
      projection: { docs: newDocuments(), name: aws.projectionTable },
      writer: createWriter(draw),
      random: draw,
      sleep,
    };
    for (const batch of batches) {
      const store = { s3: aws.s3, bucket: aws.buckets.deadLetter };
      expect((await consumeBatch(batch, applyDeps(aws, overrides), store)).unapplied).toEqual([]);
    }
  };
  await Promise.all(lives.map(consume));
  expect(met.conflict).toBeGreaterThan(0);
  expect(met.throttle).toBeGreaterThan(0);
  const { counters, countHeads } = await scanProjection(aws);
  expect(countHeads()).toEqual({ file_manifested: CONSUMERS * FILES });
  expect(counters('STATS#ALL').file).toMatchObject({ pending: 0, manifested: CONSUMERS * FILES });
});
