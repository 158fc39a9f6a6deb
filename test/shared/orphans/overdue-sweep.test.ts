import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { meterReads } from '../../../shared/aws/read-meter.ts';
import { overdueReader } from '../../../shared/orphans/overdue-dates.ts';
import { runSweep } from '../../../shared/orphans/sweep.ts';
import { NO_CANDIDATES } from '../../../shared/orphans/sweep-state.ts';
import type { SweepDeps } from '../../../shared/orphans/sweep-unit.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { faultyDynamo } from '../../support/faulty-dynamo.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { orphanSearch, searchAll, verdictsOf } from '../../support/orphan-search.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [YOUNG, MIXED, GONE] = ['2026-11-21', '2026-11-22', '2026-11-23'] as const;
const LATE = ['job', 'job-of-mixed', 'late-0', 'late-1', 'late-2', 'lost'];
let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

/** Two hundred young files of one date, young and late ones of another, and one whose manifest is gone. */
async function prepare(): Promise<void> {
  const pending = (hours: number, shard: number) => ({
    ...uploaded(shard),
    created_at: isoTime(NOW - hours * HOUR),
    padding: 'x'.repeat(600),
  });
  const running = (hours: number) => ({
    status: 'processing#1',
    processing_start_time: isoTime(NOW - hours * HOUR),
  });
  const manifest_path = `s3://${aws.buckets.manifest}/manifests/${GONE}/gone.json`;
  await stream([
    ...many(200).map((i) => table.write(`young-${i}`, pending(0.5, i % 10), YOUNG)),
    ...many(60).map((i) => table.write(`new-${i}`, pending(0.5, 5), MIXED)),
    ...many(3).map((i) => table.write(`late-${i}`, pending(40, 0), MIXED)),
    table.write('job-of-mixed', { ...running(50), manifest_path: 'placeholder' }, MIXED),
    table.write('job', { ...running(51) }, GONE),
    table.write(
      'lost',
      { status: 'manifested#2', manifest_time: isoTime(NOW - 20 * MINUTE), manifest_path },
      GONE,
    ),
    table.write(
      'fresh',
      { status: 'manifested#2', manifest_time: isoTime(NOW - 2 * MINUTE), manifest_path },
      GONE,
    ),
  ]);
}

const many = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Writes records to the tracking table, and has the consumer count them. */
async function stream(records: Parameters<typeof consumeBatch>[0]): Promise<void> {
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  await Promise.all([...table.items.values()].map((Item) => track({ ...Item })));
}

const track = (Item: Record<string, unknown>) =>
  aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
const project = (Item: Record<string, unknown>) =>
  aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));

/** A sweep, what it read, and which dates of the index of files in flight. */
async function sweep(now: number, overrides: Partial<SweepDeps> = {}) {
  const { client, docs } = await faultyDynamo(aws, () => undefined);
  const meter = meterReads(client);
  const dates = datesAsked(client);
  const { report } = await runSweep(
    { ...sweepDeps(docs, now), readUnits: meter.readUnits, ...overrides },
    `${now}`,
  );
  if (!report) throw new Error('The sweep did not end.');
  return {
    report,
    readUnits: meter.readUnits(),
    dates,
    orphans: report.orphans.map(({ file_key }) => file_key).sort(),
  };
}

function datesAsked(client: Awaited<ReturnType<typeof faultyDynamo>>['client']): Set<string> {
  const dates = new Set<string>();
  client.middlewareStack.add(
    (next) => (args) => {
      const { IndexName, ExpressionAttributeValues: values = {} } = args.input as {
        IndexName?: string;
        ExpressionAttributeValues?: Record<string, string>;
      };
      const [status] = (values[':status'] ?? '').split('#');
      if (IndexName && status !== 'completed') dates.add(`${status} ${values[':start'] ?? 'all'}`);
      return next(args);
    },
    { step: 'initialize', name: 'datesAsked' },
  );
  return dates;
}

function sweepDeps(docs: DynamoDBDocumentClient, now: number): Omit<SweepDeps, 'readUnits'> {
  const search = orphanSearch(aws, now, { pageSize: 50 });
  return {
    ...search,
    tracking: { ...search.tracking, docs },
    projection: { docs, name: aws.projectionTable },
    ...{ candidateFilter: NO_CANDIDATES, mostReadUnits: Number.POSITIVE_INFINITY },
    signal: new AbortController().signal,
  };
}

test('a sweep after the first of the day reads no young files, and finds and reports the same', async () => {
  await prepare();
  const whole = await sweep(NOW);
  const part = await sweep(NOW + MINUTE);
  expect(whole.dates).toContain('pending all');
  expect([...part.dates].sort()).toEqual([
    `manifested ${GONE}`,
    `pending ${MIXED}`,
    `processing ${MIXED}`,
    `processing ${GONE}`,
  ]);
  expect(whole.readUnits).toBeGreaterThan(1.5 * part.readUnits);
  expect(whole.orphans).toEqual(LATE);
  expect(part.orphans).toEqual(LATE);
  expect(whole.report.allSeenAt).toBe(isoTime(NOW));
  expect(part.report).toMatchObject({
    allSeenAt: isoTime(NOW),
    inFlight: whole.report.inFlight,
    affected: whole.report.affected,
    totals: whole.report.totals,
    oldestHours: { pending: 40.02, manifested: 0.35, processing: 51.02 },
  });
  expect(part.report.checked).toBeLessThan(10);
});

test('a sweep reads a date no further than to the last file that is late', async () => {
  await prepare();
  await sweep(NOW);
  const before = (await sweep(NOW + MINUTE, { pageSize: 10 })).report.pages;
  const pending = { ...uploaded(9), created_at: isoTime(NOW - 40 * HOUR) };
  await stream([table.write('last', pending, MIXED)]);
  const { report, orphans } = await sweep(NOW + 2 * MINUTE, { pageSize: 10 });
  expect(orphans).toEqual([...LATE, 'last'].sort());
  expect(report.pages).toBeGreaterThan(before + 4);
});

test('nothing in flight is read while nothing is late, and its number and age are reported', async () => {
  const at = { created_at: isoTime(NOW - 90 * MINUTE) };
  await stream(many(5).map((i) => table.write(`young-${i}`, { ...uploaded(), ...at }, YOUNG)));
  await sweep(NOW);
  const { report, dates } = await sweep(NOW + MINUTE);
  expect([...dates]).toEqual([]);
  // It entered in the hour from 4 to 5, at least 61 minutes ago.
  expect(report).toMatchObject({ checked: 0, inFlight: 5, oldestHours: { pending: 1.02 } });
});

test('a late file that was never counted is found by the first sweep of the next day', async () => {
  await prepare();
  await sweep(NOW);
  await track({
    ...uploaded(),
    date_prefix: YOUNG,
    file_key: 'unseen',
    created_at: isoTime(NOW - 40 * HOUR),
  });
  for (const hours of [6, 12]) expect((await sweep(NOW + hours * HOUR)).orphans).not.toContain('unseen');
  const { report, orphans } = await sweep(NOW + 18 * HOUR);
  expect(orphans).toContain('unseen');
  expect(report.allSeenAt).toBe(isoTime(NOW + 18 * HOUR));
});

test('files that are counted but do not exist cost a sweep one listing, and no read of a file', async () => {
  await prepare();
  await sweep(NOW);
  for (const date of ['ALL', MIXED]) {
    await project({ pk: `STATS#${date}`, sk: 'age#2026-11-20#77', p03: 5 });
    await project({ pk: `STATS#${date}`, sk: '77', file_pending: 5 });
  }
  const { report, orphans } = await sweep(NOW + MINUTE);
  expect(orphans).toEqual(LATE);
  expect(report.oldestHours.pending).toBeCloseTo(74, 0);
});

test('all of a status is read while not all of it is counted by age', async () => {
  await prepare();
  await sweep(NOW);
  await project({ pk: 'STATS#ALL', sk: '77', file_pending: 1 });
  const { dates, report } = await sweep(NOW + MINUTE);
  expect(dates).toContain('pending all');
  expect(dates).not.toContain('processing all');
  expect(report).toMatchObject({ inFlight: 267, affected: 6 });
});

test('a sweep that was cut off has not checked everything in flight, so the next one does', async () => {
  await prepare();
  const { report } = await sweep(NOW, { sweepReadUnits: 1 });
  expect(report).toMatchObject({ cutOff: true });
  expect(report).not.toHaveProperty('allSeenAt', expect.anything());
  expect((await sweep(NOW + MINUTE)).dates).toContain('pending all');
});

test('a search by pages finds the same with counters of ages as without, in a range of dates too', {
  tags: ['long'],
}, async () => {
  await prepare();
  const keysOf = async (how: object) =>
    verdictsOf(await searchAll(orphanSearch(aws, NOW, { pageSize: 4, ...how }))).map(
      ({ file_key }) => file_key,
    );
  const search = orphanSearch(aws, NOW);
  for (const range of [{}, { start: GONE }, { end: MIXED }, { start: YOUNG, end: YOUNG }]) {
    const whole = await keysOf({ range });
    expect(await keysOf({ range, overdueIn: overdueReader(search) })).toEqual(whole);
  }
  expect((await keysOf({ overdueIn: overdueReader(search) })).sort()).toEqual(LATE);
});
