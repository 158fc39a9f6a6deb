import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { beforeEach, expect, test } from 'vitest';
import { batchFailures, type ConsumeReport, consumeBatch } from '../../../shared/projection/consume.ts';
import { faultyDocuments, named } from '../../support/faults.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

function consume(records: readonly unknown[], overrides = {}): Promise<ConsumeReport> {
  return consumeBatch(records, applyDeps(aws, overrides), { s3: aws.s3, bucket: aws.buckets.deadLetter });
}

async function letters(): Promise<{ reason: string; records: unknown[] }[]> {
  const Bucket = aws.buckets.deadLetter;
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket }));
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key }));
      return JSON.parse((await Body?.transformToString()) ?? '');
    }),
  );
}

test('foreign records are kept in full as dead letters, and the good ones beside them are counted', async () => {
  const alien = { messageId: 'm-1', body: '{}', eventSource: 'aws:sqs' };
  const good = table.write('a.ndjson', uploaded());
  const report = await consume([alien, good, null]);
  expect(report).toMatchObject({ records: 3, applied: 1, unapplied: [] });
  expect((await letters()).map(({ records }) => records[0])).toEqual(expect.arrayContaining([alien, null]));
  expect((await scanProjection(aws)).counters('STATS#ALL').file.pending).toBe(1);
});

test('the same dead letter delivered again is the same object', async () => {
  const alien = { eventName: 'INSERT', dynamodb: { ApproximateCreationDateTime: 1_795_411_380 } };
  const [first] = (await consume([alien])).deadLetters;
  const [again] = (await consume([alien])).deadLetters;
  expect(first?.key).toMatch(/^dead-letters\/2026-11-23\/[0-9a-f]{32}\.json$/);
  expect(again?.key).toBe(first?.key);
  expect(await letters()).toHaveLength(1);
});

test('all records of a file that the table refuses make one dead letter', async () => {
  const date = 'x'.repeat(2_045);
  const records = [table.write('a', uploaded(), date), table.write('a', { status: 'failed#3' }, date)];
  const good = table.write('good.ndjson', uploaded());
  const report = await consume([...records, good]);
  expect(report.deadLetters).toHaveLength(1);
  expect(await letters()).toEqual([
    expect.objectContaining({ records, reason: expect.stringContaining('refused') }),
  ]);
  expect((await scanProjection(aws)).head('good.ndjson')).toBeDefined();
});

test('a dead letter that cannot be kept stays with the stream', async () => {
  const alien = { dynamodb: { SequenceNumber: '100' } };
  const lost = { s3: aws.s3, bucket: 'no-such-bucket' };
  const report = await consumeBatch([alien, table.write('a', uploaded())], applyDeps(aws), lost);
  expect(report.deadLetters).toEqual([]);
  expect(report.unapplied.map(({ record }) => record)).toEqual([alien]);
  expect(report.applied).toBe(1);
});

test('unapplied records are reported from the earliest one on', async () => {
  const docs = await faultyDocuments(aws, () => ({ error: named('AccessDeniedException'), when: 'before' }));
  const known = table.write('LOCK', {}, 'LOCK#2026-11-23');
  const records = [known, ...['a', 'b'].map((key) => table.write(key, uploaded()))];
  const report = await consume(records, { projection: { docs, name: aws.projectionTable } });
  const lowest = records[1]?.dynamodb?.SequenceNumber;
  expect(batchFailures(records, report.unapplied)).toEqual({
    batchItemFailures: [{ itemIdentifier: lowest }],
  });
});

test('a batch that is done reports no failure', () => {
  expect(batchFailures([table.write('a', uploaded())], [])).toEqual({ batchItemFailures: [] });
});

test('an unapplied record without a number is reported as the one before it, or as the whole batch', () => {
  const numbered = table.write('a', uploaded());
  const alien = {};
  const number = numbered.dynamodb?.SequenceNumber;
  expect(batchFailures([numbered, alien], [{ record: alien }]).batchItemFailures[0]?.itemIdentifier).toBe(
    number,
  );
  expect(batchFailures([alien, numbered], [{ record: alien }]).batchItemFailures[0]?.itemIdentifier).toBe('');
});

test('the lag is that of the newest transition in the batch', async () => {
  const report = await consume([table.write('a', uploaded()), table.write('b', uploaded())], {
    now: 1_795_411_382_000 + 5_000,
  });
  expect(report.lagMillis).toBe(5_000);
});
