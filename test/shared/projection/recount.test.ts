import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { addHeadCounts } from '../../../shared/projection/held-counters.ts';
import { recountDate, repairCounters } from '../../../shared/projection/recount.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps, known, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
  await consume([
    ...['a', 'b', 'c'].map((key) => table.write(key, uploaded())),
    table.write('b', { status: 'completed#3' }),
    table.write('d', uploaded(), '2026-11-22'),
    table.write('MANIFEST#batch-0001-20261123-052254.json', { status: 'pending' }),
    table.remove('c'),
  ]);
});

const consume = (records: readonly unknown[]) =>
  consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });

/** Spoils a counter as nothing of ours does. */
async function spoil(pk: string, attribute: string, amount: number): Promise<void> {
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key: { pk, sk: '2' },
      UpdateExpression: 'ADD #name :amount',
      ExpressionAttributeNames: { '#name': attribute },
      ExpressionAttributeValues: { ':amount': amount },
    }),
  );
}

test('at most a thousand heads that are not counted by their current state are listed; a rebuild renews the others', () => {
  const keys = (count: number, name: string) =>
    Array.from({ length: count }, (_, i) => ({ date_prefix: '2026-11-23', file_key: `${name}${i}` }));
  const { outdated } = addHeadCounts(
    { held: [], outdated: keys(700, 'a') },
    { held: [], outdated: keys(700, 'b') },
  );
  expect(outdated).toHaveLength(1_000);
  expect(outdated.slice(698, 702).map(({ file_key }) => file_key)).toEqual(['a698', 'a699', 'b0', 'b1']);
});

test('exact counters show nothing missing', async () => {
  const { projection } = applyDeps(aws);
  expect(known(await recountDate(projection, '2026-11-23'))).toEqual({});
});

test('drift is found exactly, repaired, and then gone; other dates are left alone', async () => {
  const context = applyDeps(aws);
  await spoil('STATS#2026-11-23', 'file_pending', 7);
  await spoil('STATS#2026-11-23', 'manifest_pending', -1);
  const drift = await recountDate(context.projection, '2026-11-23');
  expect(known(drift)).toEqual({ file_pending: -7, manifest_pending: 1 });
  const other = (await scanProjection(aws)).counters('STATS#2026-11-22');
  expect(await repairCounters(drift, context)).toBe(true);
  expect((await recountDate(context.projection, '2026-11-23')).missing).toEqual({});
  expect((await scanProjection(aws)).counters('STATS#2026-11-22')).toEqual(other);
});

test('of two repairs that found the same drift, only one succeeds', async () => {
  const context = applyDeps(aws);
  await spoil('STATS#2026-11-23', 'file_failed', 3);
  const drift = await recountDate(context.projection, '2026-11-23');
  const repaired = await Promise.all([repairCounters(drift, context), repairCounters(drift, context)]);
  expect(repaired.filter(Boolean)).toHaveLength(1);
  expect((await scanProjection(aws)).counters('STATS#2026-11-23').file.failed).toBe(0);
});

test('a repair commutes with what the stream counts meanwhile', async () => {
  const context = applyDeps(aws);
  await spoil('STATS#2026-11-23', 'file_pending', 2);
  const drift = await recountDate(context.projection, '2026-11-23');
  await consume([table.write('e', uploaded()), table.write('a', { status: 'manifested#3' })]);
  await repairCounters(drift, context);
  const { file } = (await scanProjection(aws)).counters('STATS#2026-11-23');
  expect([file.pending, file.manifested, file.completed]).toEqual([1, 1, 1]);
});

test('if files move while they are counted, nothing is known and nothing is repaired', async () => {
  const context = applyDeps(aws);
  await spoil('STATS#2026-11-23', 'file_pending', 2);
  const drift = { ...(await recountDate(context.projection, '2026-11-23')), quiet: false };
  expect(await repairCounters(drift, context)).toBe(false);
});
