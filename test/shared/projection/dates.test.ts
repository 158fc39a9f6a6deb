import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { listDates } from '../../../shared/projection/dates.ts';
import { recountAll } from '../../../shared/projection/recount-all.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const LONGEST = 'd'.repeat(1_000);
const TOO_LONG = 'é'.repeat(501);
const NOW = Date.parse('2026-11-23T06:00:00Z');
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
});

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });
const stats = (input: object = {}) => ask(operationDeps(aws), { operation: 'get_stats', ...input });

async function upload(...dates: readonly string[]): Promise<void> {
  const table = streamedTable();
  const records = dates.map((date) => table.write('a', uploaded(), date));
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
}

const recount = () =>
  recountAll({
    projection: projection(),
    random: () => 0.5,
    clock: () => NOW,
    sleep: () => Promise.resolve(),
  });

test('a date of a thousand bytes is noted like any other', async () => {
  await upload('2026-11-23', LONGEST);
  expect(await listDates(projection())).toEqual(['2026-11-23', LONGEST]);
  expect(await stats()).not.toHaveProperty('not_audited');
  expect(await recount()).toMatchObject({ quiet: true, missing: {} });
});

test('files of a longer date are counted, and answers say that nothing else includes them', async () => {
  await upload('2026-11-23', TOO_LONG);
  expect(await listDates(projection())).toEqual(['2026-11-23']);
  expect(await stats()).toMatchObject({ total: 2, not_audited: expect.stringContaining('begins with "éé') });
  expect(await stats({ date_prefix: '2026-11-23' })).not.toHaveProperty('not_audited');
});

test('the counts of a date that is too long are not subtracted from the counters of everything', async () => {
  await upload('2026-11-23', TOO_LONG);
  expect(await recount()).toMatchObject({ quiet: false, missing: {} });
  // Of other dates, too, nothing is known then.
  const slot = { pk: 'STATS#2026-11-23', sk: '3', file_pending: 5 };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item: slot }));
  expect(await recount()).toMatchObject({ quiet: false, missing: {} });
});
