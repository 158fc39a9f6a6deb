import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { type AuditDeps, runAudit } from '../../../shared/consistency/audit.ts';
import type { AuditReport } from '../../../shared/consistency/audit-state.ts';
import { planUnits } from '../../../shared/consistency/range-plan.ts';
import { runRange } from '../../../shared/consistency/range-unit.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { readCounters } from '../../../shared/projection/counter-items.ts';
import { counterPartition } from '../../../shared/projection/counter-kind.ts';
import { faultyDynamo, Killed } from '../../support/faulty-dynamo.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const OTHER_DATE = '2026-11-22';
const FILES = 12;
const SIZES = { from: 10, files: 3 };
const begun = Date.now();
const now = begun + HOUR;
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
  for (const date of [DATE, OTHER_DATE]) {
    const files = fieldFiles(aws, date, begun);
    for (let i = 0; i < (date === DATE ? FILES : 2); i++) {
      if (i % 4 !== 0) await files.input(`file-${i}.ndjson`);
      await files.record(`file-${i}.ndjson`, { status: 'pending#3' });
    }
    await files.input('an unusual (name).ndjson');
    // Gives heads to the records, so that there is something to count.
    await runAudit(deps({ date }));
  }
});

function deps(overrides: Partial<AuditDeps> = {}, docs = aws.documents): AuditDeps {
  return {
    ...applyDeps(aws),
    tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
    projection: { docs, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    ...{ now, date: DATE, graceMillis: HOUR / 4, pageSize: { keys: 2, waiting: 100 } },
    listBucket: aws.buckets.deadLetter,
    readUnits: () => 0,
    mostReadUnits: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    ...overrides,
  };
}

async function rangesOf(): Promise<number[]> {
  const units = await planUnits(deps(), [OTHER_DATE, DATE], SIZES);
  expect(units[0]).toEqual({ date_prefix: OTHER_DATE });
  return units.flatMap(({ date_prefix, range }) => (date_prefix === DATE ? (range ?? []) : []));
}

/** Does a range until it is done, and tells the report of the date where it was the last. */
async function finish(range: number, overrides: Partial<AuditDeps> = {}): Promise<AuditReport | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const { isDone, report } = await runRange(deps(overrides), range);
    if (isDone) return report;
  }
  throw new Error('It did not come to its end.');
}

async function listed({ listedIn = '' }: AuditReport) {
  const [, , Bucket = '', ...key] = listedIn.split('/');
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket, Prefix: key.join('/') }));
  const texts = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key }));
      return ((await Body?.transformToString()) ?? '').trimEnd().split('\n');
    }),
  );
  return texts.flat().sort();
}

const partsOf = ({ totals, counters, complete }: AuditReport) => ({ totals, counters, complete });
const addToCounter = (amount: number) =>
  aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key: { pk: counterPartition(DATE), sk: '0' },
      UpdateExpression: 'ADD file_pending :amount',
      ExpressionAttributeValues: { ':amount': amount },
    }),
  );

test('ranges that are compared in parallel, each interrupted after every page, give the result of a single run', {
  tags: ['long'],
}, async () => {
  const { report: whole } = await runAudit(deps());
  const ranges = await rangesOf();
  expect(ranges.length).toBeGreaterThan(3);
  const ended = await Promise.all(ranges.map((range) => finish(range, { signal: AbortSignal.abort() })));
  const [report, ...more] = ended.flatMap((each) => each ?? []);
  if (!report || !whole) throw new Error('The date was not done.');
  expect(more).toEqual([]);
  expect(partsOf(report)).toEqual(partsOf(whole));
  expect(report.totals).toMatchObject({ records: FILES, issues: { missing_in_s3: 3, missing_in_db: 1 } });
  expect(await listed(report)).toEqual(await listed(whole));
});

test('the heads of all ranges together are compared with the counters, which are corrected', async () => {
  await addToCounter(5);
  const others = await readCounters(deps().projection, OTHER_DATE);
  const ranges = await rangesOf();
  const reports = [];
  for (const range of ranges.reverse()) reports.push(await finish(range));
  expect(reports.at(-1)).toMatchObject({ counters: { file_pending: -5 }, countersRepaired: true });
  expect((await readCounters(deps().projection, DATE)).file.pending).toBe(FILES);
  expect((await scanProjection(aws)).countHeads()).toEqual({ file_pending: FILES + 2 });
  expect(await readCounters(deps().projection, OTHER_DATE)).toEqual(others);
});

test('counters that changed since the date was cut are neither reported nor repaired', async () => {
  const ranges = await rangesOf();
  await addToCounter(5);
  const reports = [];
  for (const range of ranges) reports.push(await finish(range));
  expect(reports.at(-1)).toMatchObject({ counters: undefined, countersRepaired: false });
  expect((await readCounters(deps().projection, DATE)).file.pending).toBe(FILES + 5);
});

test('a range that dies at any request is continued, and a lost answer is given again', {
  tags: ['long'],
}, async () => {
  const [whole, ranges] = [(await runAudit(deps())).report, await rangesOf()];
  const reports: (AuditReport | undefined)[] = [];
  for (const range of ranges) {
    for (let lives = 1, isDone = false; !isDone; lives += 3) {
      let requests = 0;
      const { docs } = await faultyDynamo(aws, () => (++requests > lives ? new Killed() : undefined));
      const run = await runRange(deps({}, docs), range).catch((error: unknown) => {
        if (error instanceof Killed) return undefined;
        throw error;
      });
      isDone = run?.isDone ?? false;
      reports.push(run?.report);
    }
    expect(await finish(range)).toBe(undefined);
  }
  const [report] = reports.flatMap((each) => each ?? []);
  if (!report || !whole) throw new Error('The date was not done.');
  expect(partsOf(report)).toEqual(partsOf(whole));
  expect(await listed(report)).toEqual(await listed(whole));
});

test('a cut that is not old is used again, and one of yesterday is not', { tags: ['long'] }, async () => {
  const units = await planUnits(deps(), [DATE], SIZES);
  const first = await runRange(deps(), 0);
  expect(first.isDone).toBe(true);
  expect(await planUnits(deps({ now: now + HOUR }), [DATE], SIZES)).toEqual(units);
  expect(await runRange(deps(), 0)).toMatchObject({ pages: 1, isDone: true });
  await planUnits(deps({ now: now + 25 * HOUR }), [DATE], SIZES);
  expect((await runRange(deps(), 0)).pages).toBe(first.pages);
});

test('a date after today is left out while it has no files, and no other date is', async () => {
  const [after, before] = ['9999-00-01', '0001-00-01'];
  const { documents, projectionTable: TableName } = aws;
  const dates = [before, DATE, after, '9999-00-02', '9999-00-03'];
  for (const [date, count] of [
    [after, { file_arrived_pending: 1, file_completed: 0 }],
    ['9999-00-02', { file_completed: 1 }],
    ['9999-00-03', { manifest_failed: 1 }],
  ] as const)
    await documents.send(
      new PutCommand({ TableName, Item: { pk: counterPartition(date), sk: '0', ...count } }),
    );
  const units = await planUnits(deps(), dates);
  expect(units).toEqual(dates.filter((date) => date !== after).map((date_prefix) => ({ date_prefix })));
});
