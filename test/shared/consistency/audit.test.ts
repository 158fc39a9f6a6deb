/** @module-tag search */
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { type AuditDeps, runAudit } from '../../../shared/consistency/audit.ts';
import { countNewIssues, noteAudit } from '../../../shared/consistency/audit-health.ts';
import type { AuditReport } from '../../../shared/consistency/audit-state.ts';
import { see } from '../../../shared/outlet/see.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { readCounters } from '../../../shared/projection/counter-items.ts';
import { forgetNoted, readNoted } from '../../../shared/reports/noted.ts';
import { readReport } from '../../../shared/reports/reports.ts';
import { dayOf, isoTime } from '../../../shared/text/time.ts';
import { faultyDynamo, Killed } from '../../support/faulty-dynamo.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { pointsUpTo } from '../../support/search.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const begun = Date.now();
const now = begun + HOUR;
let aws: LocalAws;

beforeEach(prepare);

async function prepare(): Promise<void> {
  aws = await localAws();
  const files = fieldFiles(aws, DATE, begun);
  for (let i = 0; i < 8; i++) {
    if (i % 2 === 0) await files.input(`file-${i}.ndjson`);
    // In flight, so that an input that is gone is missed.
    await files.record(`file-${i}.ndjson`, { status: 'pending#3' });
  }
  for (let i = 0; i < 3; i++) await files.input(`stranger-${i}.ndjson`);
}

function auditContext(overrides: Partial<AuditDeps> = {}, docs = aws.documents): AuditDeps {
  return {
    ...applyDeps(aws),
    tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
    projection: { docs, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    ...{
      now,
      date: DATE,
      graceMillis: HOUR / 4,
      pageSize: { keys: 3, waiting: 100 },
      listBucket: aws.buckets.deadLetter,
    },
    readUnits: () => 0,
    mostReadUnits: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
    ...overrides,
  };
}

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });
const EXPECTED = {
  date_prefix: DATE,
  complete: true,
  totals: {
    objects: 7,
    records: 8,
    issues: { missing_in_s3: 4, missing_in_db: 3 },
    drift: { missing_head: 8, stale_head: 0, record_gone: 0 },
    repaired: 8,
  },
  counters: {},
};

/** All issues, from the objects that the report names. */
async function listed({ listedIn = '' }: AuditReport) {
  const [, , Bucket = '', ...key] = listedIn.split('/');
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket, Prefix: key.join('/') }));
  const lines: string[] = [];
  for (const { Key } of Contents) {
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket, Key }));
    lines.push(...((await Body?.transformToString()) ?? '').trimEnd().split('\n'));
  }
  return lines.map((line) => JSON.parse(line));
}

test('an audit reports and lists what disagrees, and makes the projection agree', async () => {
  const { report } = await runAudit(auditContext());
  if (!report) throw new Error('It did not come to its end.');
  expect(report).toMatchObject(EXPECTED);
  expect(report.issues).toHaveLength(7);
  expect(await listed(report)).toEqual(report.issues);
  expect((await scanProjection(aws)).countHeads()).toEqual({ file_pending: 8 });
  const kept = await readReport(projection(), { job: 'consistency-audit', about: `date#${DATE}` });
  expect(kept).toEqual(JSON.parse(JSON.stringify(report)));

  const again = await runAudit(auditContext());
  expect(again.report?.totals).toMatchObject({ drift: { missing_head: 0 }, repaired: 0 });
});

test('the pipeline is left as it is', async () => {
  const { docs } = await faultyDynamo(aws, () => undefined);
  const writes: unknown[] = [];
  docs.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const { TableName } = args.input as { TableName?: string };
        if (!/^(Get|Query)/.test(commandName) && TableName === aws.trackingTable) writes.push(args.input);
        return next(args);
      },
    { step: 'initialize' },
  );
  await runAudit(auditContext({}, docs));
  expect(writes).toEqual([]);
});

test('an interrupted audit continues, with the same result', async () => {
  const signal = AbortSignal.abort();
  let report: AuditReport | undefined;
  let invocations = 0;
  while (!report) {
    const run = await runAudit(auditContext({ signal }));
    if (!run.report) expect(run.pages).toBe(1);
    report = run.report;
    invocations += 1;
  }
  expect(invocations).toBeGreaterThan(3);
  expect(report).toMatchObject(EXPECTED);
  expect(await listed(report)).toHaveLength(7);
});

test('an audit whose time is up within a page keeps what it has compared, and goes on from there', async () => {
  const pageSize = { keys: 1_000, waiting: 100 };
  const first = await runAudit(auditContext({ pageSize, signal: AbortSignal.abort() }));
  expect(first).toEqual({ pages: 1, report: undefined });
  const { report } = await runAudit(auditContext({ pageSize }));
  expect(report).toMatchObject({ ...EXPECTED, pages: 2 });
});

test('drift is stored for other tools once, even if an audit dies at its end and is repeated', {
  tags: ['long'],
}, async () => {
  let requests = 0;
  const count = (attempt: number) => {
    requests = attempt;
    return undefined;
  };
  const { docs: counting } = await faultyDynamo(aws, count);
  await runAudit(auditContext({}, counting));
  await prepare();
  const { docs } = await faultyDynamo(aws, (attempt) => (attempt >= requests ? new Killed() : undefined));
  await expect(runAudit(auditContext({}, docs))).rejects.toThrow(Killed);
  const { report } = await runAudit(auditContext());
  expect(report).toMatchObject(EXPECTED);
  const noted = await readNoted(projection(), 10);
  expect(noted.map((item) => item.noted)).toEqual([
    { kind: 'drift', date_prefix: DATE, found: 8, repaired: 8 },
  ]);
  await runAudit(auditContext());
  expect(await readNoted(projection(), 10)).toHaveLength(1);
});

test('what the last page has repaired is reported even if the recount after it dies', async () => {
  const pageSize = { keys: 1_000, waiting: 100 };
  let isRepaired = false;
  const { docs } = await faultyDynamo(aws, (_attempt, command) => {
    isRepaired ||= command.startsWith('TransactWrite');
    // Only the recount queries anything after that.
    return isRepaired && command.startsWith('Query') ? new Killed() : undefined;
  });
  await expect(runAudit(auditContext({ pageSize }, docs))).rejects.toThrow(Killed);
  const { pages, report } = await runAudit(auditContext({ pageSize }));
  expect({ pages, report }).toMatchObject({ pages: 0, report: EXPECTED });
  expect((await readNoted(projection(), 10)).map(({ noted }) => noted)).toMatchObject([
    { kind: 'drift', found: 8, repaired: 8 },
  ]);
});

test('what was left less than a day ago, by the audit of the night before, is not taken over', async () => {
  const first = await runAudit(auditContext({ signal: AbortSignal.abort() }));
  expect(first.report).toBeUndefined();
  const { report } = await runAudit(auditContext({ now: now + 24 * HOUR - 2_000 }));
  expect(report?.startedAt).toBe(isoTime(now + 24 * HOUR - 2_000));
});

/** Leaves a date that is fine but for its counters, and nothing noted. */
async function miscounted(): Promise<void> {
  await runAudit(auditContext());
  for (const item of await readNoted(projection(), 10)) await forgetNoted(projection(), item);
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key: { pk: `STATS#${DATE}`, sk: '0' },
      UpdateExpression: 'ADD file_pending :wrong',
      ExpressionAttributeValues: { ':wrong': 5 },
    }),
  );
}

/** The facts that the outlet would take at a time. */
async function toBeTold(at: number) {
  const { tracking, profile } = auditContext();
  const deps = { tracking, profile, projection: projection(), now: at, environment: 'test' };
  return (await see(deps, undefined)).seen.facts.map(({ id: _, at: __, ...fact }) => fact);
}

test('wrong counters are told when they are repaired, and not before', async () => {
  await miscounted();
  const { docs } = await faultyDynamo(aws, () => undefined);
  const before: unknown[] = [];
  docs.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!commandName.startsWith('TransactWrite')) return next(args);
        before.push(...(await readNoted(projection(), 10)));
        expect(await toBeTold(now + HOUR)).toEqual([]);
        docs.middlewareStack.remove('look');
        return next(args);
      },
    { step: 'initialize', name: 'look' },
  );
  await runAudit(auditContext({}, docs));
  expect(before).toHaveLength(1);
  expect(await toBeTold(now)).toEqual([{ kind: 'drift', date_prefix: DATE, found: 5, repaired: 5 }]);
});

test('wrong counters are stored for other tools even if an audit dies right after repairing them, and told once it cannot be resumed', async () => {
  await miscounted();
  let isRepaired = false;
  const { docs } = await faultyDynamo(aws, (_attempt, command) => {
    if (isRepaired) return new Killed();
    isRepaired = command.startsWith('TransactWrite');
    return undefined;
  });
  await expect(runAudit(auditContext({}, docs))).rejects.toThrow(Killed);
  expect((await readCounters(projection(), DATE)).file.pending).toBe(8);
  expect(await toBeTold(now + 20 * HOUR)).toEqual([]);
  expect(await toBeTold(now + 22 * HOUR)).toEqual([
    { kind: 'drift', date_prefix: DATE, found: 5, repaired: 0 },
  ]);
  await runAudit(auditContext());
  const noted = await readNoted(projection(), 10);
  expect(noted.map((item) => item.noted)).toMatchObject([{ kind: 'drift', found: 5 }]);
});

test('an audit that dies at any request is continued, and each issue is listed once', async () => {
  let requests = 0;
  const { docs: counting } = await faultyDynamo(aws, (attempt) => {
    requests = attempt;
    return undefined;
  });
  await runAudit(auditContext({}, counting));
  for (const dies of pointsUpTo(requests, 4)) {
    await prepare();
    const { docs } = await faultyDynamo(aws, (attempt) => (attempt >= dies ? new Killed() : undefined));
    await expect(runAudit(auditContext({}, docs))).rejects.toThrow(Killed);
    const { report } = await runAudit(auditContext());
    expect(report?.totals).toMatchObject({ ...EXPECTED.totals, drift: {}, repaired: expect.any(Number) });
    expect(await listed(report as AuditReport)).toHaveLength(7);
  }
});

test('counters that disagree with the heads are corrected, and this is reported', async () => {
  await runAudit(auditContext());
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key: { pk: `STATS#${DATE}`, sk: '3' },
      UpdateExpression: 'ADD file_pending :pending, file_failed :failed',
      ExpressionAttributeValues: { ':pending': -2, ':failed': 5 },
    }),
  );
  const { report } = await runAudit(auditContext());
  expect(report).toMatchObject({
    counters: { file_pending: 2, file_failed: -5 },
    countersRepaired: true,
  });
  expect((await readCounters(projection(), DATE)).file).toMatchObject({ pending: 8, failed: 0 });
});

async function reportWith(date_prefix: string, found: object) {
  const { report } = await runAudit(auditContext());
  if (!report) throw new Error('It did not come to its end.');
  const none = Object.fromEntries(Object.keys(report.totals.issues).map((type) => [type, 0]));
  const issues = { ...none, ...found } as typeof report.totals.issues;
  return { ...report, date_prefix, totals: { ...report.totals, issues } };
}

/** Counts and notes an audit, as its function does. */
async function newIssues(date_prefix: string, found: object, at = now): Promise<number> {
  const report = await reportWith(date_prefix, found);
  const counted = await countNewIssues(projection(), report, at);
  await noteAudit(projection(), report, at);
  return counted;
}

test('only more issues of a type than at the last audit of a date are new', async () => {
  expect(await newIssues(DATE, { missing_in_db: 3 })).toBe(0);
  const counted: number[] = [];
  for (const missing_in_db of [3, 5, 1, 2]) counted.push(await newIssues(DATE, { missing_in_db }));
  expect(counted).toEqual([0, 2, 0, 1]);
  expect(await newIssues(DATE, { missing_in_s3: 2, quarantined_without_record: 7 })).toBe(2);
});

test('what was there before the first audit is not new, and what comes on a later date is', async () => {
  const [today, tomorrow] = [dayOf(now), dayOf(now + 24 * HOUR)];
  for (const date of ['2026-11-22', today, '4711-00-01'])
    expect(await newIssues(date, { missing_in_db: 9 })).toBe(0);
  const nextNight = now + 24 * HOUR;
  expect(await newIssues(tomorrow, { missing_in_db: 2 }, nextNight)).toBe(2);
  expect(await newIssues(dayOf(now - 960 * HOUR), { missing_in_db: 2 }, nextNight)).toBe(0);
  expect(await newIssues(today, { missing_in_db: 10 }, nextNight)).toBe(1);
});

test('after an audit by an older version its numbers stay known, and no audit counts as the first', async () => {
  const Item = { pk: 'REPORT#consistency-audit', sk: `drift#${DATE}`, report: JSON.stringify({ issues: 4 }) };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));
  expect(await newIssues('2026-11-22', { missing_in_db: 2 })).toBe(2);
  expect(await newIssues(DATE, { missing_in_db: 6 })).toBe(2);
});

test('audits of one night are summed up beside the counters', async () => {
  const { report } = await runAudit(auditContext());
  if (!report) throw new Error('It did not come to its end.');
  const other = { ...report, date_prefix: '2026-11-22', totals: { ...report.totals, repaired: 3 } };
  const old = { ...report, date_prefix: '2026-11-20', at: isoTime(now - 25 * HOUR) };
  await Promise.all([report, other, old].map((each) => noteAudit(projection(), each, now)));
  expect((await readCounters(projection(), undefined)).health.audit).toEqual({
    at: isoTime(now),
    drift_found: 16,
    drift_repaired: 11,
    issues_found: 14,
  });
});

test('an audit is summed up even if the results of other nights fill more than one page', async () => {
  // Results of three dates are as large as those of thousands.
  const earlier = { at: isoTime(now - 48 * HOUR), found: 1, repaired: 1, padding: 'x'.repeat(380_000) };
  for (const date of ['2026-01-01', '2026-01-02', '2026-01-03']) {
    const Item = {
      ...{ pk: 'REPORT#consistency-audit', sk: `drift#${date}` },
      report: JSON.stringify(earlier),
    };
    await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));
  }
  const { report } = await runAudit(auditContext());
  if (!report) throw new Error('It did not come to its end.');
  await noteAudit(projection(), report, now);
  expect((await readCounters(projection(), undefined)).health.audit).toEqual({
    ...{ at: isoTime(now), drift_found: 8, drift_repaired: 8, issues_found: 7 },
  });
});
