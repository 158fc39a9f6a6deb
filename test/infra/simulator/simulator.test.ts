import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Batch, generateBatches, type LifeOptions } from '../../../infra/simulator/life.ts';
import { manifestKey } from '../../../infra/simulator/records.ts';
import {
  type SimulatorOptions,
  type SimulatorProgress,
  startSimulator,
} from '../../../infra/simulator/simulator.ts';
import { type PipelineBuckets, performStep } from '../../../infra/simulator/steps.ts';
import { recordKind } from '../../../shared/pipeline/record.ts';
import { isInFlight, parseStatus } from '../../../shared/pipeline/status.ts';
import { parseFieldTime } from '../../../shared/text/time.ts';
import { localAws } from '../../support/local-aws.ts';

type Item = Record<string, AttributeValue>;

/** What a simulator needs, on a database of its own: a second streamed table in one would be slow. */
interface Target {
  dynamoDb: DynamoDBClient;
  options: SimulatorOptions;
}

const startMillis = Date.parse('2026-11-23T05:22:53Z');
// A seed whose few files meet most of what can go wrong.
const simulated = { seed: 349, rate: 1_000_000, files: 200 };
const batches = generate(simulated);

const FINAL_STATUS: Record<string, string> = {
  upload: 'pending',
  claim: 'manifested',
  release: 'pending',
  process: 'processing',
  complete: 'completed',
  fail: 'failed',
  quarantine: 'quarantined',
};

describe('a run with a limit', () => {
  let target: Target;
  let progress: SimulatorProgress;
  let items: Item[];
  let files: Item[];

  beforeAll(async () => {
    target = await freshTarget();
    const simulator = startSimulator(target.options);
    await simulator.done;
    progress = simulator.progress();
    items = await scan(target);
    files = items.filter(isFile);
    // A thousand writes: seconds on an idle machine, a minute on a busy one.
  });

  it('leaves each file in the status that its life ends with', () => {
    const found = files.map((item) => [key(item), parseStatus(item.status?.S).status]);
    expect(Object.fromEntries(found)).toEqual(expectedStatuses(batches));
  });

  it('counts files and writes', () => {
    const perFile = batches.flatMap(({ steps }) =>
      steps.flatMap((step) => step.files.map(() => step.action)),
    );
    const onFiles = perFile.filter((action) => action in FINAL_STATUS || action === 'assign').length;
    expect(progress).toMatchObject({ arrived: simulated.files, finished: simulated.files, removed: 0 });
    expect(progress.writes).toBeGreaterThan(onFiles);
    expect(progress.writes).toBeLessThan(onFiles + batches.length * 6);
  });

  it('writes records in the forms of the field', () => {
    for (const item of files) {
      expect(item.ttl?.N).toMatch(/^\d{10}$/);
      expect(item.file_size_mb?.N).toMatch(/^\d+\.\d{5,}$/);
      expect(item.file_path?.S).toMatch(/^s3:\/\/.*\/pipeline\/input\//);
      expect(parseFieldTime((item.created_at ?? item.upload_time)?.S)).toBeDefined();
    }
    const unmoved = files.filter((item) => item.updated_at === undefined);
    expect(new Set(unmoved.map((item) => item.status?.S?.split('#')[0]))).toEqual(new Set(['pending']));
  });

  it('registers manifests without a suffix and without updated_at', () => {
    const manifests = items.filter((item) => item.file_key?.S?.startsWith('MANIFEST#'));
    const statuses = new Set(manifests.map((item) => item.status?.S));
    expect(statuses).toEqual(new Set(['pending', 'processing', 'completed', 'failed']));
    for (const item of manifests) {
      expect(item.updated_at).toBeUndefined();
      expect(item.execution_arn ?? item.trigger_type).toBeDefined();
    }
  });

  it('puts inputs, outputs, and manifests that list their files', async () => {
    const inputs = batches.flatMap((batch) => batch.files).filter(({ hasInput }) => hasInput);
    expect(await list(target, 'input')).toHaveLength(inputs.length);
    expect(await list(target, 'output')).toContainEqual(
      expect.stringMatching('merged-parquet-2026-11-23/.*parquet$'),
    );
    const batch = batchOf('converted');
    expect(await listed(target, batch)).toHaveLength(batch.files.length);
  });
});

it('settled records are removed when their time has passed, those in flight are not', async () => {
  const target = await freshTarget();
  const few = { ...simulated, files: 60 };
  const simulator = startSimulator({ ...target.options, ...few, keepSettledSeconds: 0 });
  await simulator.done;
  const items = await scan(target);
  const left = items.filter(isFile).map((item) => parseStatus(item.status?.S).status);
  expect(left.sort()).toEqual(
    Object.values(expectedStatuses(generate(few)))
      .filter(isInFlight)
      .sort(),
  );
  expect(simulator.progress().removed).toBeGreaterThan(few.files / 2);
});

describe('single steps', () => {
  let target: Target;

  beforeAll(async () => {
    target = await freshTarget();
  });

  it('write a manifest over another of its name, so that it lists the second half of the files', async () => {
    const batch = batchOf('manifest_overwritten');
    for (const step of batch.steps) await performStep(target.options, batch, step);
    const second = batch.files.slice(Math.ceil(batch.files.length / 2)).map(({ file_key }) => file_key);
    const uris = await listed(target, batch);
    expect(uris.map((uri) => uri.slice(uri.lastIndexOf('/') + 1))).toEqual(second);
    const statuses = (await scan(target)).filter(isFile).map((item) => item.status?.S);
    expect(statuses.filter((status) => status?.startsWith('completed#'))).toHaveLength(batch.files.length);
  });

  it('do not touch a file that an operator moved', async () => {
    const batch = batchOf('converted');
    const [file] = batch.files;
    const [upload] = batch.steps;
    const claim = batch.steps.find(({ action }) => action === 'claim');
    if (!file || !upload || !claim) throw new Error('The lives of this seed have changed.');
    await performStep(target.options, batch, upload);
    const keys = { date_prefix: batch.date, file_key: file.file_key };
    const moved = { ...keys, status: 'quarantined' };
    await target.options.documents.send(new PutCommand({ TableName: target.options.table, Item: moved }));
    expect(await performStep(target.options, batch, { ...claim, files: [0] })).toEqual([]);
    const found = await target.options.documents.send(
      new GetCommand({ TableName: target.options.table, Key: keys }),
    );
    expect(found.Item).toEqual(moved);
  });
});

it('an endless run stops when it is told to', async () => {
  const target = await freshTarget();
  const simulator = startSimulator({ ...target.options, files: undefined, rate: 50, speed: 10 });
  await expect.poll(() => simulator.progress().writes).toBeGreaterThan(0);
  await simulator.stop();
  const before = await scan(target);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(await scan(target)).toEqual(before);
});

async function freshTarget(): Promise<Target> {
  const { dynamoDb, documents, s3, trackingTable, buckets } = await localAws();
  const begun = performance.now();
  const now = () => Math.floor(startMillis + performance.now() - begun);
  const where = { documents, s3, table: trackingTable, buckets, now };
  return { dynamoDb, options: { ...simulated, ...where, speed: 1_000, keepSettledSeconds: 900 } };
}

function generate(options: LifeOptions): Batch[] {
  return [...generateBatches(options, startMillis)];
}

function batchOf(scenario: string): Batch {
  const batch = batches.find((one) => one.scenario.name === scenario);
  if (!batch) throw new Error(`This seed has no ${scenario} batch.`);
  return batch;
}

/** By date and key, what the last action on each file that has a record made of it. */
function expectedStatuses(batches: readonly Batch[]): Record<string, string> {
  const statuses: Record<string, string> = {};
  for (const { steps, files, date } of batches) {
    for (const { action, files: indexes } of steps) {
      const status = FINAL_STATUS[action];
      for (const index of indexes) if (status) statuses[`${date} ${files[index]?.file_key}`] = status;
    }
  }
  return statuses;
}

function isFile(item: Item): boolean {
  return recordKind({ date_prefix: item.date_prefix?.S ?? '', file_key: item.file_key?.S ?? '' }) === 'file';
}

function key(item: Item): string {
  return `${item.date_prefix?.S} ${item.file_key?.S}`;
}

async function scan({ dynamoDb, options }: Target): Promise<Item[]> {
  const items: Item[] = [];
  const pages = paginateScan({ client: dynamoDb }, { TableName: options.table });
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}

async function list({ options }: Target, bucket: keyof PipelineBuckets): Promise<string[]> {
  const keys: string[] = [];
  const pages = paginateListObjectsV2({ client: options.s3 }, { Bucket: options.buckets[bucket] });
  for await (const page of pages) keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
  return keys;
}

/** The URIs that the manifest of a batch lists. */
async function listed({ options }: Target, batch: Batch): Promise<string[]> {
  const request = new GetObjectCommand({ Bucket: options.buckets.manifest, Key: manifestKey(batch) });
  const { Body } = await options.s3.send(request);
  return JSON.parse((await Body?.transformToString()) ?? '').fileLocations[0].URIPrefixes;
}
