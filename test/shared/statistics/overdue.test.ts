import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { readAcknowledged } from '../../../shared/reports/acknowledged-files.ts';
import { countAcknowledgedLate } from '../../../shared/statistics/acknowledged-late.ts';
import { readAgedCounters } from '../../../shared/statistics/aged-counters.ts';
import { countOverdue, overdueDates } from '../../../shared/statistics/overdue.ts';
import { interceptedDocuments } from '../../support/intercepted.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
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

test('a file is overdue in the minute after its limit, although ages are counted by the hour', async () => {
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

describe('of acknowledged files', () => {
  const countAt = async (time: string) => {
    const now = Date.parse(`2026-11-23T${time}:00Z`);
    const counters = await readAgedCounters(projection(), undefined, LIMITS, now);
    const deps = { tracking: tracking(), projection: projection(), now };
    const known = await readAcknowledged(deps);
    const { pending } = await countOverdue(deps, LIMITS, counters);
    // What the page leaves out of the counters' own number.
    const left = await countAcknowledgedLate(deps, known, counters.late);
    return { pending, over: counters.late.pending.over_limit, known: left.pending };
  };
  const acknowledge = (file_key: string, kind?: string) =>
    ask(operationDeps(aws, NOW), {
      ...{ operation: 'acknowledge', date_prefix: '2026-11-23', file_key, kind },
      ...{ until: '2026-11-24', reason: 'known' },
    });

  test('none is overdue, to the minute, and all others are', async () => {
    await upload({ known: '01:10', near: '03:40', late: '02:20', other: '03:50' });
    expect(await countAt('05:45')).toEqual({ pending: 2, over: 2, known: 0 });
    await acknowledge('known', 'stuck_in_pending');
    // In the hour of the limit, which the counters do not count.
    await acknowledge('near');
    expect(await countAt('05:45')).toEqual({ pending: 1, over: 2, known: 1 });
    await acknowledge('late');
    expect(await countAt('05:45')).toEqual({ pending: 0, over: 2, known: 2 });
    expect(await countAt('05:51')).toEqual({ pending: 1, over: 2, known: 2 });
    expect(await countAt('06:00')).toEqual({ pending: 1, over: 4, known: 3 });
  });

  test('an acknowledged manifest hides no late file', async () => {
    await upload({ late: '01:10', 'MANIFEST#m-1': '01:10' });
    await acknowledge('MANIFEST#m-1');
    expect(await countAt('06:00')).toEqual({ pending: 1, over: 1, known: 0 });
  });

  test('one that was acknowledged for another finding, in an earlier status, also counts as known', async () => {
    await upload({ known: '01:10', other: '01:20' });
    const [before] = [...table.items.values()].filter(({ file_key }) => file_key === 'known');
    const put = (fields: object) =>
      aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: { ...before, ...fields } }));
    await put({ status: 'failed' });
    // Sorts behind the other.
    await acknowledge('known', 'stuck_in_processing');
    await put({});
    await acknowledge('known');
    expect(await countAt('06:00')).toEqual({ pending: 1, over: 2, known: 1 });
  });

  test('one that has changed since is overdue like any other', async () => {
    await upload({ known: '01:10' });
    await acknowledge('known');
    expect(await countAt('06:00')).toEqual({ pending: 0, over: 1, known: 1 });
    const Item = {
      ...table.items.get('known'),
      date_prefix: '2026-11-23',
      file_key: 'known',
      status: 'pending#7',
    };
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
    expect(await countAt('06:00')).toEqual({ pending: 1, over: 1, known: 0 });
  });
});

test('no records are read while nothing is near its limit; one query shows that', async () => {
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

test('the dates of late files are found without reading the others; but not while ages are incomplete', async () => {
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
])('no date is named while %s, because any date may have late files', async (_, counted) => {
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
