import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { agesIn, countBefore, describeAges } from '../../../shared/projection/ages.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { readPartition } from '../../../shared/projection/counter-items.ts';
import type { CounterItem } from '../../../shared/projection/counters.ts';
import { headKey } from '../../../shared/projection/items.ts';
import { missingIn, recountDate, repairCounters } from '../../../shared/projection/recount.ts';
import { recountAll } from '../../../shared/projection/recount-all.ts';
import { renewHeads } from '../../../shared/projection/renew-heads.ts';
import { tidyCounters } from '../../../shared/projection/tidy-counters.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const DATE = '2026-11-23';
const OTHER_DATE = '2026-11-22';
const HOUR = 3_600_000;
let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });
const consume = (...records: readonly unknown[]) =>
  consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
const fileAges = async (date?: string) =>
  agesIn(await readPartition(projection(), date, 'consistent'), 'file');
const parts = async (date?: string) =>
  (await readPartition(projection(), date, 'consistent', 'statuses')).map(({ sk }) => String(sk)).sort();
const later = (hours: number) => ({ projection: projection(), now: applyDeps(aws).now + hours * HOUR });
const recountEverything = () => recountAll({ ...applyDeps(aws), clock: () => applyDeps(aws).now });
const at = (time: string) => ({ from: Date.parse(`2026-11-23T${time}:00Z`) });

test('files are counted in the hour in which they entered their status, and leave it when they move', async () => {
  await consume(
    table.write('a.ndjson', uploaded()),
    table.write('b.ndjson', { ...uploaded(), created_at: '2026-11-23T03:10:00+00:00' }),
    table.write('c.ndjson', uploaded(), OTHER_DATE),
  );
  expect(await fileAges()).toMatchObject({
    pending: [
      { ...at('03:00'), count: 1 },
      { ...at('05:00'), count: 2 },
    ],
    manifested: [],
  });
  await consume(table.write('b.ndjson', { status: 'completed#3', updated_at: '2026-11-23T05:30:00+00:00' }));
  expect((await fileAges(DATE)).pending).toEqual([{ ...at('05:00'), count: 1 }]);
  expect((await fileAges(OTHER_DATE)).pending).toEqual([{ ...at('05:00'), count: 1 }]);
});

test('a record with another hour than its head subtracts nothing from a counter that never had it', async () => {
  await consume(table.write('a.ndjson', uploaded()), table.write('b.ndjson', uploaded()));
  // Written again without a change of status: the head keeps its time, and the record names a later one.
  table.write('a.ndjson', { updated_at: '2026-11-23T08:00:00+00:00' });
  await consume(table.write('a.ndjson', { status: 'manifested#3', updated_at: '2026-11-23T05:40:00+00:00' }));
  expect(await fileAges()).toMatchObject({
    pending: [{ ...at('05:00'), count: 1 }],
    manifested: [{ ...at('05:00'), count: 1 }],
  });
});

test('drift of ages is found exactly and repaired, for each date and overall', async () => {
  await consume(table.write('a.ndjson', uploaded()), table.write('b.ndjson', uploaded(), OTHER_DATE));
  for (const pk of [`STATS#${DATE}`, 'STATS#ALL']) await add(pk, 'age#2026-11-23#0', 'm07', 3);
  for (const find of [() => recountDate(projection(), DATE), () => recountEverything()]) {
    const drift = await find();
    expect(missingIn(drift)).toEqual({ 'age#2026-11-23 m07': -3 });
    expect(await repairCounters(drift, later(0))).toBe(true);
    expect(missingIn(await find())).toEqual({});
  }
  expect((await fileAges(OTHER_DATE)).pending).toHaveLength(1);
});

test('heads of an older version are reported, and counted once when they are renewed', async () => {
  await consume(
    ...['a.ndjson', 'b.ndjson', 'c.ndjson'].map((key) => table.write(key, uploaded())),
    table.write('d.ndjson', { ...uploaded(), status: 'completed#3' }),
  );
  await asOlderVersionWroteIt('a.ndjson');
  await asOlderVersionWroteIt('b.ndjson');
  const drift = await recountDate(projection(), DATE);
  expect(drift.outdated.map(({ file_key }) => file_key).sort()).toEqual(['a.ndjson', 'b.ndjson']);
  await repairCounters(drift, later(0));
  await repairCounters(await recountEverything(), later(0));
  expect((await fileAges()).pending).toEqual([{ ...at('05:00'), count: 1 }]);

  const twice = await Promise.all([1, 2].map(() => renewHeads(drift.outdated, applyDeps(aws))));
  expect(twice.reduce((sum, count) => sum + count)).toBe(2);
  expect((await fileAges()).pending).toEqual([{ ...at('05:00'), count: 3 }]);
  for (const found of [await recountDate(projection(), DATE), await recountEverything()]) {
    expect([missingIn(found), found.outdated]).toEqual([{}, []]);
  }
});

test('a file that an older version moved leaves the hour in which it was counted', async () => {
  await consume(table.write('a.ndjson', uploaded()), table.write('b.ndjson', uploaded()));
  // It sets status and time, and leaves alone what it does not know.
  table.write('a.ndjson', { status: 'manifested#3', updated_at: '2026-11-23T07:00:00+00:00' });
  const Key = headKey({ date_prefix: DATE, file_key: 'a.ndjson' });
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key,
      UpdateExpression: 'SET #status = :status, since = :since',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': 'manifested', ':since': '2026-11-23T07:00:00.000Z' },
    }),
  );
  await consume(table.write('a.ndjson', { status: 'completed#3', updated_at: '2026-11-23T07:30:00+00:00' }));
  expect(await fileAges()).toEqual({
    pending: [{ ...at('05:00'), count: 1 }],
    manifested: [],
    processing: [],
  });
});

test('empty hours and days are removed, and items that somebody writes to are left alone', async () => {
  await consume(
    table.write('a.ndjson', { ...uploaded(), created_at: '2026-11-22T05:10:00+00:00' }),
    table.write('b.ndjson', uploaded()),
    table.write('c.ndjson', uploaded()),
  );
  await consume(
    table.write('a.ndjson', { status: 'completed#3' }),
    table.write('b.ndjson', { status: 'failed#3' }),
  );
  await add('STATS#ALL', 'age#2026-11-23#5', 'p05', -1);
  await add('STATS#ALL', 'age#2026-11-23#0', 'p05', 1);
  expect(await tidyCounters(undefined, later(0.5))).toBe(0);
  expect(await parts()).toEqual(['0', 'age#2026-11-22#0', 'age#2026-11-23#0', 'age#2026-11-23#5']);
  expect(await tidyCounters(undefined, later(2))).toBe(2);
  expect(await parts()).toEqual(['0', 'age#2026-11-23#0']);
  expect((await fileAges()).pending).toEqual([{ ...at('05:00'), count: 1 }]);
  expect(await parts(DATE)).toEqual(['0', 'age#2026-11-22#0', 'age#2026-11-23#0']);
});

test('the number over a limit is exact except for the hour in which the limit falls', () => {
  const items: CounterItem[] = [
    { sk: 'age#2026-11-23#0', p03: 2, p04: 5, p05: 7, w: 3, applied_at: 1 },
    { sk: 'age#2026-11-23#1', p03: -1 },
    { sk: 'age#unknown#0', p: 4 },
    { sk: '0', file_pending: 17 },
  ];
  const { pending } = agesIn(items, 'file');
  expect(countBefore(pending, Date.parse('2026-11-23T04:30:00Z'))).toEqual({ over: 1, at_most: 6 });
  expect(countBefore(pending, Date.parse('2026-11-23T05:00:00Z'))).toEqual({ over: 6, at_most: 6 });
  const now = Date.parse('2026-11-23T06:30:00Z');
  const limits = { pending: 2, manifested: 2, processing: 2 };
  const counts = { pending: 17, manifested: 1, processing: 0 };
  expect(describeAges(agesIn(items, 'file'), counts, limits, now)).toMatchObject({
    pending: {
      oldest_since: '2026-11-23T03:00:00.000Z',
      over_limit: 1,
      over_limit_at_most: 6,
      soon: { at: '2026-11-23T09:00:00.000Z', more: 12 },
      age_unknown: 4,
      not_counted: 0,
    },
    manifested: { oldest_since: null, over_limit: 0, not_counted: 1 },
  });
});

/** Adds to a counter's item as a consumer does. */
async function add(pk: string, sk: string, attribute: string, amount: number): Promise<void> {
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key: { pk, sk },
      UpdateExpression: 'SET applied_at = :now ADD #name :amount, w :one',
      ExpressionAttributeNames: { '#name': attribute },
      ExpressionAttributeValues: { ':amount': amount, ':one': 1, ':now': applyDeps(aws).now },
    }),
  );
}

/** The older version writes a head whole, without where it is counted. */
async function asOlderVersionWroteIt(file_key: string): Promise<void> {
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key: headKey({ date_prefix: DATE, file_key }),
      UpdateExpression: 'REMOVE c',
    }),
  );
}
