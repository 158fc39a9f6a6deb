import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { readCounters } from '../../../shared/projection/counter-items.ts';
import { type FlowSample, noteSample, withSample } from '../../../shared/projection/flow-samples.ts';
import { itemBytes } from '../../support/item-size.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-23T12:00:00Z');
let aws: LocalAws;
const projection = () => ({ docs: aws.documents, name: aws.projectionTable });

beforeAll(async () => {
  aws = await localAws();
});

test('samples are kept every two minutes for half an hour, and every ten for three hours', () => {
  let kept: FlowSample[] = [];
  for (let at = NOW; at <= NOW + 300 * MINUTE; at += MINUTE)
    kept = withSample(kept, { at, inFlight: 1, arrived: 2, settled: 1 });
  const apart = kept.slice(1).map(({ at }, i) => (at - (kept[i]?.at ?? 0)) / MINUTE);
  expect(apart.slice(-14)).toEqual(Array(14).fill(2));
  expect(apart.slice(0, -15).every((minutes) => minutes === 10)).toBe(true);
  expect((kept.at(-1)?.at ?? 0) - (kept[0]?.at ?? 0)).toBeGreaterThanOrEqual(170 * MINUTE);
});

test('if a clock was set back, later samples are dropped', () => {
  const sample = { at: NOW, inFlight: 1, arrived: 2, settled: 1 };
  expect(withSample([sample, { ...sample, at: NOW + MINUTE }], { ...sample, at: NOW - MINUTE })).toEqual([
    { ...sample, at: NOW - MINUTE },
  ]);
});

test('a sample has how many are in flight, arrived and settled; noting it leaves the counts as they are', async () => {
  const table = streamedTable();
  const records = [
    ...['a', 'b', 'c'].map((key) => table.write(key, uploaded())),
    table.write('b', { status: 'manifested#3' }),
    table.write('c', { status: 'completed' }),
    table.write('c', { status: 'pending' }),
  ];
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  const before = await readCounters(projection(), undefined);
  await noteSample(projection(), before, NOW);
  await noteSample(projection(), await readCounters(projection(), undefined), NOW + 2 * MINUTE);
  const { samples, ...after } = await readCounters(projection(), undefined);
  expect({ ...after, samples: [] }).toEqual(before);
  expect(samples).toEqual([
    { at: NOW, inFlight: 3, arrived: 4, settled: 1 },
    { at: NOW + 2 * MINUTE, inFlight: 3, arrived: 4, settled: 1 },
  ]);
});

test('all samples of a busy pipeline are one write unit', async () => {
  const counters = await readCounters(projection(), undefined);
  let kept: FlowSample[] = [];
  for (let i = 0; i < 200; i += 1)
    kept = withSample(kept, { at: NOW + 2 * i * MINUTE, inFlight: 9e6, arrived: 2e9 + i, settled: 2e9 });
  await noteSample(projection(), { ...counters, samples: kept }, NOW + 400 * MINUTE);
  const { samples } = await readCounters(projection(), undefined);
  expect(samples.length).toBeGreaterThan(28);
  const { Item } = await aws.documents.send(
    new GetCommand({ TableName: aws.projectionTable, Key: { pk: 'STATS#ALL', sk: 'samples' } }),
  );
  expect(itemBytes(Item ?? {})).toBeLessThanOrEqual(1_024);
});
