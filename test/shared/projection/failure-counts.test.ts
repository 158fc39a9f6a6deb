import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { createRandom } from '../../../infra/simulator/random.ts';
import { meterReads } from '../../../shared/aws/read-meter.ts';
import { failureClass } from '../../../shared/pipeline/failure-class.ts';
import { NO_REASON } from '../../../shared/pipeline/record-failure.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { cutOldHours } from '../../../shared/projection/cut-hours.ts';
import { headKey } from '../../../shared/projection/items.ts';
import { MOST_CLASSES } from '../../../shared/projection/known-classes.ts';
import { runRebuild } from '../../../shared/projection/rebuild-run.ts';
import { missingIn, recountDate, repairCounters } from '../../../shared/projection/recount.ts';
import { recountAll } from '../../../shared/projection/recount-all.ts';
import { renewByRecords } from '../../../shared/projection/renew-heads.ts';
import { nothingSeen } from '../../../shared/projection/seen.ts';
import { readFailures, readSamples } from '../../../shared/statistics/read-failures.ts';
import { failureText } from '../../support/failure-texts.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';
import { putRecords } from '../../support/tracking-records.ts';

const DATE = '2026-11-23';
let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

const deps = () => ({
  ...applyDeps(aws),
  tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE),
});
const consume = (records: readonly unknown[], seen = nothingSeen(undefined)) =>
  consumeBatch(records, applyDeps(aws, { seen }), {
    s3: aws.s3,
    bucket: aws.buckets.deadLetter,
  });
const failures = (date?: string) => readFailures(deps().projection, date, deps().now);
const counts = async (date?: string) =>
  Object.fromEntries(
    (await failures(date)).map(({ class: id, failed, quarantined }) => [id, [failed, quarantined]]),
  );
const failed = (error_message: string, attributes: object = {}) => ({
  status: 'failed#3',
  updated_at: '2026-11-23T05:30:00+00:00',
  error_message,
  ...attributes,
});
const idOf = (text: string) => failureClass(text).id;

async function drift() {
  const [dated, all] = [
    await recountDate(deps().projection, DATE),
    await recountAll({ ...applyDeps(aws), clock: () => applyDeps(aws).now }),
  ];
  return { missing: { ...missingIn(dated), ...missingIn(all) }, outdated: dated.outdated };
}
const NONE = { missing: {}, outdated: [] };

test('failed files are counted by cause, for each date and overall, and a reset removes them', async () => {
  const records = [
    ...['a', 'b', 'c', 'd'].map((key) => table.write(key, uploaded())),
    table.write('e', uploaded(), '2026-11-22'),
    table.write('a', failed('Java heap space')),
    table.write('b', failed('Java heap space')),
    table.write('c', failed('Path does not exist: s3://in/x')),
    table.write('d', { status: 'quarantined#3', updated_at: '2026-11-23T05:31:00+00:00' }),
    table.write('e', failed('Java heap space'), '2026-11-22'),
  ];
  const { newClasses } = await consume(records);
  expect(newClasses).toHaveLength(3);
  expect((await consume(records)).newClasses).toEqual([]);
  expect(await counts()).toMatchObject({ [idOf('Java heap space')]: [3, 0], [NO_REASON.id]: [0, 1] });
  expect(await counts(DATE)).toMatchObject({ [idOf('Java heap space')]: [2, 0] });
  await consume([table.write('a', { status: 'pending#3', error_message: undefined })]);
  const [first] = await failures();
  expect(first).toMatchObject({
    class: idOf('Java heap space'),
    text: failureClass('Java heap space').text,
    failed: 2,
    entered: 3,
    last_hours: 3,
    first_seen: '2026-11-23T05:30:00.000Z',
    // Counted by the hour, but never before it was first seen.
    last_seen: '2026-11-23T05:30:00.000Z',
  });
  expect(await readSamples(deps().projection, idOf('Java heap space'))).toHaveLength(3);
  expect(await drift()).toEqual(NONE);
});

test('a record with another error than when it failed leaves the class in which it was counted', async () => {
  await consume([table.write('a', failed('Java heap space')), table.write('b', failed('Java heap space'))]);
  await consume([table.write('a', { error_message: 'Somebody wrote this' })]);
  await consume([table.write('a', { status: 'completed#3' })]);
  expect(await counts()).toEqual({ [idOf('Java heap space')]: [1, 0] });
  expect(await drift()).toEqual(NONE);
});

test('beyond the classes that are counted separately, all others count as one, and the sum stays exact', async () => {
  const letters = (n: number) => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  const write = (n: number) => table.write(`f${n}`, failed(`Cause ${letters(n)} came`));
  const seen = nothingSeen(undefined);
  for (let from = 0; from < MOST_CLASSES + 5; from += 41) {
    await consume(
      Array.from({ length: 41 }, (_, i) => write(from + i)),
      seen,
    );
  }
  const all = await failures();
  expect(all).toHaveLength(MOST_CLASSES + 1);
  expect(all[0]).toMatchObject({ class: 'other', failed: 5 });
  // Of another process, which finds the same room.
  await consume([table.write('f204', { status: 'pending#3' }), table.write('f3', { status: 'completed#3' })]);
  expect((await counts()).other).toEqual([4, 0]);
  expect(await drift()).toEqual(NONE);
});

test('as many classes as there is room for are counted separately, and only the next one is not', {
  tags: ['long'],
}, async () => {
  const letters = (n: number) => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  const write = (n: number) => table.write(`f${n}`, failed(`Cause ${letters(n)} came`));
  const seen = nothingSeen(undefined);
  for (let from = 0; from < MOST_CLASSES; from += 40) {
    await consume(
      Array.from({ length: 40 }, (_, i) => write(from + i)),
      seen,
    );
  }
  expect(Object.keys(await counts())).toHaveLength(MOST_CLASSES);
  expect(await counts()).not.toHaveProperty('other');
  const { newClasses } = await consume([write(MOST_CLASSES), write(0)], seen);
  expect(newClasses).toEqual([]);
  expect((await counts()).other).toEqual([1, 0]);
  expect(Object.keys(await counts(DATE))).toHaveLength(MOST_CLASSES + 1);
});

test('a reset, its undo and a rebuild from nothing keep the sums', async () => {
  const keys = ['a', 'b', 'c', 'd'];
  await consume([
    ...keys.map((key) => table.write(key, failed('Java heap space'))),
    table.write('e', failed('Access Denied'), '2026-11-22'),
  ]);
  const before = await counts();
  const heap = [idOf('Java heap space')];
  // As a change of ours writes them: the undo puts back every attribute.
  const reset = keys
    .slice(0, 3)
    .map((key) => table.write(key, { status: 'pending#3', error_message: undefined, state_change_id: 'c1' }));
  await consume(reset);
  await consume(reset);
  expect((await counts())[heap[0] ?? '']).toEqual([1, 0]);
  const undo = keys
    .slice(0, 3)
    .map((key) => table.write(key, { ...failed('Java heap space'), state_change_id: 'c2' }));
  await consume(undo);
  await consume(undo);
  expect(await counts()).toEqual(before);
  expect(await drift()).toEqual(NONE);

  await putRecords(aws, table.items);
  const fresh = await localAws();
  const projection = { docs: fresh.documents, name: fresh.projectionTable };
  const rebuildDeps = { ...applyDeps(fresh), tracking: deps().tracking };
  const clock = () => performance.now();
  await runRebuild({ id: 'r1', segments: 2, recordsPerSecond: 1_000_000, clock }, rebuildDeps);
  const rebuilt = await readFailures(projection, undefined, deps().now);
  const sums = rebuilt.map(({ class: id, failed: count, quarantined }) => [id, [count, quarantined]]);
  expect(Object.fromEntries(sums)).toEqual(before);
});

test('hours too old for the trend are removed, except the newest one, and no count changes', async () => {
  await consume([
    table.write('a', failed('Java heap space', { updated_at: '2026-11-23T03:30:00+00:00' })),
    table.write('b', failed('Java heap space')),
    table.write('c', failed('Access Denied', { updated_at: '2026-11-23T03:30:00+00:00' })),
  ]);
  const before = await failures();
  const later = (hours: number) => ({ ...deps(), now: deps().now + hours * 3_600_000 });
  expect(await cutOldHours(later(20))).toBe(0);
  expect(await failures()).toEqual(before);
  expect(await cutOldHours(later(40))).toBe(1);
  const last = ({ class: id, failed: count, last_seen }: (typeof before)[number]) => [id, count, last_seen];
  expect((await failures()).map(last)).toEqual(before.map(last));
  expect(await drift()).toEqual(NONE);
});

test('failed heads of an older version get the class of their record', async () => {
  await consume([table.write('a', failed('Java heap space')), table.write('b', failed('Java heap space'))]);
  for (const [key, Item] of table.items) {
    await aws.documents.send(
      new PutCommand({ TableName: aws.trackingTable, Item: { ...Item, ...JSON.parse(key) } }),
    );
  }
  const Key = headKey({ date_prefix: DATE, file_key: 'a' });
  const update = { TableName: aws.projectionTable, Key, UpdateExpression: 'REMOVE c' };
  await aws.documents.send(new UpdateCommand(update));
  const { missing, outdated } = await drift();
  expect(missing).toEqual({ [`~${idOf('Java heap space')} f`]: -1 });
  for (const found of [await recountDate(deps().projection, DATE)])
    await repairCounters(found, applyDeps(aws));
  await repairCounters(
    await recountAll({ ...applyDeps(aws), clock: () => applyDeps(aws).now }),
    applyDeps(aws),
  );
  expect(await renewByRecords(outdated, deps())).toBe(1);
  expect(await counts()).toEqual({ [idOf('Java heap space')]: [2, 0] });
  expect(await drift()).toEqual(NONE);
});

test('any number of failures of 40 causes takes two read units and 40 rows', async () => {
  const random = createRandom(1);
  const records = Array.from({ length: 1_000 }, (_, i) =>
    table.write(`f${i}`, failed(failureText(i, random).text)),
  );
  await consume(records);
  const meter = meterReads(aws.dynamoDb);
  const found = await failures();
  expect(found.reduce((sum, { failed: count }) => sum + count, 0)).toBe(1_000);
  expect(found.length).toBeLessThanOrEqual(41);
  expect(meter.readUnits()).toBeLessThanOrEqual(2);
});
