import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { senderRule } from '../../../shared/pipeline/sender.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { headKey } from '../../../shared/projection/items.ts';
import { MOST_SENDERS } from '../../../shared/projection/known-senders.ts';
import { runRebuild } from '../../../shared/projection/rebuild-run.ts';
import { missingIn, recountDate, repairCounters } from '../../../shared/projection/recount.ts';
import { recountAll } from '../../../shared/projection/recount-all.ts';
import { renewByRecords } from '../../../shared/projection/renew-heads.ts';
import { repairRecords } from '../../../shared/projection/repair.ts';
import { nothingSeen } from '../../../shared/projection/seen.ts';
import { tidyCounters } from '../../../shared/projection/tidy-counters.ts';
import { readSenders } from '../../../shared/statistics/read-senders.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_LIMITS, FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';
import { putRecords } from '../../support/tracking-records.ts';

const DATE = '2026-11-23';
const OF_FOLDERS = { path: '{date}/{sender}/', prefix: 'pipeline/input/' };
const OF_NAMES = { path: '{date}/*/{sender}_', prefix: 'pipeline/input/' };
let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

const deps = (senderPath: typeof OF_FOLDERS | undefined = OF_FOLDERS) => ({
  ...applyDeps(aws),
  tracking: { ...trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE), senderPath },
});
const consume = (records: readonly unknown[], seen = nothingSeen(OF_FOLDERS)) =>
  consumeBatch(records, applyDeps(aws, { seen }), {
    s3: aws.s3,
    bucket: aws.buckets.deadLetter,
  });
const consumeWithout = (records: readonly unknown[]) =>
  consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
const path = (sender: string, key = 'x_a.ndjson') => `s3://etl-input/pipeline/input/${DATE}/${sender}/${key}`;
const upload = (key: string, sender: string, date = DATE) =>
  table.write(key, { ...uploaded(), file_path: path(sender) }, date);
const failed = {
  status: 'failed#3',
  updated_at: '2026-11-23T05:30:00+00:00',
  error_message: 'Java heap space',
};

async function report(date?: string, senderPath = OF_FOLDERS, now = deps().now) {
  const rule = senderRule(senderPath);
  if (!rule) throw new Error('There is a path.');
  return readSenders(deps().projection, rule, date, FIELD_LIMITS, now);
}
async function counts(date?: string, senderPath = OF_FOLDERS) {
  const { senders, not_counted } = await report(date, senderPath);
  const shown = senders.map(({ sender, stats, total }) => {
    const own = Object.entries(stats).filter(([, count]) => count !== 0);
    return [sender, { ...Object.fromEntries(own), total }];
  });
  return { ...Object.fromEntries(shown), not_counted };
}

async function drift(senderPath = OF_FOLDERS) {
  const dated = await recountDate(deps().projection, DATE, senderPath);
  const all = await recountAll({ ...applyDeps(aws), clock: () => applyDeps(aws).now });
  return { missing: { ...missingIn(dated), ...missingIn(all) }, outdated: dated.outdated };
}
const NONE = { missing: {}, outdated: [] };

test('files are counted by sender, for each date and overall, in every status', async () => {
  const records = [
    ...['a', 'b', 'c'].map((key) => upload(key, 'acme')),
    upload('d', 'zenith'),
    upload('e', 'acme', '2026-11-22'),
    table.write('f', { ...uploaded(), file_path: 's3://etl-input/pipeline/input/f.ndjson' }),
    table.write('MANIFEST#1', { status: 'pending', file_path: path('acme') }),
    table.write('a', { status: 'manifested#3', updated_at: '2026-11-23T05:25:00+00:00' }),
    table.write('b', failed),
    table.write('d', { status: 'archived', updated_at: '2026-11-23T05:25:00+00:00' }),
  ];
  await consume(records);
  await consume(records);
  expect(await counts()).toEqual({
    acme: { pending: 2, manifested: 1, failed: 1, total: 4 },
    zenith: { total: 1 },
    '(no sender)': { pending: 1, total: 1 },
    not_counted: 0,
  });
  expect(await counts('2026-11-22')).toEqual({ acme: { pending: 1, total: 1 }, not_counted: 0 });
  await consume([
    table.write('b', { status: 'pending#3', error_message: undefined, state_change_id: 'c1' }),
    table.write('a', { status: 'completed#3', updated_at: '2026-11-23T05:50:00+00:00' }),
    table.remove('c'),
  ]);
  expect(await counts(DATE)).toEqual({
    acme: { pending: 1, completed: 1, total: 2 },
    zenith: { total: 1 },
    '(no sender)': { pending: 1, total: 1 },
    not_counted: 0,
  });
  expect(await drift()).toEqual(NONE);
});

test('a sender has the share of its settled files that failed, and the hour of its oldest file', async () => {
  const seen = nothingSeen(OF_FOLDERS);
  await consume(
    ['a', 'b', 'c', 'd'].map((key) => upload(key, 'acme')),
    seen,
  );
  await consume([upload('e', 'zenith'), upload('g', 'zenith')], seen);
  await consume(
    [
      table.write('a', failed),
      table.write('b', { status: 'completed#3', updated_at: '2026-11-23T05:30:00+00:00' }),
      table.write('e', { status: 'processing#3', updated_at: '2026-11-23T02:30:00+00:00' }),
    ],
    seen,
  );
  const { senders } = await report();
  expect(senders).toMatchObject([
    { sender: 'acme', failed_share: 0.5, over_limit: 0, oldest_since: '2026-11-23T05:00:00.000Z' },
    { sender: 'zenith', failed_share: null, over_limit: 1, oldest_since: '2026-11-23T02:00:00.000Z' },
  ]);
  const aDayLater = await report(undefined, OF_FOLDERS, deps().now + 24 * 3_600_000);
  expect(aDayLater.senders.map(({ sender, over_limit }) => [sender, over_limit])).toEqual([
    ['acme', 2],
    ['zenith', 2],
  ]);
});

test('beyond the senders that are counted separately, all others count as one, and the sum stays exact', async () => {
  const seen = nothingSeen(OF_FOLDERS);
  const others = nothingSeen(OF_FOLDERS);
  for (let from = 0; from < MOST_SENDERS; from += 50) {
    const records = Array.from({ length: 50 }, (_, i) => upload(`f${from + i}`, `sender-${from + i}`));
    await consume(records, from % 100 === 0 ? seen : others);
  }
  await consume([upload('more', 'one-more'), upload('most', 'another'), upload('old', 'sender-7')], seen);
  const { senders, not_counted } = await report();
  expect(senders).toHaveLength(MOST_SENDERS + 1);
  expect(senders.slice(0, 2).map(({ sender, total }) => [sender, total])).toEqual([
    ['(all others)', 2],
    ['sender-7', 2],
  ]);
  expect(not_counted).toBe(0);
  await consume([table.write('more', failed), table.remove('most')], others);
  expect((await counts())['(all others)']).toEqual({ failed: 1, total: 1 });
  expect(await drift()).toEqual(NONE);
});

test('processes that meet new senders at the same time give each of them one number', async () => {
  const processes = Array.from({ length: 4 }, () => nothingSeen(OF_FOLDERS));
  const batches = processes.map((_, p) =>
    Array.from({ length: 20 }, (__, i) => upload(`f${p}-${i}`, `sender-${(p * 5 + i) % 30}`)),
  );
  await Promise.all(batches.map((records, p) => consume(records, processes[p])));
  const { senders, not_counted } = await report();
  expect(senders).toHaveLength(30);
  expect(senders.reduce((sum, { total }) => sum + total, 0)).toBe(80);
  expect(not_counted).toBe(0);
  expect(await drift()).toEqual(NONE);
});

test('if senders are not counted, nothing about them is stored, and nothing more is written', async () => {
  await consumeWithout([upload('a', 'acme'), upload('b', 'acme'), table.write('a', failed)]);
  const { head } = await scanProjection(aws);
  expect(head('a')?.counted).toEqual({ f: expect.stringMatching(/^f/) });
  expect(head('b')?.counted).toEqual({ a: 'p2026-11-23T05' });
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.projectionTable }));
  const keys = Items.map(({ pk, sk }) => `${pk} ${sk}`);
  expect(keys.filter((key) => key.includes('~~') || key.startsWith('SENDERS'))).toEqual([]);
  expect(await recountDate(deps().projection, DATE)).toMatchObject({
    quiet: true,
    missing: {},
    outdated: [],
  });
});

test('a head leaves the sender that it is counted by, whatever its record says later', async () => {
  await consume([upload('a', 'acme'), upload('b', 'acme')]);
  await consume([table.write('a', { file_path: path('zenith') })]);
  expect(await counts()).toMatchObject({ acme: { total: 2 } });
  await consume([table.write('a', { status: 'manifested#3', updated_at: '2026-11-23T05:40:00+00:00' })]);
  expect(await counts()).toEqual({
    acme: { pending: 1, total: 1 },
    zenith: { manifested: 1, total: 1 },
    not_counted: 0,
  });
  expect(await drift()).toEqual(NONE);
});

const rebuild = (id: string, senderPath?: typeof OF_FOLDERS) =>
  runRebuild(
    { id, segments: 2, recordsPerSecond: 1_000_000, clock: () => performance.now() },
    deps(senderPath),
  );

test('a rebuild counts files from before the profile had a path, and counts them again for another path', async () => {
  const records = [upload('a', 'acme'), upload('b', 'zenith'), table.write('b', failed)];
  await consumeWithout(records);
  await putRecords(aws, table.items);
  expect(await counts()).toEqual({ not_counted: 2 });
  await rebuild('first');
  const byFolder = { acme: { pending: 1, total: 1 }, zenith: { failed: 1, total: 1 }, not_counted: 0 };
  expect(await counts()).toEqual(byFolder);
  await rebuild('other', OF_NAMES);
  expect(await counts()).toEqual({ not_counted: 2 });
  expect(await counts(DATE, OF_NAMES)).toEqual({ x: { pending: 1, failed: 1, total: 2 }, not_counted: 0 });
  expect(await drift(OF_NAMES)).toEqual(NONE);
  await rebuild('again');
  expect(await counts()).toEqual(byFolder);
});

test('heads that an older version moved are counted by sender again, and its leftover counts are removed', async () => {
  await consume([upload('a', 'acme'), upload('b', 'acme')]);
  await putRecords(aws, table.items);
  // As the version before writes a head that it has looked at.
  const Key = headKey({ date_prefix: DATE, file_key: 'a' });
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key,
      UpdateExpression: 'SET c = :c ADD revision :one',
      ExpressionAttributeValues: { ':c': { a: 'p2026-11-23T05' }, ':one': 1 },
    }),
  );
  const { missing, outdated } = await drift();
  expect(Object.values(missing)).toEqual([-1]);
  expect(outdated).toEqual([{ date_prefix: DATE, file_key: 'a' }]);
  for (const found of [await recountDate(deps().projection, DATE, OF_FOLDERS)]) {
    expect(await repairCounters(found, applyDeps(aws))).toBe(true);
  }
  const all = await recountAll({ ...applyDeps(aws), clock: () => applyDeps(aws).now });
  expect(await repairCounters(all, applyDeps(aws))).toBe(true);
  expect(await renewByRecords(outdated, deps())).toBe(1);
  expect(await counts()).toEqual({ acme: { pending: 2, total: 2 }, not_counted: 0 });
  expect(await drift()).toEqual(NONE);
});

test('a record that another sender writes again in the same status stays with the first sender until it moves, or until a rebuild', async () => {
  await consume([upload('moves', 'acme'), upload('rests', 'acme'), upload('untouched', 'acme')]);
  await consume([upload('moves', 'zenith'), upload('rests', 'zenith')]);
  expect(await counts()).toEqual({ acme: { pending: 3, total: 3 }, not_counted: 0 });
  await consume([table.write('moves', { ...failed, file_path: path('zenith') })]);
  const acme = { pending: 2, total: 2 };
  expect(await counts()).toEqual({ acme, zenith: { failed: 1, total: 1 }, not_counted: 0 });
  await putRecords(aws, table.items);
  await rebuild('again');
  expect(await counts()).toEqual({
    acme: { pending: 1, total: 1 },
    zenith: { pending: 1, failed: 1, total: 2 },
    not_counted: 0,
  });
  expect(await drift()).toEqual(NONE);
});

test('a repair counts by the sender that the record has', async () => {
  await consume([upload('a', 'acme'), upload('b', 'acme')]);
  table.write('a', { ...failed, file_path: path('zenith') });
  await putRecords(aws, table.items);
  const keys = ['a', 'b'].map((file_key) => ({ date_prefix: DATE, file_key }));
  expect(await repairRecords(keys, 0, deps())).toMatchObject([{ file_key: 'a', outcome: 'repaired' }]);
  expect(await counts()).toEqual({
    zenith: { failed: 1, total: 1 },
    acme: { pending: 1, total: 1 },
    not_counted: 0,
  });
  expect(await drift()).toEqual(NONE);
});

test('empty hours are removed once nobody writes there, and no count changes', async () => {
  await consume([upload('a', 'acme'), upload('b', 'acme')]);
  await consume([
    table.write('a', { status: 'completed#3', updated_at: '2026-11-23T05:40:00+00:00' }),
    table.write('b', { status: 'processing#3', updated_at: '2026-11-23T04:40:00+00:00' }),
  ]);
  const before = await counts();
  const later = { ...deps(), now: deps().now + 5 * 3_600_000 };
  expect(await tidyCounters(DATE, later)).toBeGreaterThan(0);
  expect(await tidyCounters(undefined, later)).toBeGreaterThan(0);
  expect(await counts()).toEqual(before);
  expect(await drift()).toEqual(NONE);
});
