/** @module-tag long */
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences, type StatsAnswer, scanCounts } from '../../infra/local/compare-counts.ts';
import { startFeed } from '../../infra/local/feed.ts';
import type { LocalSettings } from '../../infra/local/settings.ts';
import { type LocalSystem, startLocalSystem } from '../../infra/local/system.ts';
import type { LambdaFunction } from '../../infra/local-lambda/function.ts';
import { createRandom } from '../../infra/simulator/random.ts';
import { localFolders } from '../support/bundles.ts';
import { freeLocalSettings } from '../support/free-ports.ts';
import { type Door, openDoor } from './door.ts';

/** How long an engine is gone; `OUTAGE_SECONDS=60 npx vitest run test/faults` tries a minute of it. */
const OUTAGE_MILLIS = Number(process.env.OUTAGE_SECONDS ?? 8) * 1_000;
const TODAY = new Date().toISOString().slice(0, 10);

let settings: LocalSettings;
let system: LocalSystem;
let databasePort: number;
let database: Door;
let storage: Door;

beforeAll(async () => {
  const usual = await freeLocalSettings();
  databasePort = usual.port + 1;
  database = await openDoor(databasePort);
  storage = await openDoor(usual.port + 2);
  settings = {
    ...usual,
    environment: {
      ...usual.environment,
      AWS_ENDPOINT_URL_DYNAMODB: database.url,
      AWS_ENDPOINT_URL_S3: storage.url,
    },
  };
  system = await startLocalSystem(settings, localFolders());
});

afterAll(async () => {
  await system.stop();
  await Promise.all([database.shut(), storage.shut()]);
});

/** A writer of the pipeline, who reaches the table whatever befalls the State Manager. */
function writer(): DynamoDBDocumentClient {
  const { region, credentials } = system.dynamoDb.config;
  const endpoint = `http://127.0.0.1:${databasePort}`;
  return DynamoDBDocumentClient.from(new DynamoDBClient({ region, credentials, endpoint }));
}

async function write(documents: DynamoDBDocumentClient, prefix: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const Item = {
      date_prefix: TODAY,
      file_key: `${prefix}-${i}.ndjson`,
      status: `pending#${i % 10}`,
      created_at: new Date().toISOString(),
    };
    await documents.send(new PutCommand({ TableName: settings.names.trackingTable, Item }));
  }
}

async function stats(): Promise<StatsAnswer> {
  const { payload, functionError } = await system.operations.invoke({ operation: 'get_stats' });
  expect(functionError).toBeUndefined();
  return payload as StatsAnswer;
}

async function expectExact(): Promise<void> {
  await system.stream.idle();
  expect(differences(await stats(), await scanCounts(writer(), settings.names.trackingTable))).toEqual([]);
}

/** Each function, and an event that gives it work; the consumer gets its own from the stream. */
function functions(): [LambdaFunction, object | undefined][] {
  return [
    [system.consumer, undefined],
    [system.operations, { operation: 'find_orphans' }],
    [system.widget, { view: 'overview' }],
    [system.sweep, {}],
    [system.audit, { date_prefix: TODAY }],
    [system.statistics, {}],
  ];
}

test('whichever function is killed with kill -9, the counts are exact and it answers the next time', async () => {
  const flags = {
    simulator: true,
    rate: 50,
    seed: 3,
    speed: 50,
    files: 150,
    replay: undefined,
    pipeline: 'A',
    maxFiles: 6,
  } as const;
  const feed = startFeed(flags, settings, system);
  const random = createRandom(11);
  for (let round = 0; round < 3; round++) {
    for (const [fn, event] of functions()) {
      const answer = event && fn.invoke(event);
      await expect.poll(() => fn.pid()).toBeDefined();
      await sleep(random.integer(0, 500));
      fn.kill('SIGKILL');
      await answer;
    }
  }
  await feed.done;
  await expectExact();
  for (const [fn, event] of functions()) {
    if (event) expect(await fn.invoke(event)).not.toHaveProperty('functionError', 'Unhandled');
  }
  expect(system.stream.progress()).toMatchObject({ discarded: 0 });
});

test('while the database refuses or does not answer, nothing is lost: all is counted once it is back', async () => {
  const documents = writer();
  await write(documents, 'before', 20);
  await database.shut();
  await write(documents, 'refused', 40);
  expect((await system.operations.invoke({ operation: 'get_stats' })).functionError).toBe('Unhandled');
  await sleep(OUTAGE_MILLIS / 2);
  await database.open();
  database.freeze();
  await write(documents, 'unanswered', 40);
  await sleep(OUTAGE_MILLIS / 2);
  await database.open();
  await write(documents, 'after', 20);
  await expectExact();
  expect(system.stream.progress()).toMatchObject({ discarded: 0 });
  expect(system.metrics.sum('DeadLetters')).toBe(0);
});

test('while S3 is gone nothing is called missing, and what must be kept there stays with the stream', async () => {
  const Item = {
    date_prefix: TODAY,
    file_key: 'unmade.ndjson',
    status: 'manifested#3',
    created_at: new Date(Date.now() - 30 * 3_600_000).toISOString(),
    manifest_path: `s3://${settings.names.manifestBucket}/manifests/never-written.json`,
  };
  await writer().send(new PutCommand({ TableName: settings.names.trackingTable, Item }));
  // A sweep goes by the counts: it sees the file once the consumer has counted it.
  await system.stream.idle();
  const before = (await system.sweep.invoke({})).payload as Swept;
  expect(before.totals.missing_manifests).toBeGreaterThan(0);

  await storage.shut();
  const poison = { eventName: 'MODIFY', dynamodb: { SequenceNumber: '7' } };
  const kept = await system.consumer.invoke({ Records: [poison] });
  expect(kept.payload).toEqual({ batchItemFailures: [{ itemIdentifier: '7' }] });
  const during = (await system.sweep.invoke({})).payload as Swept;
  expect(during.done).toBe(true);
  expect(during.unknown).toBeGreaterThan(before.unknown);
  expect(during.totals.missing_manifests).toBe(0);
  // What earlier sweeps have proved is told all the same.
  for (const kind of ['missing_outputs', 'not_in_manifest'])
    expect(during.totals[kind], kind).toBeLessThanOrEqual(before.totals[kind] ?? 0);

  await storage.open();
  const letter = await system.consumer.invoke({ Records: [poison] });
  expect(letter.payload).toEqual({ batchItemFailures: [] });
  expect(system.metrics.sum('DeadLetters')).toBe(1);
  // What gets stuck while all of this takes its time is told besides.
  const { missing_manifests, missing_outputs, not_in_manifest } = before.totals;
  expect((await system.sweep.invoke({})).payload).toMatchObject({
    totals: { missing_manifests, missing_outputs, not_in_manifest },
  });
  await expectExact();
});

interface Swept {
  readonly done: boolean;
  readonly unknown: number;
  readonly totals: Readonly<Record<string, number>>;
}
