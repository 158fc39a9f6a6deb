import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { readAgedCounters } from '../../../shared/projection/aged-counters.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { countOverdue, overdueDates } from '../../../shared/projection/overdue.ts';
import { interceptedDocuments } from '../../support/intercepted.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const LIMITS = { pending: 2, manifested: 2, processing: 2 };
const NOW = Date.parse('2026-11-23T06:00:00Z');
const MINUTE = 60_000;
let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });
const tracking = () => trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE);

/** Uploads files at these times, into both tables. */
async function upload(times: Readonly<Record<string, string>>, date = '2026-11-23'): Promise<void> {
  const records = Object.entries(times).map(([key, time]) =>
    table.write(key, { ...uploaded(), created_at: `2026-11-23T${time}:00+00:00` }, date),
  );
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  for (const Item of table.items.values()) {
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: { ...Item } }));
  }
}

test('a file is overdue in the minute after its limit, though ages are counted by the hour', async () => {
  await upload({ late: '03:40', young: '03:50', new: '05:30' });
  const at = async (time: string) => {
    const now = Date.parse(`2026-11-23T${time}:00Z`);
    const counters = await readAgedCounters(projection(), undefined, LIMITS, now);
    return countOverdue({ tracking: tracking(), projection: projection(), now }, LIMITS, counters);
  };
  expect((await at('05:40')).pending).toBe(0);
  expect((await at('05:41')).pending).toBe(1);
  expect((await at('05:51')).pending).toBe(2);
  expect((await at('06:00')).pending).toBe(2);
  expect(await at('09:00')).toEqual({ pending: 3, manifested: 0, processing: 0 });
});

test('nothing is looked at while nothing is near its limit, and one query tells so', async () => {
  await upload({ young: '05:50', new: '05:55' });
  const calls: string[] = [];
  const docs = interceptedDocuments(aws.dynamoDb, (call) => {
    calls.push(call.name);
    return call.send();
  });
  const deps = {
    projection: { docs, name: aws.projectionTable },
    tracking: { ...tracking(), docs },
    now: NOW,
  };
  const counters = await readAgedCounters(deps.projection, undefined, LIMITS, NOW);
  expect(await countOverdue(deps, LIMITS, counters)).toEqual({ pending: 0, manifested: 0, processing: 0 });
  expect(calls).toEqual(['QueryCommand']);
});

test('the dates of late files are told, the others not read; and not at all while ages are incomplete', async () => {
  await upload({ a: '03:10', b: '05:10' }, '2026-11-21');
  await upload({ c: '05:10' }, '2026-11-22');
  await upload({ d: '02:10', e: '03:50' }, '2026-11-23');
  const ask = () =>
    overdueDates(projection(), [
      { entity: 'file', status: 'pending', before: NOW - 130 * MINUTE },
      { entity: 'manifest', status: 'pending', before: NOW - 130 * MINUTE },
    ]);
  const oldest_from = Date.parse('2026-11-23T02:00:00Z');
  expect(await ask()).toEqual([
    {
      ...{ in_status: 5, oldest_from, elsewhere: 0 },
      dates: [
        { date_prefix: '2026-11-21', over: 0, at_most: 1, age_unknown: 0, in_status: 2 },
        { date_prefix: '2026-11-23', over: 1, at_most: 2, age_unknown: 0, in_status: 2 },
      ],
    },
    { in_status: 0, oldest_from: undefined, elsewhere: 0, dates: [] },
  ]);
  const item = { pk: 'STATS#ALL', sk: '3', file_pending: 1 };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item: item }));
  expect(await ask()).toEqual([undefined, expect.objectContaining({ dates: [] })]);
  const { late } = await readAgedCounters(projection(), undefined, LIMITS, NOW);
  expect(late.pending).toMatchObject({ over_limit: 3, over_limit_at_most: 3, not_counted: 1 });
});

test.each<[string, object]>([
  ['nothing was ever counted', {}],
  ['the consumer was more than an hour behind', { as_of: NOW - 61 * MINUTE, applied_at: NOW }],
])('no date is told while %s, for any may have late files', async (_, counted) => {
  const question = { entity: 'file', status: 'pending', before: NOW } as const;
  const put = (item: object) =>
    aws.documents.send(
      new PutCommand({ TableName: aws.projectionTable, Item: { pk: 'STATS#ALL', sk: '0', ...item } }),
    );
  await put(counted);
  expect(await overdueDates(projection(), [question])).toEqual([undefined]);
  await put({ as_of: NOW - 59 * MINUTE, applied_at: NOW });
  expect(await overdueDates(projection(), [question])).toEqual([expect.objectContaining({ dates: [] })]);
  await put({ sk: 'health', dead_letters: { at: '', waiting: 1 } });
  expect(await overdueDates(projection(), [question])).toEqual([undefined]);
});
