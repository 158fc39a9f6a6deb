/** @module-tag long */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences, type StatsAnswer, scanCounts } from '../../../infra/local/compare-counts.ts';
import { startFeed } from '../../../infra/local/feed.ts';
import { startSchedules } from '../../../infra/local/schedules.ts';
import type { LocalSettings } from '../../../infra/local/settings.ts';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/system.ts';
import { streamArnOf } from '../../../infra/local/tables.ts';
import { startStreamRunner } from '../../../infra/local-lambda/runner.ts';
import { STREAM_SETTINGS } from '../../../infra/stream-settings.ts';
import { localFolders } from '../../support/bundles.ts';
import { busiestDate } from '../../support/busiest-date.ts';
import { freeLocalSettings } from '../../support/free-ports.ts';
import { streamsClient } from '../../support/local-aws.ts';

const FILES = 250;
const folders = localFolders();
let settings: LocalSettings;
let system: LocalSystem;

beforeAll(async () => {
  settings = await freeLocalSettings();
  system = await startLocalSystem(settings, folders);
});

afterAll(() => system.stop());

const flags = {
  simulator: true,
  rate: 200,
  seed: 7,
  speed: 100,
  files: FILES,
  replay: undefined,
  pipeline: 'A',
  maxFiles: 6,
} as const;

/** Asks as a user does: through the Lambda API, with a separate client. */
async function ask<T>(request: object): Promise<T> {
  const client = new LambdaClient({
    endpoint: system.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'anyone', secretAccessKey: 'local' },
  });
  const FunctionName = settings.names.operationsFunction;
  const { Payload } = await client.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }),
  );
  return JSON.parse(Payload?.transformToString() ?? '');
}

const documents = () => DynamoDBDocumentClient.from(system.dynamoDb);

async function expectExact(): Promise<StatsAnswer> {
  const stats = await ask<StatsAnswer>({ operation: 'get_stats' });
  expect(differences(stats, await scanCounts(documents(), settings.names.trackingTable))).toEqual([]);
  return stats;
}

test('while the consumer is killed again and again, every transition is counted exactly once', async () => {
  const feed = startFeed(flags, settings, system);
  let kills = 0;
  let feeding = true;
  const killer = (async () => {
    while (feeding) {
      await sleep(2_000);
      if (system.consumer.pid() !== undefined) kills += 1;
      system.consumer.kill('SIGKILL');
    }
  })();
  await feed.done;
  feeding = false;
  await killer;
  await system.stream.idle();
  const stats = await expectExact();
  expect(kills).toBeGreaterThan(1);
  expect(stats.total).toBeGreaterThan(FILES * 0.9);
  expect(stats.manifests.total).toBeGreaterThan(10);
  expect(system.stream.progress()).toMatchObject({ discarded: 0, behindSeconds: 0 });
  // The deployed filter holds back the builders' locks.
  expect(system.stream.progress().filtered).toBeGreaterThan(0);
});

test('the counts of every date add up to the overall ones', async () => {
  const dates = new Set<string>();
  for await (const { Items = [] } of paginateScan(
    { client: documents() },
    { TableName: settings.names.trackingTable },
  )) {
    for (const { date_prefix } of Items) if (!date_prefix.startsWith('LOCK#')) dates.add(date_prefix);
  }
  const overall = await ask<StatsAnswer>({ operation: 'get_stats' });
  let files = 0;
  let manifests = 0;
  for (const date_prefix of dates) {
    const stats = await ask<StatsAnswer>({ operation: 'get_stats', date_prefix });
    files += stats.total;
    manifests += stats.manifests.total;
  }
  expect({ files, manifests }).toEqual({ files: overall.total, manifests: overall.manifests.total });
});

test('the whole stream delivered a second time, in other batches, changes nothing', async () => {
  const before = await ask<StatsAnswer>({ operation: 'get_stats' });
  const timeline = { operation: 'get_processing_timeline', ...(await anyFile()) };
  const events = await ask(timeline);
  const applied = system.metrics.sum('TransitionsApplied');
  const again = await startStreamRunner({
    streams: streamsClient(settings.environment),
    streamArn: await streamArnOf(system.dynamoDb, settings.names.trackingTable),
    functionArn: system.consumer.arn,
    invoke: (event) => system.consumer.invoke(event),
    settings: { ...STREAM_SETTINGS, batchSize: 333 },
  });
  await again.idle();
  await again.stop();
  expect(again.progress().delivered).toBeGreaterThan(FILES * 3);
  expect(system.metrics.sum('TransitionsApplied')).toBe(applied);
  expect(await ask({ operation: 'get_stats' })).toMatchObject({
    stats: before.stats,
    manifests: before.manifests,
  });
  expect(await ask(timeline)).toEqual(events);
  await expectExact();
});

async function anyFile() {
  const date_prefix = await busiestDate(documents(), settings.names.trackingTable);
  const { files } = await ask<{ files: { file_key: string }[] }>({
    operation: 'get_file_state',
    date_prefix,
    limit: 1,
  });
  return { date_prefix, file_key: files[0]?.file_key };
}

test('sweeps, statistics and audits run on schedule, and operations return what they found', async () => {
  const schedules = startSchedules(settings, system, 0);
  const isDone = () =>
    ['sweep', 'statistics', 'audit', 'watchdog'].every((name) =>
      schedules.results().some(([task]) => task === name),
    );
  while (!isDone()) await sleep(100);
  await schedules.stop();
  expect(JSON.stringify(schedules.results())).not.toContain('failed');
  const { last_sweep } = await ask<{ last_sweep: { checked: number } }>({ operation: 'find_orphans' });
  expect(last_sweep.checked).toBeGreaterThan(FILES * 0.5);
  const stats = await ask<Record<string, object>>({ operation: 'get_stats' });
  expect(stats.last_audit).toMatchObject({ drift_found: 0 });
  expect(stats.dead_letters_waiting).toMatchObject({ waiting: 0 });
});

test('what a person changes is sent to the event bus of this machine at the next look', async () => {
  await system.outlet.invoke({});
  const listed = { operation: 'query_by_status', status: 'completed', limit: 1 };
  const { files } = await ask<{ files: { date_prefix: string; file_key: string }[] }>(listed);
  const { date_prefix, file_key } = files[0] ?? {};
  const request = { operation: 'update_state', new_status: 'failed', force: true, reason: 'to be told' };
  const changed = await ask<{ change_id: string }>({ ...request, date_prefix, file_key });
  expect(changed).toMatchObject({ change_id: expect.any(String) });
  const { change_id } = changed;
  expect(await system.outlet.invoke({})).toMatchObject({ functionError: undefined });
  const notices = readFileSync(folders.notices, 'utf8').trimEnd().split('\n');
  const told = notices.map((line) => JSON.parse(line)).find(({ type }) => type === 'change-applied');
  expect(told).toMatchObject({
    ...{ version: 1, id: `local/change-applied/${change_id}`, environment: 'local' },
    data: { change_id, applied: 1, origin: 'update_state' },
  });
});
