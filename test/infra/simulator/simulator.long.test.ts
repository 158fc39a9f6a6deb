/** @module-tag long */
import { beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_WEIGHTS } from '../../../infra/simulator/faults.ts';
import type { PipelineOptions } from '../../../infra/simulator/options.ts';
import { createPipeline } from '../../../infra/simulator/pipeline.ts';
import { startSimulator } from '../../../infra/simulator/simulator.ts';
import { recordKind } from '../../../shared/pipeline/record.ts';
import { parseStatus } from '../../../shared/pipeline/status.ts';
import { parseFieldTime } from '../../../shared/text/time.ts';
import { contentsOf, START, targetOf } from '../../support/field-pipeline.ts';
import { localAws } from '../../support/local-aws.ts';

const DAYS = 4;
const FILES = 120;
const DAY_MILLIS = 86_400_000;
const SOME = { ...DEFAULT_WEIGHTS, late: 0.1, refused: 0.03, other_object: 0.03, uploaded_again: 0.03 };

async function live(options: Partial<PipelineOptions> = {}) {
  const aws = await localAws();
  const rate = FILES / (DAYS * 86_400);
  const pipeline = createPipeline({
    ...{ ...targetOf(aws), startMillis: START, rate, files: FILES, seed: 3, maxFiles: 5, weights: SOME },
    ...options,
  });
  for (let day = 1; day <= DAYS + 1; day += 1) await pipeline.advance(START + day * DAY_MILLIS);
  return { pipeline, ...contentsOf(aws) };
}

/** Without the names of the buckets, which differ from test to test. */
const plain = (value: unknown) =>
  JSON.stringify(value).replaceAll(/(input|manifest|output)-[0-9a-f]{12}/g, '$1');

describe('a pipeline with arrivals by chance', () => {
  let lived: Awaited<ReturnType<typeof live>>;
  let files: Record<string, unknown>[];

  beforeAll(async () => {
    lived = await live();
    const records = await lived.records();
    const isFile = (item: object) => recordKind(item as { date_prefix: string; file_key: string }) === 'file';
    files = records.filter(isFile);
  });

  test('has as many arrivals as asked for, most of them converted once', () => {
    const { arrived, writes } = lived.pipeline.progress();
    const truth = lived.pipeline.ledger().files;
    expect(arrived).toBeGreaterThanOrEqual(FILES * 0.97);
    expect(writes).toBeGreaterThan(FILES * 3);
    const healthy = truth.filter(({ conversions }) => conversions.length === 1);
    expect(healthy.length).toBeGreaterThan(FILES * 0.6);
  });

  test('has records in the forms of the field', () => {
    for (const item of files) {
      expect(item.ttl).toBeGreaterThan(START / 1_000);
      expect(item.file_size_mb).toBeGreaterThan(0);
      expect(item.file_path).toMatch(/^s3:\/\/.*\/pipeline\/input\//);
      expect(String(item.error_message ?? '').length).toBeLessThanOrEqual(1_000);
    }
    const times = files.map((item) => item.created_at ?? item.upload_time);
    expect(times.filter((time) => parseFieldTime(time) !== undefined).length).toBeGreaterThan(FILES * 0.8);
    expect(files.some((item) => item.upload_time !== undefined)).toBe(true);
    const unmoved = files.filter((item) => item.updated_at === undefined);
    for (const { status } of unmoved) expect(parseStatus(status).status).toBe('pending');
  });

  test('has files of earlier dates, in every shard, and in bursts', () => {
    const dates = new Set(files.map(({ date_prefix }) => String(date_prefix)));
    expect([...dates].some((date) => date < '2026-11-23')).toBe(true);
    expect(new Set(files.map(({ shard_id }) => shard_id)).size).toBeGreaterThanOrEqual(10);
    const starts = lived.pipeline
      .ledger()
      .files.map(({ uploads }) => uploads[0]?.atMillis ?? 0)
      .sort();
    const close = starts.filter((at, index) => at - (starts[index - 1] ?? 0) < 1_000);
    expect(close.length).toBeGreaterThan(FILES / 2);
  });

  test('never lists more files in a manifest than MAX_FILES, and registers each without updated_at', async () => {
    const { manifests } = lived.pipeline.ledger();
    for (const { files: listed } of manifests) expect(listed.length).toBeLessThanOrEqual(5);
    const registered = (await lived.records()).filter(({ file_key }) =>
      String(file_key).startsWith('MANIFEST#'),
    );
    expect(registered.length).toBeGreaterThan(manifests.length / 2);
    for (const item of registered) expect(item.updated_at).toBeUndefined();
  });

  test('has in its ledger what is in the table and the buckets', async () => {
    const known = lived.pipeline.ledger().files.filter(({ record }) => record === 'present');
    const ids = (all: readonly object[], key: string) =>
      all
        .map((one) => Object.entries(one))
        .map((pairs) => String(Object.fromEntries(pairs)[key]))
        .sort();
    expect(ids(known, 'key')).toEqual(ids(files, 'file_key'));
    const inputs = new Set(await lived.list('input'));
    for (const { objectKey = '', input } of lived.pipeline.ledger().files) {
      expect([objectKey, inputs.has(objectKey)]).toEqual([objectKey, input === 'present']);
    }
  });

  test('has the same history for the same seed, and another one for another', async () => {
    const few = { files: 30, rate: 30 / 86_400 };
    const history = async (seed: number) => plain((await live({ ...few, seed })).pipeline.ledger());
    const first = await history(3);
    expect(await history(3)).toBe(first);
    expect(await history(4)).not.toBe(first);
  });
});

describe('a simulator with a running clock', () => {
  const options = async () => {
    const aws = await localAws();
    const begun = performance.now();
    const now = () => Math.floor(START + performance.now() - begun);
    return { aws, options: { ...targetOf(aws), now, speed: 100, seed: 1, maxFiles: 5 } };
  };

  test('ends when its files are used up', async () => {
    const { options: target } = await options();
    const simulator = startSimulator({ ...target, rate: 200, files: 40, weights: {} });
    await simulator.done;
    expect(simulator.progress()).toMatchObject({ arrived: 40, removed: 0 });
  });

  test('stops when it is told to', async () => {
    const { aws, options: target } = await options();
    const { records } = contentsOf(aws);
    const simulator = startSimulator({ ...target, rate: 50 });
    await expect.poll(() => simulator.progress().writes).toBeGreaterThan(0);
    await simulator.stop();
    const before = await records();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await records()).toEqual(before);
  });

  test('removes records once their time has passed', async () => {
    const { aws, options: target } = await options();
    const lifecycle = { manifest: 1, input: 1, quarantine: 1, record: 1 / 86_400, inFlight: 30 };
    const simulator = startSimulator({ ...target, rate: 50, weights: {}, lifecycle });
    await expect.poll(() => simulator.progress().removed, { timeout: 20_000 }).toBeGreaterThan(5);
    await simulator.stop();
    const completed = (await contentsOf(aws).records()).filter(({ status }) =>
      String(status).startsWith('completed'),
    );
    expect(completed.length).toBeLessThan(simulator.progress().arrived);
  });
});
