import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { closeSlots } from '../../../shared/projection/closed-slots.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { counterPartition } from '../../../shared/projection/counter-kind.ts';
import { mergeIdleSlots } from '../../../shared/projection/counter-slots.ts';
import { counterWrites } from '../../../shared/projection/counter-writes.ts';
import type { HeadWrite } from '../../../shared/projection/head-writes.ts';
import { repairCounters } from '../../../shared/projection/recount.ts';
import { recountAll } from '../../../shared/projection/recount-all.ts';
import { createWriter, type Writer } from '../../../shared/projection/writer.ts';
import { faultyDynamo, Killed } from '../../support/faulty-dynamo.ts';
import { interceptedDocuments } from '../../support/intercepted.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps, known, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const DATES = ['2026-11-22', '2026-11-23'];
const NOW = Date.parse('2026-11-23T06:00:00Z');

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;
let writers: Writer[];

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
  writers = [createWriter(() => 0), createWriter(() => 0, { slots: [5], width: 8 })];
  await flow();
});

const docs = () => ({ docs: aws.documents, name: aws.projectionTable });
const everything = async () => (await scanProjection(aws)).counters('STATS#ALL');
let files = 0;

/** Each writer applies some transitions of both dates, at a time of its clock. */
async function flow(now = NOW): Promise<void> {
  for (const writer of writers) {
    const keys = DATES.map((date) => [`file-${files++}`, date] as const);
    const records = [
      ...keys.map(([key, date]) => table.write(key, uploaded(), date)),
      ...keys.slice(1).map(([key, date]) => table.write(key, { status: 'completed#3' }, date)),
    ];
    const store = { s3: aws.s3, bucket: aws.buckets.deadLetter };
    const { unapplied } = await consumeBatch(records, applyDeps(aws, { writer, now }), store);
    expect(unapplied).toEqual([]);
  }
}

/** Recounts, and has something happen whenever it waits. */
const recount = (meanwhile: () => Promise<unknown> = () => Promise.resolve(), clock = () => NOW) =>
  recountAll({ projection: docs(), random: () => 0.5, clock, sleep: meanwhile });

async function spoil(pk: string, sk: string, attribute: string, amount: number): Promise<void> {
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key: { pk, sk },
      UpdateExpression: 'ADD #name :amount',
      ExpressionAttributeNames: { '#name': attribute },
      ExpressionAttributeValues: { ':amount': amount },
    }),
  );
}

test('exact counters show nothing missing, whether idle or while transitions flow', async () => {
  expect(known(await recount())).toEqual({});
  expect(known(await recount(() => flow()))).toEqual({});
  expect(JSON.stringify((await scanProjection(aws)).counters('STATS#ALL'))).not.toContain('closed');
});

test('drift is found exactly and repaired while transitions flow; the dates are left alone', async () => {
  await spoil('STATS#ALL', '0', 'file_completed', 5);
  await spoil('STATS#ALL', '3', 'file_failed', -2);
  const found = await recount(() => flow());
  expect(known(found)).toEqual({ file_completed: -5, file_failed: 2 });
  await flow();
  const before = (await scanProjection(aws)).counters('STATS#2026-11-23');
  expect(await repairCounters(found, applyDeps(aws))).toBe(true);
  const { heads, counters } = await scanProjection(aws);
  expect(counters('STATS#2026-11-23')).toEqual(before);
  const { pending, completed, failed } = counters('STATS#ALL').file;
  expect([pending, completed, failed]).toEqual([heads.size / 2, heads.size / 2, 0]);
  expect((await recount(() => flow())).missing).toEqual({});
});

test('a writer is sent away from its slot once in a recount, and stays where it goes', async () => {
  let sentAway = 0;
  writers = writers.map((writer) => ({
    ...writer,
    metClosed: () => {
      sentAway += 1;
      writer.metClosed();
    },
  }));
  await recount(() => flow());
  await flow();
  expect(sentAway).toBe(2);
  expect(writers.map((writer) => writer.slot())).toEqual([64, 69]);
});

test('if a writer ignores a closed slot, nothing is known and nothing is repaired', async () => {
  await spoil('STATS#ALL', '0', 'file_completed', 5);
  const former = { ...createWriter(() => 0), slot: () => 0 };
  const found = await recount(async () => {
    // Its clock is a day ahead: to it the mark is over.
    writers = [former];
    await flow(NOW + 86_400_000);
  });
  expect(found.quiet).toBe(false);
  expect(await repairCounters(found, applyDeps(aws))).toBe(false);
  expect((await everything()).file.completed).toBeGreaterThan(5);
});

test('slots that are merged meanwhile are counted once', async () => {
  await spoil('STATS#ALL', '5', 'file_failed', 3);
  let waits = 0;
  const found = await recount(async () => {
    writers = writers.slice(0, 1);
    await flow();
    const deps = { projection: docs(), now: NOW + 7_200_000 };
    if (waits++ === 0) for (const date of [undefined, ...DATES]) await mergeIdleSlots(date, deps);
  });
  expect(known(found)).toEqual({ file_failed: -3 });
});

test('a slot that is merged after it was counted, into one that is counted later, is counted once', async () => {
  await spoil('STATS#ALL', '5', 'file_failed', 3);
  let marks = 0;
  const projection = {
    ...docs(),
    docs: interceptedDocuments(aws.dynamoDb, async (call) => {
      const isFirstMark = call.name.startsWith('Update') && marks++ === 0;
      const deps = { projection: docs(), now: NOW + 7_200_000 };
      if (isFirstMark) for (const date of DATES) expect(await mergeIdleSlots(date, deps)).toBe(1);
      return call.send();
    }),
  };
  writers = writers.slice(0, 1);
  const found = await recountAll({ projection, random: () => 0.5, clock: () => NOW, sleep: () => flow() });
  expect(known(found)).toEqual({ file_failed: -3 });
  expect(marks).toBeGreaterThan(0);
});

test('a closed slot is not merged, and no other recount has it', async () => {
  const deps = { projection: docs(), random: () => 0, sleep: () => Promise.resolve(), clock: () => NOW };
  const open = await closeSlots([5], deps);
  const before = await everything();
  expect(await mergeIdleSlots(undefined, { projection: docs(), now: NOW })).toBe(0);
  expect(await closeSlots([0, 5], deps)).toBeUndefined();
  await flow();
  expect(writers[0]?.slot()).toBe(0);
  await open?.();
  expect((await everything()).file.pending).toBe(before.file.pending + 2);
});

test('if one slot cannot be closed, the others are opened again, and those of another recount stay closed', async () => {
  const rest = { random: () => 0, sleep: () => Promise.resolve(), clock: () => NOW };
  const othersOpen = await closeSlots([5], { projection: docs(), ...rest, clock: () => NOW - 1 });
  const { docs: faulty } = await faultyDynamo(aws, (attempt) =>
    attempt === 2 ? new Killed('by plan') : undefined,
  );
  const projection = { ...docs(), docs: faulty };
  await expect(closeSlots([0, 1, 2], { projection, ...rest })).rejects.toThrow('by plan');
  const open = await closeSlots([0, 1, 2], { projection: docs(), ...rest });
  expect(open).toBeDefined();
  expect(await closeSlots([5], { projection: docs(), ...rest })).toBeUndefined();
  await open?.();
  await othersOpen?.();
});

test('the mark of a recount that died expires after a minute', async () => {
  const deps = { projection: docs(), random: () => 0, sleep: () => Promise.resolve(), clock: () => NOW };
  await closeSlots([0, 5], deps);
  writers = writers.map((writer) => ({ ...writer, metClosed: () => undefined, heads: () => 1 }));
  const refused = consumeBatch([table.write('late', uploaded())], applyDeps(aws, { writer: writers[0] }), {
    s3: aws.s3,
    bucket: aws.buckets.deadLetter,
  });
  expect((await refused).unapplied).toHaveLength(1);
  await flow(NOW + 60_001);
  expect(writers.map((writer) => writer.slot())).toEqual([0, 5]);
  expect(known(await recount(undefined, () => NOW + 60_001))).toEqual({});
});

test('changes of dates that sum to zero are also written to everything, where a slot may be closed', () => {
  const write = (date_prefix: string, amount: number): HeadWrite => ({
    items: [{ Put: { TableName: 'projection', Item: { pk: date_prefix } } }],
    changes: [undefined, date_prefix].map((date) => ({
      pk: counterPartition(date),
      part: '',
      add: { file_failed: amount },
    })),
    asOf: undefined,
  });
  const updates = counterWrites('projection', [write('a', 1), write('b', -1)], 7, NOW);
  expect(updates.map(({ Update }) => Update?.Key?.pk)).toEqual(['STATS#ALL', 'STATS#a', 'STATS#b']);
  expect(updates.map(({ Update }) => Update?.ConditionExpression !== undefined)).toEqual([
    true,
    false,
    false,
  ]);
});
