import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { readCounters } from '../../../shared/projection/counter-items.ts';
import { beginWriter, mergeIdleSlots } from '../../../shared/projection/counter-slots.ts';
import { recountDate } from '../../../shared/projection/recount.ts';
import { recountAll } from '../../../shared/projection/recount-all.ts';
import { createWriter } from '../../../shared/projection/writer.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps, known, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const DATE = '2026-11-23';
const OTHER_DATE = '2026-11-22';
const NOW = Date.parse('2026-11-23T06:00:00Z');
const HOUR = 3_600_000;

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });
const later = (hours: number) => ({ projection: projection(), now: NOW + hours * HOUR, random: () => 0 });

/** Uploads files of a date in a slot, some hours after the beginning. */
async function upload(slot: number, files: number, hours = 0, date = DATE): Promise<void> {
  const records = Array.from({ length: files }, (_, i) =>
    table.write(`${slot}-${hours}-${i}`, uploaded(), date),
  );
  const writer = { ...createWriter(() => 0), slot: () => slot };
  const deps = applyDeps(aws, { writer, now: NOW + hours * HOUR });
  await consumeBatch(records, deps, { s3: aws.s3, bucket: aws.buckets.deadLetter });
}

async function slotItems(pk: string) {
  const items = await aws.documents.send(
    new QueryCommand({
      TableName: aws.projectionTable,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    }),
  );
  return (items.Items ?? []).filter(({ sk }) => /^\d+$/.test(String(sk)));
}

const pendingIn = async (date: string | undefined) => (await readCounters(projection(), date)).file.pending;

test('a date whose slots are idle is merged into one, and counts what it counted; another date is left alone', async () => {
  await upload(0, 3);
  await upload(5, 4);
  await upload(17, 2);
  await upload(5, 6, 0, OTHER_DATE);
  const others = await slotItems(`STATS#${OTHER_DATE}`);
  const before = await readCounters(projection(), DATE);
  expect(await mergeIdleSlots(DATE, later(2))).toBe(2);
  expect(await readCounters(projection(), DATE)).toEqual(before);
  expect(
    (await slotItems(`STATS#${DATE}`)).filter(({ file_pending }) => file_pending !== undefined),
  ).toHaveLength(1);
  expect(await slotItems(`STATS#${OTHER_DATE}`)).toEqual(others);
  expect(known(await recountDate(projection(), DATE))).toEqual({});
  expect(known(await recountAll({ ...applyDeps(aws), clock: () => NOW }))).toEqual({});
  expect(await mergeIdleSlots(DATE, later(2))).toBe(0);
});

test('slots that an older version wrote are read and merged like any other', async () => {
  for (const slot of [0, 1, 2, 3]) await upload(slot, slot + 1);
  expect(await pendingIn(undefined)).toBe(10);
  expect(await mergeIdleSlots(undefined, later(2))).toBe(3);
  expect(await pendingIn(undefined)).toBe(10);
});

test('a slot that somebody writes to is left alone', async () => {
  await upload(0, 3);
  await upload(5, 4, 2);
  expect(await mergeIdleSlots(DATE, later(2.5))).toBe(0);
  expect(await pendingIn(DATE)).toBe(7);
});

test('a slot that is written to while it is being merged keeps its counts, and they are counted once', async () => {
  await upload(0, 3);
  await upload(5, 4);
  let merges = 0;
  const { documents } = aws;
  const send = async (command: never) => {
    if ((command as object).constructor.name === 'TransactWriteCommand' && merges++ === 0)
      await upload(5, 2, 1);
    return documents.send(command);
  };
  const deps = {
    ...later(2),
    projection: { ...projection(), docs: Object.create(documents, { send: { value: send } }) },
  };
  expect(await mergeIdleSlots(DATE, deps)).toBe(0);
  expect(await pendingIn(DATE)).toBe(9);
  expect(known(await recountDate(projection(), DATE))).toEqual({});
});

test('counts stay as of the newest record, whichever slot it was counted in', async () => {
  await upload(5, 1, 1);
  await upload(0, 1, 0);
  const { asOf, lagMillis } = await readCounters(projection(), DATE);
  await mergeIdleSlots(DATE, later(3));
  expect(await readCounters(projection(), DATE)).toMatchObject({ asOf, lagMillis });
});

test('a read that sees only one side of a merge is repeated', async () => {
  await upload(0, 3);
  await upload(5, 4);
  const before = await slotItems(`STATS#${DATE}`);
  await mergeIdleSlots(DATE, later(2));
  const after = await slotItems(`STATS#${DATE}`);
  const torn = [before[0], after[1]];
  let reads = 0;
  const send = async (command: never) => (reads++ === 0 ? { Items: torn } : aws.documents.send(command));
  const counters = await readCounters(
    { docs: Object.create(aws.documents, { send: { value: send } }), name: aws.projectionTable },
    DATE,
    'eventual',
  );
  expect(reads).toBe(2);
  expect(counters.file.pending).toBe(7);
});

test('merges that never add up, as after a restore, prevent nobody from reading', async () => {
  await upload(0, 3);
  const Key = { pk: `STATS#${DATE}`, sk: '0' };
  const change = { UpdateExpression: 'ADD merges :one', ExpressionAttributeValues: { ':one': 1 } };
  await aws.documents.send(new UpdateCommand({ TableName: aws.projectionTable, Key, ...change }));
  expect(await pendingIn(DATE)).toBe(3);
});

test('a new process begins in an existing slot that nobody writes to', async () => {
  await upload(0, 1, 2);
  await upload(5, 1, 0);
  expect((await beginWriter(later(2))).slot()).toBe(5);
});

test('a new process of a small deployment uses the only slot, whether or not it is in use', async () => {
  expect((await beginWriter(later(0))).slot()).toBe(0);
  await upload(0, 1, 0);
  expect((await beginWriter(later(0))).slot()).toBe(0);
  expect((await beginWriter(later(2))).slot()).toBe(0);
});

test('a process that cannot read the slots begins anyway', async () => {
  const send = () => Promise.reject(new Error('no'));
  const deps = { ...later(0), projection: { ...projection(), docs: { send } as never } };
  expect((await beginWriter(deps)).slot()).toBe(0);
});

test('without a conflict a batch writes each counter in one slot, whatever its size', async () => {
  const records = Array.from({ length: 250 }, (_, i) => table.write(`file-${i}`, uploaded(), DATE));
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  expect(await slotItems('STATS#ALL')).toHaveLength(1);
  expect((await scanProjection(aws)).counters(`STATS#${DATE}`).file.pending).toBe(250);
});
