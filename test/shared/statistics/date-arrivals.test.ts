import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { readCounters } from '../../../shared/projection/counter-items.ts';
import { arrivalsProfile } from '../../../shared/settings/arrivals-profile.ts';
import { behindText, cameText, expectedText } from '../../../shared/statistics/came-text.ts';
import { behindBy, noteArrivals } from '../../../shared/statistics/date-arrivals.ts';
import { expectedUntil } from '../../../shared/statistics/expected-files.ts';
import { addDays } from '../../../shared/text/time.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const DATE = '2026-11-23';
const NOW = Date.parse(`${DATE}T12:05:00Z`);
let aws: LocalAws;
const projection = () => ({ docs: aws.documents, name: aws.projectionTable });

beforeAll(async () => {
  aws = await localAws();
  const table = streamedTable();
  const keys = ['a-1', 'a-2', 'a-gone', 'b-1'];
  const records = [
    ...keys.map((key) => table.write(`${key}.ndjson`, uploaded(), DATE)),
    table.write('a-of-yesterday.ndjson', uploaded(), addDays(DATE, -1)),
    table.remove('a-gone.ndjson', DATE),
  ];
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  for (const sk of [addDays(DATE, -58), addDays(DATE, -57)])
    await aws.documents.send(
      new PutCommand({ TableName: aws.projectionTable, Item: { pk: 'ARRIVED', sk, h0: 0 } }),
    );
});

test('in the first days nothing is reported missing: arrivals before the projection began are not counted', async () => {
  const { documents: docs, projectionTable: name } = await localAws();
  const arrivals = arrivalsProfile.parse({ expected: [{ at_least: 9, by: '12:00' }] });
  const missingAt = async (now: number) => {
    const { expected = [] } = await noteArrivals({ docs, name }, arrivals, undefined, now);
    return expected.map(({ date_prefix }) => date_prefix);
  };
  const [hours, days] = [3_600_000, 86_400_000];
  expect(await missingAt(NOW)).toEqual([]);
  expect(await missingAt(NOW + hours)).toEqual([]);
  // The day after is the first one that was watched from its beginning.
  expect(await missingAt(NOW + days)).toEqual([addDays(DATE, 1)]);
  expect(await missingAt(NOW + 2 * days)).toEqual([addDays(DATE, 1), addDays(DATE, 2)]);
});

test('what is expected is due on its days, at its time', () => {
  const rules = arrivalsProfile.parse({
    expected: [
      { at_least: 1, by: '06:00' },
      { on: ['monday', 'tuesday'], at_least: 2, by: '06:00' },
      { on: ['sunday'], at_least: 3, by: '06:00' },
      { on: ['*-*-23'], prefix: '{date}-x', at_least: 4, by: '12:05' },
      { on: ['2026-12-*'], at_least: 5, by: '06:00' },
      { at_least: 6, by: '12:06' },
      { at_least: 7, by: '30:00' },
    ],
  }).expected;
  const due = (date: string) => expectedUntil(rules, date, NOW).map(({ at_least }) => at_least);
  expect(due(DATE)).toEqual([1, 2, 4]);
  expect(due(addDays(DATE, -1))).toEqual([1, 3, 6, 7]);
  expect(expectedUntil(rules, DATE, NOW)[2]).toEqual({
    date_prefix: DATE,
    prefix: '2026-11-23-x',
    at_least: 4,
    by: '2026-11-23T12:05:00.000Z',
  });
});

test('a time that the statistics would never see, and an invalid day, are refused', () => {
  for (const wrong of [{ by: '47:00' }, { by: '6:00' }, { on: ['someday'] }, { on: [] }, { at_least: 0 }])
    expect(arrivalsProfile.safeParse({ expected: [{ at_least: 1, by: '06:00', ...wrong }] }).success).toBe(
      false,
    );
});

test('with a prefix, no more files can be expected than may be counted one by one each hour; without one, any number', () => {
  const isAllowed = (rule: object) =>
    arrivalsProfile.safeParse({ expected: [{ by: '06:00', ...rule }] }).success;
  expect(isAllowed({ prefix: 'a-', at_least: 50_000 })).toBe(true);
  expect(isAllowed({ prefix: 'a-', at_least: 50_001 })).toBe(false);
  expect(isAllowed({ at_least: 100_000_000 })).toBe(true);
});

test('files of a date are counted by the prefix of their keys; removed files and others do not count', async () => {
  const arrivals = arrivalsProfile.parse({
    expected: [
      { on: ['monday'], prefix: 'a-', at_least: 3, by: '12:00' },
      { on: ['monday'], prefix: 'b-', at_least: 1, by: '12:00' },
      { on: ['monday'], at_least: 4, by: '12:00' },
    ],
  });
  const { expected = [], dates } = await noteArrivals(projection(), arrivals, undefined, NOW);
  expect(expected.map(({ came }) => came)).toEqual([2, 1, 3]);
  expect(expected.map(expectedText)).toEqual([
    'ONLY 2 files named a-… arrived; at least 3 were expected by 2026-11-23 12:00Z',
    'at least 1 file named b-… arrived, as expected by 2026-11-23 12:00Z',
    'ONLY 3 files arrived; at least 4 were expected by 2026-11-23 12:00Z',
  ]);
  expect(dates).toMatchObject([{ date_prefix: addDays(DATE, -1), came: 1 }, { came: 3 }]);
});

test('files that have arrived are not counted again, and missing ones are', async () => {
  const [rule, other] = [
    { prefix: 'none-', at_least: 9, by: '12:00' },
    { prefix: 'a-', at_least: 9, by: '12:00' },
  ];
  const arrivals = arrivalsProfile.parse({ compare: false, expected: [rule, other] });
  const by = `${DATE}T12:00:00.000Z`;
  const before = {
    at: by,
    dates: [],
    expected: [
      { date_prefix: DATE, prefix: 'none-', at_least: 9, by, came: 9 },
      { date_prefix: DATE, prefix: 'a-', at_least: 9, by, came: 1 },
    ],
  };
  const { expected = [] } = await noteArrivals(projection(), arrivals, before, NOW);
  expect(expected.filter(({ date_prefix }) => date_prefix === DATE).map(({ came }) => came)).toEqual([9, 2]);
});

test('arrivals are compared with those of earlier weeks, unless the profile says not to; counts stay as they are', async () => {
  const before = await readCounters(projection(), undefined);
  const hours = Object.fromEntries(Array.from({ length: 48 }, (_, hour) => [`h${hour}`, 100 * hour]));
  for (let week = 1; week <= 8; week += 1) {
    const Item = { pk: 'ARRIVED', sk: addDays(DATE, -7 * week), ...hours };
    await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));
  }
  const noted = await noteArrivals(projection(), arrivalsProfile.parse({}), undefined, NOW);
  expect(noted).not.toHaveProperty('expected');
  expect(noted.dates[1]).toMatchObject({ date_prefix: DATE, came: 3, state: 'fewer', compared: 8 });
  const silent = await noteArrivals(projection(), arrivalsProfile.parse({ compare: false }), undefined, NOW);
  expect(silent.dates[1]).toMatchObject({ came: 3, state: 'unknown', usual: null });
  const { Item } = await aws.documents.send(
    new GetCommand({ TableName: aws.projectionTable, Key: { pk: 'ARRIVED', sk: DATE } }),
  );
  expect(Item).toMatchObject({ h12: 3 });
  expect(await readCounters(projection(), undefined)).toEqual(before);
});

test('hours without arrivals follow from the hours that were noted before', async () => {
  for (const hour of [13, 14])
    await noteArrivals(projection(), arrivalsProfile.parse({}), undefined, NOW + (hour - 12) * 3_600_000);
  const { dates } = await noteArrivals(
    projection(),
    arrivalsProfile.parse({}),
    undefined,
    NOW + 3 * 3_600_000,
  );
  expect(dates[1]).toMatchObject({ state: 'fewer', quiet_hours: 3 });
});

test('counts are behind only while the consumer is catching up, not long after its last write', () => {
  const hours = 3_600_000;
  expect(behindBy({ asOf: NOW - 3 * hours, lagMillis: 3 * hours }, NOW)).toBe(3 * hours);
  expect(behindBy({ asOf: NOW - 3 * hours, lagMillis: 2.5 * hours }, NOW)).toBe(2.5 * hours);
  expect(behindBy({ asOf: NOW - 60_000, lagMillis: 60_000 }, NOW)).toBeUndefined();
  expect(behindBy({ asOf: NOW - 9 * hours, lagMillis: 3 * hours }, NOW)).toBeUndefined();
  expect(behindBy({ asOf: undefined, lagMillis: undefined }, NOW)).toBeUndefined();
});

test('counts that are behind the stream are neither kept nor compared, and nothing is reported missing; met expectations stay', async () => {
  const arrivals = arrivalsProfile.parse({
    expected: [
      { at_least: 9, by: '12:00' },
      { on: ['monday'], at_least: 3, by: '12:00' },
    ],
  });
  const Key = { pk: 'ARRIVED', sk: DATE };
  const before = await aws.documents.send(new GetCommand({ TableName: aws.projectionTable, Key }));
  const later = NOW + 8 * 3_600_000;
  const noted = await noteArrivals(projection(), arrivals, undefined, later, 3 * 3_600_000);
  expect(noted.behind_seconds).toBe(10_800);
  expect(noted.dates.map(({ state, usual }) => [state, usual])).toEqual([
    ['unknown', null],
    ['unknown', null],
  ]);
  expect(noted.expected?.map(({ at_least }) => at_least)).toEqual([3]);
  const after = await aws.documents.send(new GetCommand({ TableName: aws.projectionTable, Key }));
  expect(after.Item).toEqual(before.Item);
  expect(behindText(10_800)).toBe('arrivals are not compared: the counts are 3h behind the stream');
  // The same hour is told again once they are not.
  const { dates } = await noteArrivals(projection(), arrivals, undefined, later);
  expect(dates[1]).toMatchObject({ date_prefix: DATE, state: 'fewer' });
});

test('the text says how many hours were empty if as many as usual had arrived before', () => {
  const usual = { median: 100, from: 50, to: 150 };
  const answer = { date_prefix: DATE, came: 90, state: 'fewer', usual, compared: 8 } as const;
  expect(cameText({ ...answer, quiet_hours: 3 })).toBe(
    '90 files arrived, but NONE in the last 3h, unlike on 8 comparable days',
  );
  expect(cameText({ ...answer, came: 9 })).toBe(
    '9 files arrived, FEWER than usual (50 to 150 on 8 comparable days)',
  );
});
