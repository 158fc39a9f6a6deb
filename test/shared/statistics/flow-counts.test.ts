import { beforeEach, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { boundsOf, bucketOf } from '../../../shared/projection/log-buckets.ts';
import { tidyCounters } from '../../../shared/projection/tidy-counters.ts';
import { readFlowCounts } from '../../../shared/statistics/flow-counts.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const DATE = '2026-11-23';
const MEGABYTE = 1_048_576;
let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

const consume = (records: readonly unknown[], overrides: { countsFlow?: boolean } = { countsFlow: true }) =>
  consumeBatch(records, applyDeps(aws, overrides), { s3: aws.s3, bucket: aws.buckets.deadLetter });
const flow = (...dates: readonly string[]) =>
  readFlowCounts({ docs: aws.documents, name: aws.projectionTable }, dates);

/** The life of a file: claimed after so many seconds, and completed after so many more. */
function life(
  file: string,
  [claimed, completed]: readonly [number, number],
  megabytes: unknown,
  date = DATE,
) {
  const begin = Date.parse('2026-11-23T05:00:00Z');
  const at = (seconds: number) => new Date(begin + seconds * 1_000).toISOString();
  return [
    table.write(file, { ...uploaded(), created_at: at(0), file_size_mb: megabytes }, date),
    table.write(file, { status: 'manifested#3', updated_at: at(claimed) }, date),
    table.write(file, { status: 'completed#3', updated_at: at(claimed + completed) }, date),
  ];
}

test('each step and the total duration are counted once, in whatever order and however often they are delivered', async () => {
  const [upload, ...rest] = life('a', [100, 300], 2);
  const whole = life('b', [200, 600], 4);
  await consume([upload, ...whole]);
  for (const record of rest) await consume([record]);
  await consume([upload, ...rest, ...whole]);
  const { durations, sizes } = await flow(DATE);
  expect(durations.pending_to_manifested).toMatchObject({
    count: 2,
    unknown: 0,
    p50: boundsOf(bucketOf(100)),
    p95: boundsOf(bucketOf(200)),
  });
  expect(durations.manifested_to_completed.p99).toEqual(boundsOf(bucketOf(600)));
  expect(durations.arrival_to_settled.p50).toEqual(boundsOf(bucketOf(400)));
  expect(durations.processing_to_failed).toMatchObject({ count: 0, p50: undefined });
  expect(sizes).toMatchObject({
    files: 2,
    unknown: 0,
    bytes: 6 * MEGABYTE,
    bytes_by_hour: { '05': 6 * MEGABYTE },
  });
  expect(sizes.p50).toEqual(boundsOf(bucketOf(2 * MEGABYTE)));
});

test('a step across a gap is counted without a duration', async () => {
  const [upload, , completed] = life('a', [100, 300], 2);
  await consume([upload]);
  await consume([completed]);
  const { durations } = await flow(DATE);
  expect(durations.manifested_to_completed).toMatchObject({ count: 0, unknown: 1 });
  expect(durations.arrival_to_settled).toMatchObject({ count: 0, unknown: 1 });
});

test('clocks that go back cause no negative durations', async () => {
  await consume(life('a', [-50, 10], 2));
  expect((await flow(DATE)).durations.pending_to_manifested.p50).toEqual({ from: 0, to: 1 });
});

test('dates add up; unreadable sizes, and arrivals on another day than the date, are counted separately', async () => {
  await consume([...life('a', [10, 20], 'large'), ...life('b', [10, 20], 1, '2026-11-22')]);
  expect((await flow(DATE)).sizes).toMatchObject({ files: 1, unknown: 1, bytes: 0 });
  const { durations, sizes } = await flow(DATE, '2026-11-22');
  expect(durations.arrival_to_settled.count).toBe(2);
  expect(sizes).toMatchObject({ files: 2, unknown: 1, bytes_by_hour: { other_day: MEGABYTE } });
});

test('nothing of it is written unless it is switched on, and statuses and ages are counted anyway', async () => {
  await consume(life('a', [10, 20], 1), {});
  expect((await flow(DATE)).durations.arrival_to_settled).toMatchObject({ count: 0, unknown: 0 });
  expect((await scanProjection(aws)).counters('STATS#ALL').file.completed).toBe(1);
});

test('a batch in another slot adds up, and once the slot is idle it is merged without loss', async () => {
  await consume(life('a', [10, 20], 1));
  const writer = {
    slot: () => 7,
    heads: () => 90,
    committed: () => undefined,
    metOnCounters: () => undefined,
    metClosed: () => undefined,
    conditionFailed: () => undefined,
  };
  const deps = applyDeps(aws, { countsFlow: true, writer });
  await consumeBatch(life('b', [10, 20], 3), deps, { s3: aws.s3, bucket: aws.buckets.deadLetter });
  const before = await flow(DATE);
  expect(before.sizes).toMatchObject({ files: 2, bytes: 4 * MEGABYTE });
  expect(await tidyCounters(DATE, { ...deps, now: deps.now + 7_200_000 })).toBeGreaterThanOrEqual(3);
  expect(await flow(DATE)).toEqual(before);
});
