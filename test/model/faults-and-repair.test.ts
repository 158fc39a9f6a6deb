/** @module-tag search */
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { RecordKey } from '../../shared/pipeline/tracking-table.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { liveStatus } from '../../shared/projection/head.ts';
import { headKey } from '../../shared/projection/items.ts';
import { repairRecords } from '../../shared/projection/repair.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { FIELD_PROFILE } from '../support/profile.ts';
import { applyDeps, scanProjection } from '../support/projection.ts';
import { search } from '../support/search.ts';
import { SECOND_STREAM, streamedTable } from '../support/stream-records.ts';

const DATE = '2026-11-23';
const FILES = 4;

/** What happens to one stream record on its way. */
const fate = fc.constantFrom('arrives', 'arrives', 'arrives', 'arrives twice', 'arrives late', 'is lost');

const schedule = fc.record({
  steps: fc.array(
    fc.record({
      file: fc.nat(FILES - 1),
      status: fc.constantFrom('pending#1', 'manifested#1', 'completed', 'failed#2', 'removed'),
      error_message: fc.constantFrom('Java heap space', 'Access Denied'),
      fate,
    }),
    { minLength: 1, maxLength: 24 },
  ),
  /** After so many steps the stream is switched off and on, and numbers begin again, lower. */
  restartAt: fc.nat(24),
  batchSize: fc.integer({ min: 1, max: 6 }),
  /** Tombstones vanish before what is late arrives, as when they expired much too early. */
  tombstonesExpireEarly: fc.boolean(),
});

type Schedule = typeof schedule extends fc.Arbitrary<infer T> ? T : never;

let aws: LocalAws;
let run = 0;

beforeAll(async () => {
  aws = await localAws();
});

test('whatever is lost, late, repeated or forgotten, an audit finds each record that is wrong because of it, and repairs it', async () => {
  await search(
    fc.asyncProperty(schedule, async (given) => {
      run += 1;
      const { records, truth } = play(given);
      await deliver(given, records);
      await writeTruth(truth);

      const expected = await differences(truth);
      const keys = allKeys();
      const found = await repairRecords(keys, 60_000, repairContext());
      expect(found.map(({ file_key }) => file_key).sort()).toEqual(expected);
      expect(found.every(({ outcome }) => outcome === 'repaired')).toBe(true);

      expect(await differences(truth)).toEqual([]);
      expect(await repairRecords(keys, 60_000, repairContext())).toEqual([]);
      await expectCountersExact();
      await expectClassesExact();
    }),
    { least: 5, most: 30 },
  );
});

const nameOf = (file: number) => `run-${run}-file-${file}.ndjson`;
const allKeys = (): RecordKey[] =>
  Array.from({ length: FILES }, (_, file) => ({ date_prefix: DATE, file_key: nameOf(file) }));

/** Lives the histories in a table with two streams. */
function play({ steps, restartAt }: Schedule) {
  const before = streamedTable();
  const after = streamedTable({ label: SECOND_STREAM, first: 40n, items: before.items });
  const records: { record: DynamoDBRecord; fate: Schedule['steps'][number]['fate'] }[] = [];
  for (const [i, { file, status, error_message, fate: how }] of steps.entries()) {
    const table = i < restartAt ? before : after;
    const exists = before.items.has(JSON.stringify({ date_prefix: DATE, file_key: nameOf(file) }));
    if (status === 'removed' && !exists) continue;
    const record =
      status === 'removed'
        ? table.remove(nameOf(file), DATE)
        : table.write(nameOf(file), { status, error_message }, DATE);
    records.push({ record, fate: how });
  }
  return { records, truth: before.items };
}

async function deliver(
  { batchSize, tombstonesExpireEarly }: Schedule,
  records: ReturnType<typeof play>['records'],
): Promise<void> {
  const inTime = records.filter(({ fate: how }) => how.startsWith('arrives') && how !== 'arrives late');
  const again = records.filter(({ fate: how }) => how === 'arrives twice');
  const late = records.filter(({ fate: how }) => how === 'arrives late');
  for (let from = 0; from < inTime.length; from += batchSize)
    await consume(inTime.slice(from, from + batchSize));
  await consume(again);
  if (tombstonesExpireEarly) await dropTombstones();
  await consume(late);
  // And two days later the first batch once more.
  await consume(inTime.slice(0, batchSize));
}

async function consume(records: ReturnType<typeof play>['records']): Promise<void> {
  const store = { s3: aws.s3, bucket: aws.buckets.deadLetter };
  const batch = records.map(({ record }) => record);
  const { unapplied } = await consumeBatch(batch, applyDeps(aws), store);
  expect(unapplied).toEqual([]);
}

async function dropTombstones(): Promise<void> {
  const { heads } = await scanProjection(aws);
  for (const head of heads.values()) {
    if (head.expiresAt === undefined) continue;
    const Key = headKey(head);
    await aws.documents.send(new DeleteCommand({ TableName: aws.projectionTable, Key }));
  }
}

async function writeTruth(truth: ReadonlyMap<string, object>): Promise<void> {
  for (const Item of truth.values()) {
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: { ...Item } }));
  }
}

/** The files of this run whose head differs from the truth, found without the code under test. */
async function differences(truth: ReadonlyMap<string, Readonly<Record<string, unknown>>>): Promise<string[]> {
  const { head } = await scanProjection(aws);
  return allKeys()
    .filter((key) => {
      const stored = truth.get(JSON.stringify(key))?.status;
      return liveStatus(head(key.file_key, DATE)) !== (stored && String(stored).split('#')[0]);
    })
    .map(({ file_key }) => file_key)
    .sort();
}

async function expectCountersExact(): Promise<void> {
  const { countHeads, counters } = await scanProjection(aws);
  const counted = Object.entries(counters('STATS#ALL').file).filter(([, count]) => count !== 0);
  expect(Object.fromEntries(counted.map(([status, count]) => [`file_${status}`, count]))).toEqual(
    countHeads(),
  );
}

/** Classes of failures, as the heads say; one that was not repaired keeps the class with which it failed. */
async function expectClassesExact(): Promise<void> {
  const { heads, classes } = await scanProjection(aws);
  const held: Record<string, number> = {};
  for (const head of heads.values()) {
    const place = liveStatus(head) === undefined ? undefined : head.counted?.f;
    if (place !== undefined) held[place] = (held[place] ?? 0) + 1;
  }
  const failed = [...heads.values()].filter((head) => liveStatus(head) === 'failed').length;
  expect(Object.values(held).reduce((sum, count) => sum + count, 0)).toBe(failed);
  expect(classes('STATS#ALL')).toEqual(held);
  expect(classes(`STATS#${DATE}`)).toEqual(held);
}

function repairContext() {
  return { ...applyDeps(aws), tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE) };
}
