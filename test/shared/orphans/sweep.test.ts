/** @module-tag search */
import { randomUUID } from 'node:crypto';
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { meterReads } from '../../../shared/aws/read-meter.ts';
import { runSweep as runSweepAs } from '../../../shared/orphans/sweep.ts';
import { readSweepReport, type SweepReport } from '../../../shared/orphans/sweep-report.ts';
import { NO_CANDIDATES } from '../../../shared/orphans/sweep-state.ts';
import type { SweepDeps } from '../../../shared/orphans/sweep-unit.ts';
import { ORPHAN_KINDS, type OrphanKind } from '../../../shared/orphans/verdict.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { saveReport } from '../../../shared/reports/reports.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { faultyDynamo, Killed, throttled } from '../../support/faulty-dynamo.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_LIMITS, FIELD_PROFILE } from '../../support/profile.ts';
import { pointsUpTo } from '../../support/search.ts';

const HOUR = 3_600_000;
const begun = Date.now();
const now = begun + 30 * HOUR;

/** A table with 6 stuck files of each in-flight status, and as many completed ones without output. */
async function prepared(): Promise<LocalAws> {
  const aws = await localAws();
  for (const date of ['2026-11-22', '2026-11-23']) {
    const files = fieldFiles(aws, date, begun);
    const completed_time = isoTime(begun);
    await files.record('healthy', { status: 'processing', processing_start_time: isoTime(now - HOUR) });
    for (let i = 0; i < 3; i++) {
      await files.input(`f${i}`);
      for (const status of ['pending', 'manifested', 'processing']) {
        await files.record(`${status}-f${i}`, { status: `${status}#${i}` });
      }
      await files.record(`completed-f${i}`, { status: `completed#${i}`, completed_time });
    }
  }
  return aws;
}

let aws: LocalAws;
beforeAll(async () => {
  aws = await prepared();
});

const runSweep = (deps: SweepDeps) => runSweepAs(deps, randomUUID());

function sweepContext(docs: DynamoDBDocumentClient, overrides: Partial<SweepDeps> = {}): SweepDeps {
  return {
    tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
    projection: { docs, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    ...{
      now,
      limits: FIELD_LIMITS,
      graceHours: 0.25,
      pageSize: 5,
      mostReadUnits: Number.POSITIVE_INFINITY,
    },
    candidateFilter: NO_CANDIDATES,
    readUnits: () => 0,
    signal: new AbortController().signal,
    ...overrides,
  };
}

const NONE = Object.fromEntries(ORPHAN_KINDS.map((kind) => [kind, 0])) as Record<OrphanKind, number>;
const EXPECTED: Partial<SweepReport> = {
  at: isoTime(now),
  complete: true,
  checked: 26,
  unknown: 0,
  totals: {
    ...NONE,
    stuck_in_pending: 6,
    stuck_in_manifested: 6,
    stuck_in_processing: 6,
    missing_outputs: 6,
  },
  inFlight: 20,
  affected: 18,
  oldestHours: { pending: 30, manifested: 30, processing: 30 },
  limitHours: FIELD_LIMITS,
  invocations: 1,
};

test('a sweep keeps a report of all that it found, where others can read it', async () => {
  const { report } = await runSweep(sweepContext(aws.documents));
  expect(report).toMatchObject(EXPECTED);
  const kept = await readSweepReport({ projection: { docs: aws.documents, name: aws.projectionTable } });
  expect(kept).toEqual(report);
  expect(kept?.orphans).toHaveLength(24);
  expect(kept?.orphans[0]).toEqual({
    foundAt: expect.stringMatching(/Z$/),
    kind: 'stuck_in_pending',
    cause: 'input_missing',
    date_prefix: '2026-11-22',
    file_key: expect.stringMatching(/^pending-f\d$/),
    status: 'pending',
    hours: 30,
    summary: 'Pending for 1d 6h: its input object is gone, so it cannot be converted.',
    change: 'fail',
  });
});

test('a sweep that has used up its read units continues in the next invocation', async () => {
  const { client, docs } = await faultyDynamo(aws, () => undefined);
  const meter = meterReads(client);
  let invocations = 0;
  for (let report: SweepReport | undefined; !report; ) {
    const before = meter.readUnits();
    const readUnits = () => meter.readUnits() - before;
    ({ report } = await runSweep(sweepContext(docs, { readUnits, mostReadUnits: 10 })));
    invocations += 1;
    expect(readUnits()).toBeLessThan(100);
    if (report) expect(report).toMatchObject({ ...EXPECTED, invocations });
    if (report) expect(report.readUnits).toBeCloseTo(meter.readUnits(), -1);
  }
  expect(invocations).toBeGreaterThan(3);
});

test('a sweep that is told to stop does so after its page', async () => {
  const stopped = await runSweep(sweepContext(aws.documents, { signal: AbortSignal.abort() }));
  expect(stopped).toMatchObject({ pages: 1, report: undefined });
  const { report } = await runSweep(sweepContext(aws.documents));
  expect(report).toMatchObject({ ...EXPECTED, invocations: 2 });
});

test('a sweep that dies at any request is continued: nothing is reported twice, and nothing is left out', {
  tags: ['long'],
}, async () => {
  for (const dies of pointsUpTo(await requestsOfSweep(), 3)) {
    await forgetSweeps();
    const { docs } = await faultyDynamo(aws, (attempt) => (attempt >= dies ? new Killed() : undefined));
    await expect(runSweep(sweepContext(docs, { pageSize: 3 }))).rejects.toThrow(Killed);
    const { report } = await runSweep(sweepContext(aws.documents, { pageSize: 3 }));
    expect(report).toMatchObject({ ...EXPECTED, invocations: expect.any(Number) });
  }
});

/** So that the next sweep lists the completed dates once more. Only sweeps have written here. */
async function forgetSweeps(): Promise<void> {
  const TableName = aws.projectionTable;
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName }));
  for (const { pk, sk } of Items) await aws.documents.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
}

async function requestsOfSweep(): Promise<number> {
  await forgetSweeps();
  let requests = 0;
  const { docs } = await faultyDynamo(aws, (attempt) => {
    requests = attempt;
    return undefined;
  });
  await runSweep(sweepContext(docs, { pageSize: 3 }));
  return requests;
}

test('throttled reads are tried again, and no page is skipped', async () => {
  const { docs } = await faultyDynamo(aws, (attempt) => (attempt % 20 === 3 ? throttled() : undefined));
  expect((await runSweep(sweepContext(docs))).report).toMatchObject(EXPECTED);
});

test('a checkpoint with other limits, or from yesterday, is not continued', async () => {
  const signal = AbortSignal.abort();
  await runSweep(sweepContext(aws.documents, { signal, limits: { ...FIELD_LIMITS, pending: 1 } }));
  expect((await runSweep(sweepContext(aws.documents))).report?.invocations).toBe(1);
  await runSweep(sweepContext(aws.documents, { signal, now: now - 25 * HOUR }));
  expect((await runSweep(sweepContext(aws.documents))).report?.invocations).toBe(1);
});

test('a report of the longest names still fits an item', async () => {
  const orphan = {
    kind: 'stuck_in_pending',
    cause: 'not_taken',
    date_prefix: '2026-11-23',
    file_key: 'x'.repeat(1_024),
    status: 'pending',
    hours: 30,
    summary: 'y'.repeat(250),
    change: 'none',
  };
  const orphans = Array.from({ length: 140 }, () => orphan);
  const projection = { docs: aws.documents, name: aws.projectionTable };
  await saveReport(projection, { job: 'orphan-sweep', about: 'largest' }, { orphans });
});

test('lost files of a large date are reported while its new files wait, and those are checked in time', async () => {
  const other = await localAws();
  const date = '2026-11-21';
  const files = fieldFiles(other, date, begun);
  const lost = (name: string, completedAt: number) =>
    files.record(name, { status: 'completed#1', completed_time: isoTime(completedAt) });
  const projection = { docs: other.documents, name: other.projectionTable };
  const sweepAt = async (at: number) => {
    const overrides = { projection, now: at, storage: { s3: other.s3, buckets: other.buckets } };
    const tracking = trackingTable(other.documents, other.trackingTable, FIELD_PROFILE);
    const { report } = await runSweep(sweepContext(other.documents, { ...overrides, tracking }));
    return report?.orphans.map(({ file_key }) => file_key);
  };
  await lost('first', begun);
  expect(await sweepAt(now)).toEqual(['first']);
  await lost('second', now);
  const file_completed = 600_000;
  const counts = { file_completed, file_arrived_completed: file_completed, as_of: now + 5 * HOUR };
  await other.documents.send(
    new PutCommand({ TableName: other.projectionTable, Item: { pk: `STATS#${date}`, sk: '0', ...counts } }),
  );
  expect(await sweepAt(now + 6 * HOUR)).toEqual(['first']);
  expect(await sweepAt(now + 7 * HOUR)).toEqual(['first']);
  expect(await sweepAt(now + 9 * HOUR)).toEqual(['first', 'second']);
});
