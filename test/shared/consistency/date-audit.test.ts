import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import {
  AUDIT_START,
  type AuditPage,
  auditPage,
  countIssues,
  type DateAudit,
} from '../../../shared/consistency/date-audit.ts';
import type { ConsistencyIssue } from '../../../shared/consistency/issue-types.ts';
import { type FindKey, keyFinder } from '../../../shared/consistency/key-ranges.ts';
import { auditRanges } from '../../../shared/consistency/ranged-audit.ts';
import { driftConfirmer } from '../../../shared/consistency/resolve-drift.ts';
import { eventSpelling } from '../../../shared/pipeline/names.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { compareBytes } from '../../../shared/text/byte-order.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { faultyS3, forbidden, type S3FaultPlan, slowDown } from '../../support/faulty-s3.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable } from '../../support/stream-records.ts';
import { UNUSUAL_NAMES } from '../../support/unusual-names.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const begun = Date.now();
const now = begun + HOUR;
// After every upload, on however slow a machine.
const SETTLED = isoTime(begun + HOUR / 2);
const EXPIRY = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
let aws: LocalAws;
// As late as the records' own times: what is much later than the stream would be no time.
const table = streamedTable({ createdSeconds: Math.floor((begun + HOUR / 2) / 1_000) });
const stream: unknown[] = [];

beforeAll(async () => {
  aws = await localAws();
  const files = fieldFiles(aws, DATE, begun);
  await putHealthy(files);
  await putFaulty(files);
  await consumeBatch(stream, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  await putDrift();
});

/** A record, and what the stream showed of it. */
async function record(file_key: string, fields: Record<string, unknown>): Promise<void> {
  const times = { created_at: isoTime(begun), completed_time: SETTLED };
  const Item = { date_prefix: DATE, file_key: file_key, ...times, ...fields };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  stream.push(table.write(file_key, Item, DATE));
}

async function object(key: string): Promise<string> {
  await aws.s3.send(new PutObjectCommand({ Bucket: aws.buckets.input, Key: key, Body: '{}' }));
  return `s3://${aws.buckets.input}/${key}`;
}

const FOLDERS = [
  `pipeline/input/${DATE}/`,
  'pipeline/input/',
  `pipeline/input/dt=${DATE}/`,
  `${DATE}/`,
  `dt=${DATE}/`,
  '',
];

async function putHealthy(files: ReturnType<typeof fieldFiles>): Promise<void> {
  for (const [i, folder] of FOLDERS.entries()) {
    const name = `${DATE}-layout-${i}.ndjson`;
    await record(name, { status: 'completed#3', file_path: await object(folder + name) });
  }
  for (const name of UNUSUAL_NAMES) {
    await object(`pipeline/input/${DATE}/${name}`);
    const file_path = `s3://${aws.buckets.input}/pipeline/input/${DATE}/${eventSpelling(name)}`;
    await record(eventSpelling(name), { status: 'pending#1', file_path });
  }
  const deep = await object(`pipeline/input/${DATE}/hour=05/deep.ndjson`);
  await record('deep.ndjson', { status: 'pending', file_path: deep });
  const undated = await object('pipeline/input/nodate.ndjson');
  await record('nodate.ndjson', { status: 'pending', file_path: undated });
  await object(`pipeline/input/${DATE}/`);
  await record('MANIFEST#batch-1.json', { status: 'completed' });
  await record('young.ndjson', { status: 'pending', created_at: isoTime(now - 60_000), file_path: '/x' });
  await record('leaving.ndjson', { status: 'completed', ttl: Math.floor(begun / 1000), file_path: '/y' });
  await files.quarantined('refused.ndjson');
  await record('refused.ndjson', {
    status: 'quarantined',
    file_path: `s3://${aws.buckets.input}/pipeline/input/${DATE}/refused.ndjson`,
  });
  await files.input('done.ndjson');
  stream.push(
    table.write('done.ndjson', { status: 'pending' }),
    table.write('done.ndjson', { status: 'completed', completed_time: SETTLED }),
  );
  stream.push({ ...table.remove('done.ndjson'), userIdentity: EXPIRY });
}

async function putFaulty(files: ReturnType<typeof fieldFiles>): Promise<void> {
  await record('lost.ndjson', { status: 'manifested#3', file_path: 'pipeline/input/lost.ndjson' });
  await record('lost+space.ndjson', {
    status: 'processing',
    file_path: `s3://${aws.buckets.input}/pipeline/input/${DATE}/lost+space.ndjson`,
  });
  await files.input('unknown (\u00e9).ndjson');
  await files.input('unknown.ndjson');
  await files.input('rejected.ndjson');
  await files.quarantined('rejected.ndjson');
  await files.quarantined('only a copy.ndjson');
  await object(`pipeline/input/dt=${DATE}/${DATE}-layout-0.ndjson`);
  await files.input('late.ndjson');
  stream.push(table.write('late.ndjson', { status: 'pending' }));
  stream.push({ ...table.remove('late.ndjson'), userIdentity: EXPIRY });
  await files.input('taken-out.ndjson');
  stream.push(table.write('taken-out.ndjson', { status: 'failed' }), table.remove('taken-out.ndjson'));
}

/** Changes that the stream never shows. */
async function putDrift(): Promise<void> {
  const put = (file_key: string, fields: object) => {
    const Item = { date_prefix: DATE, file_key, created_at: isoTime(begun), ...fields };
    return aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  };
  await put(`${DATE}-layout-1.ndjson`, {
    status: 'failed#3',
    file_path: `s3://${aws.buckets.input}/pipeline/input/${DATE}-layout-1.ndjson`,
  });
  await put('deep.ndjson', {
    status: 'manifested',
    updated_at: isoTime(now - 60_000),
    file_path: `s3://${aws.buckets.input}/pipeline/input/${DATE}/hour=05/deep.ndjson`,
  });
  await put('MANIFEST#unseen.json', { status: 'pending' });
  const gone = [table.write('ghost.ndjson', { status: 'pending' })];
  await consumeBatch(gone, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
}

const WHOLE = { keys: 1_000, waiting: 1_000 };

function dateAudit(overrides: Partial<DateAudit> = {}): DateAudit {
  const tracking = trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE);
  const projection = { docs: aws.documents, name: aws.projectionTable };
  return {
    ...{ tracking, projection, now, date: DATE, graceMillis: HOUR / 4, pageSize: WHOLE },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    resolveDrift: driftConfirmer({ tracking, projection }, () => Promise.resolve()),
    ...overrides,
  };
}

async function auditAll(audit: DateAudit) {
  const pages: AuditPage[] = [];
  for (let position: typeof AUDIT_START | undefined = AUDIT_START; position; position = pages.at(-1)?.next) {
    pages.push(await auditPage(audit, JSON.parse(JSON.stringify(position))));
  }
  const { totals } = pages.at(-1) as AuditPage;
  const issues = pages.flatMap((page) => page.issues);
  return { totals, issues, drifted: pages.flatMap(({ drifted }) => drifted) };
}

const inShort = (issues: readonly ConsistencyIssue[]) =>
  issues.map(({ type, file_key, status }) => [type, file_key, status].filter(Boolean).join(' ')).sort();

const EXPECTED = [
  'expired_unconverted late.ndjson',
  'missing_in_db taken-out.ndjson',
  'missing_in_db unknown+%28%C3%A9%29.ndjson',
  'missing_in_db unknown.ndjson',
  'missing_in_s3 lost+space.ndjson processing',
  'missing_in_s3 lost.ndjson manifested',
  `name_taken ${DATE}-layout-0.ndjson completed`,
  'quarantined_without_record only+a+copy.ndjson',
  'quarantined_without_record rejected.ndjson',
];

test('every disagreement is found with its type, and nothing healthy is', async () => {
  const { issues, totals } = await auditAll(dateAudit());
  expect(inShort(issues)).toEqual(EXPECTED);
  expect(countIssues(totals)).toBe(EXPECTED.filter((issue) => !issue.startsWith('quarantined')).length);
  expect(totals).toMatchObject({ neverTold: 3, young: 1, unknown: 0, repaired: 0 });
  const healthy = FOLDERS.length + UNUSUAL_NAMES.length + 2;
  expect(totals.records).toBe(healthy + ['young', 'leaving', 'refused', 'lost', 'lost+space'].length);
  expect(totals.objects).toBe(
    healthy + ['done', 'unknown', 'unknown é', 'rejected', 'taken', 'late', 'taken-out'].length,
  );
});

test.each([
  { keys: 1, waiting: 1_000 },
  { keys: 5, waiting: 1_000 },
  { keys: 1_000, waiting: 2 },
])('pages of %j find the same, each once', async (pageSize) => {
  const whole = await auditAll(dateAudit());
  const sliced = await auditAll(dateAudit({ pageSize }));
  expect(inShort(sliced.issues)).toEqual(EXPECTED);
  expect(sliced.totals).toEqual(whole.totals);
});

test('a date that is cut between any keys, and at any, is found the same, each once', {
  tags: ['long'],
}, async () => {
  const whole = await auditAll(dateAudit());
  const keys = await allKeys(keyFinder(dateAudit(), DATE));
  expect(keys.length).toBeGreaterThan(EXPECTED.length);
  const borders = keys.flatMap((key, i) => (i % 2 === 0 ? [key] : [`${key}!`])).sort(compareBytes);
  const ranges = ['', ...borders].map((after, i) => ({ after, until: borders[i] }));
  let totals = AUDIT_START.totals;
  const issues: ConsistencyIssue[] = [];
  for await (const page of auditRanges(dateAudit(), ranges, 4)) {
    totals = page.totals;
    issues.push(...page.issues);
  }
  expect(inShort(issues)).toEqual(EXPECTED);
  expect(totals).toEqual(whole.totals);
});

async function allKeys(find: FindKey): Promise<string[]> {
  const keys: string[] = [];
  for (let key = await find(''); key !== undefined; key = await find(key)) keys.push(key);
  return keys;
}

test('what is younger than the grace period is not judged', async () => {
  const { issues, totals } = await auditAll(dateAudit({ now: begun + 60_000 }));
  // Only at that moment its time is still to come, which is no time, and does not make it young for ever.
  expect(issues).toMatchObject([{ file_key: 'young.ndjson' }]);
  expect(totals.young).toBeGreaterThan(EXPECTED.length - 3);
  expect(totals.drift).toEqual({ missing_head: 0, stale_head: 0, record_gone: 1 });
});

test('an issue says in a sentence what disagrees', async () => {
  const { issues } = await auditAll(dateAudit());
  const message = (key: string) => issues.find(({ file_key }) => file_key === key)?.message;
  const input = `s3://${aws.buckets.input}/pipeline/input`;
  expect(message('lost.ndjson')).toMatch(
    `${input}/lost.ndjson does not exist, but its record is manifested.`,
  );
  expect(message('unknown.ndjson')).toMatch(
    `${input}/${DATE}/unknown.ndjson has no record: its event was lost or is waiting in the queue.`,
  );
  expect(message('taken-out.ndjson')).toMatch(/ has no record: its record was removed at \S+T\S+Z\./);
  expect(message('late.ndjson')).toMatch(
    / was never converted: its record expired at \S+T\S+Z while it was pending\.$/,
  );
  expect(message(`${DATE}-layout-0.ndjson`)).toBe(
    `${input}/dt=${DATE}/${DATE}-layout-0.ndjson has no record: the record of this name belongs to ${input}/${DATE}/${DATE}-layout-0.ndjson.`,
  );
});

test('drift of files and manifests is reported, except what the stream may still correct', async () => {
  const { drifted, totals } = await auditAll(dateAudit());
  expect(drifted.map(({ file_key, drift }) => `${drift} ${file_key}`).sort()).toEqual([
    'missing_head MANIFEST#unseen.json',
    'record_gone ghost.ndjson',
    `stale_head ${DATE}-layout-1.ndjson`,
  ]);
  expect(totals.drift).toEqual({ missing_head: 1, stale_head: 1, record_gone: 1 });
});

const withS3 = async (plan: S3FaultPlan) =>
  dateAudit({ storage: { s3: await faultyS3(aws, plan), buckets: aws.buckets } });

test.each([
  ['503', slowDown],
  ['403', forbidden],
])('objects that S3 will not tell of (%s) are unknown and not missing', async (_, fault) => {
  const audit = await withS3((command) => (command === 'HeadObjectCommand' ? fault() : undefined));
  const { issues, totals } = await auditAll(audit);
  expect(inShort(issues)).toEqual(EXPECTED.filter((issue) => !issue.startsWith('missing_in_s3')));
  expect(totals.unknown).toBeGreaterThanOrEqual(2);
});

test('keys that S3 encodes in its listings, as it does on request, are read as they are', async () => {
  const audit = await withS3(() => undefined);
  audit.storage.s3.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const page = result.output as { Contents?: { Key?: string }[]; EncodingType?: string };
      if ((args.input as { EncodingType?: string }).EncodingType !== 'url') return result;
      page.EncodingType = 'url';
      for (const object of page.Contents ?? []) object.Key = spelledByS3(object.Key ?? '');
      return result;
    },
    { step: 'initialize' },
  );
  expect(inShort((await auditAll(audit)).issues)).toEqual(EXPECTED);
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: folders stay readable. */
function spelledByS3(key: string): string {
  return key.split('/').map(eventSpelling).join('/');
}

test('a listing that fails fails the audit, and the same page can be done again', async () => {
  let listings = 0;
  const audit = await withS3((command) => {
    if (command !== 'ListObjectsV2Command') return undefined;
    listings += 1;
    return listings === 7 ? slowDown() : undefined;
  });
  await expect(auditPage(audit, AUDIT_START)).rejects.toThrow('by plan');
  expect(inShort((await auditAll(audit)).issues)).toEqual(EXPECTED);
});
