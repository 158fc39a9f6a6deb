import { setTimeout as sleep } from 'node:timers/promises';
import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand, DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { streamArnOf } from '../../infra/local/tables.ts';
import { startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { startStreamRunner } from '../../infra/local-lambda/runner.ts';
import { createRandom } from '../../infra/simulator/random.ts';
import { STREAM_SETTINGS } from '../../infra/stream-settings.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { runRebuild } from '../../shared/projection/rebuild-run.ts';
import {
  type BenchDatabase,
  PROJECTION_TABLE,
  startBenchSystem,
  TRACKING_TABLE,
} from '../bench/bench-system.ts';
import { FIELD_PROFILE } from '../support/profile.ts';
import { uploaded } from '../support/stream-records.ts';
import { compareWithTable } from './compare.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const [files = 10_000, seeds = 3, perSecond = 200] = process.argv.slice(2).map(Number);
const STATUSES = ['pending', 'manifested', 'processing', 'completed', 'failed'];

const system = await startBenchSystem();
try {
  for (let seed = 1; seed <= seeds; seed++) {
    const begun = performance.now();
    const result = await rebuildUnderFlow(await system.database(), seed);
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    process.stdout.write(`seed ${seed}: ${JSON.stringify(result)} in ${seconds} s\n`);
    if (result.differences > 0) process.exitCode = 1;
  }
} finally {
  await system.stop();
}

/** Fills a table unseen, rebuilds it while transitions flow and the consumer is killed twice, and compares. */
async function rebuildUnderFlow(database: BenchDatabase, seed: number) {
  const docs = DynamoDBDocumentClient.from(database.dynamoDb);
  await putFiles(docs, files);
  const consumer = await startConsumer(database);
  const stream = await startStreamRunner({
    streams: database.streams,
    streamArn: await freshStream(database.dynamoDb),
    functionArn: consumer.arn,
    invoke: (event) => consumer.invoke(event),
    settings: STREAM_SETTINGS,
  });
  const abort = new AbortController();
  const flow = writeTransitions(docs, seed, abort.signal);
  const killed = killTwice(() => consumer.kill('SIGKILL'), abort.signal);
  const rebuilt = await runRebuild(
    { id: `seed-${seed}`, segments: 4, recordsPerSecond: 100_000, clock: () => performance.now() },
    rebuildContext(docs),
  );
  abort.abort();
  const transitions = await flow;
  await killed;
  await stream.idle();
  await stream.stop();
  await consumer.stop();
  return { files, transitions, inserted: rebuilt.inserted, ...(await compareWithTable(docs)) };
}

/** Gives the table a new stream, which begins with the next change. */
async function freshStream(client: BenchDatabase['dynamoDb']): Promise<string> {
  for (const StreamSpecification of [
    { StreamEnabled: false },
    { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const },
  ]) {
    await client.send(new UpdateTableCommand({ TableName: TRACKING_TABLE, StreamSpecification }));
  }
  return streamArnOf(client, TRACKING_TABLE);
}

async function startConsumer({ dynamoDb }: BenchDatabase) {
  return startLambdaFunction({
    name: 'stream-consumer',
    handlerFile: 'handlers/stream-consumer.ts',
    environment: await system.environmentOf(dynamoDb),
    timeoutSeconds: 60,
    onOutput: () => undefined,
  });
}

function rebuildContext(docs: DynamoDBDocumentClient) {
  return {
    projection: { docs, name: PROJECTION_TABLE },
    tracking: trackingTable(docs, TRACKING_TABLE, FIELD_PROFILE),
    now: Date.now(),
    random: Math.random,
    sleep: (millis: number) => sleep(millis),
    remainingMillis: () => Number.POSITIVE_INFINITY,
  };
}

function keyOf(number: number) {
  return {
    date_prefix: `2026-11-${String(10 + (number % 10)).padStart(2, '0')}`,
    file_key: `file-${number}.ndjson`,
  };
}

async function putFiles(docs: DynamoDBDocumentClient, count: number): Promise<void> {
  const batches = Array.from({ length: Math.ceil(count / 25) }, (_, i) => i * 25);
  const write = async (from: number) => {
    const puts = Array.from({ length: Math.min(25, count - from) }, (_, i) => {
      const status = `${STATUSES[(from + i) % STATUSES.length]}#${(from + i) % 10}`;
      return { PutRequest: { Item: { ...uploaded(), ...keyOf(from + i), status } } };
    });
    await docs.send(new BatchWriteCommand({ RequestItems: { [TRACKING_TABLE]: puts } }));
  };
  await pMap(batches, write, { concurrency: 8 });
}

/** @returns how many transitions were written */
async function writeTransitions(
  docs: DynamoDBDocumentClient,
  seed: number,
  signal: AbortSignal,
): Promise<number> {
  const random = createRandom(seed);
  let written = 0;
  while (!signal.aborted) {
    const started = performance.now();
    const numbers = Array.from({ length: perSecond / 10 }, () => random.integer(0, files - 1));
    await pMap(numbers, (number) => moveFile(docs, number, random.integer(0, STATUSES.length - 1)), {
      concurrency: 8,
    });
    written += numbers.length;
    await sleep(Math.max(0, 100 - (performance.now() - started)));
  }
  return written;
}

async function moveFile(docs: DynamoDBDocumentClient, number: number, status: number): Promise<void> {
  await docs.send(
    new UpdateCommand({
      TableName: TRACKING_TABLE,
      Key: keyOf(number),
      UpdateExpression: 'SET #status = :status, updated_at = :now',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': `${STATUSES[status]}#1`, ':now': new Date().toISOString() },
    }),
  );
}

async function killTwice(kill: () => void, signal: AbortSignal): Promise<void> {
  for (let i = 0; i < 2; i++) {
    await sleep(4_000, undefined, { signal }).catch(() => undefined);
    kill();
  }
}
