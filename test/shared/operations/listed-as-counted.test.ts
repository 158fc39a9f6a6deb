import { DescribeTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { files as filesView } from '../../../shared/dashboard/files.ts';
import { TRACKING_SCHEMA } from '../../../shared/pipeline/record.ts';
import type { RecordKey } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { type Answer, ask, operationDeps } from '../../support/operations.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps } from '../../support/projection.ts';
import { runRunbook } from '../../support/runbook.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const LISTED = ['pending', 'manifested', 'processing', 'completed', 'failed', 'quarantined', 'unknown'];
const USUAL_DATE = '2026-11-23';
const DATES = [USUAL_DATE, '2026-11-31', '4711-00-01', '0000-00-00', '2026-11-22'];

/** Old by any clock. */
const OLD = { ...uploaded(), file_path: undefined, created_at: '2020-01-01T00:00:00Z' };

type Attributes = Readonly<Record<string, unknown>>;

/** One record of each odd form: its key, and what is written to it, one time after the other. */
const ODD: readonly (readonly [file_key: string, writes: readonly Attributes[], date?: string])[] = [
  ['usual.ndjson', [{ status: 'processing#3' }]],
  ['plain.ndjson', [{ status: 'processing' }]],
  ['letter.ndjson', [{ status: 'processing#a' }]],
  ['padded.ndjson', [{ status: 'processing#03' }]],
  ['region.ndjson', [{ status: 'processing#us-east' }]],
  ['twice.ndjson', [{ status: 'pending#x#y' }]],
  ['empty-suffix.ndjson', [{ status: 'pending#' }]],
  ['accent.ndjson', [{ status: 'manifested#\u00e9 \u{1f680}' }]],
  ['thousand.ndjson', [{ status: 'failed#1000' }]],
  ['changed-suffix.ndjson', [{ status: 'pending#1' }, { status: 'pending#changed' }]],
  ['moved-suffix.ndjson', [{ status: 'pending#1' }, { status: 'completed#moved' }]],
  ['archived.ndjson', [{ status: 'archived' }]],
  ['sharded-unknown.ndjson', [{ status: 'on hold#7' }]],
  ['capitals.ndjson', [{ status: 'PENDING' }]],
  ['dashed.ndjson', [{ status: 'pending-3' }]],
  ['only-suffix.ndjson', [{ status: '#3' }]],
  ['named-unknown.ndjson', [{ status: 'unknown' }]],
  ['became-unknown.ndjson', [{ status: 'pending#1' }, { status: 'parked' }]],
  ['no-status.ndjson', [{ status: undefined }]],
  ['lost-status.ndjson', [{ status: 'pending#1' }, { status: undefined }]],
  ['no-day.ndjson', [{ status: 'processing#2' }], '2026-11-31'],
  ['no-month.ndjson', [{ status: 'processing#us-east' }], '4711-00-01'],
  ['no-month-unknown.ndjson', [{ status: 'archived' }], '4711-00-01'],
  ['no-year.ndjson', [{ status: 'failed#2' }], '0000-00-00'],
  ['no-year-no-status.ndjson', [{ status: undefined }], '0000-00-00'],
  ['caf%C3%A9+%281%29.ndjson', [{ status: 'processing#1' }]],
  ['caf\u00e9 (2).ndjson', [{ status: 'archived' }]],
  ['100%.ndjson', [{ status: 'processing#us-east' }], '2026-11-22'],
  ['x'.repeat(1_024), [{ status: 'failed#1' }]],
  ['MANIFEST#batch-1.json', [{ status: 'processing' }]],
  ['MANIFEST#batch-2.json', [{ status: 'processing#4' }]],
  ['MANIFEST#batch-3.json', [{ status: 'parked' }]],
  ['MANIFEST#batch-4.json', [{ status: 'quarantined' }], '4711-00-01'],
];

/** Its status is a number: the index refuses it, so that it can only be older than the index. */
const OF_ANOTHER_TYPE: RecordKey = { date_prefix: '2026-11-22', file_key: 'number.ndjson' };

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeAll(async () => {
  aws = await localAws();
  table = streamedTable();
  const stream: unknown[] = [];
  await changeIndex('Delete');
  stream.push(await write(OF_ANOTHER_TYPE.file_key, { status: 7 }, OF_ANOTHER_TYPE.date_prefix));
  await changeIndex('Create');
  for (const [file_key, writes, date] of ODD) {
    for (const [i, attributes] of writes.entries()) {
      const whole = i === 0 ? { ...OLD, ...attributes } : attributes;
      stream.push(await write(file_key, whole, date));
    }
  }
  await consume(stream);
});

/** Writes to the table and returns what its stream says. */
async function write(file_key: string, attributes: Attributes, date_prefix = USUAL_DATE): Promise<unknown> {
  const record = table.write(file_key, attributes, date_prefix);
  const Item = table.items.get(JSON.stringify({ date_prefix, file_key }));
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  return record;
}

async function consume(records: readonly unknown[]): Promise<void> {
  const letters = { s3: aws.s3, bucket: aws.buckets.deadLetter };
  const report = await consumeBatch(records, applyDeps(aws), letters);
  expect(report).toMatchObject({ unapplied: [], deadLetters: [] });
}

async function changeIndex(how: 'Create' | 'Delete'): Promise<void> {
  const { status_index: name } = FIELD_PROFILE.records;
  const { partitionKey, sortKey } = TRACKING_SCHEMA.statusIndex;
  const KeySchema = [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
  const Create = { IndexName: name, KeySchema, Projection: { ProjectionType: 'ALL' as const } };
  await aws.dynamoDb.send(
    new UpdateTableCommand({
      TableName: aws.trackingTable,
      AttributeDefinitions: [
        ...(how === 'Create' ? [partitionKey] : []),
        ...[sortKey, TRACKING_SCHEMA.sortKey],
      ].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexUpdates: [how === 'Create' ? { Create } : { Delete: { IndexName: name } }],
    }),
  );
  await vi.waitFor(
    async () => {
      const states = (await indexes()).map(({ IndexStatus }) => IndexStatus);
      expect(states).toEqual(how === 'Create' ? ['ACTIVE'] : []);
    },
    { timeout: 20_000 },
  );
}

async function indexes() {
  const { Table } = await aws.dynamoDb.send(new DescribeTableCommand({ TableName: aws.trackingTable }));
  return Table?.GlobalSecondaryIndexes ?? [];
}

const request = (operation: string, input: object = {}) => ask(operationDeps(aws), { operation, ...input });

async function listAll(input: object): Promise<RecordKey[]> {
  const listed: RecordKey[] = [];
  let answer: Answer | undefined;
  do {
    answer = await request('query_by_status', { limit: 3, ...input, next_token: answer?.next_token });
    expect(answer).not.toHaveProperty('error');
    expect(answer).not.toHaveProperty('incomplete');
    listed.push(...answer.files);
  } while (answer.next_token);
  return listed;
}

function countOf(answer: Answer, status: string): number {
  const { stats, unknown_status = 0 } = answer as unknown as {
    stats: Record<string, number>;
    unknown_status?: number;
  };
  return status === 'unknown' ? unknown_status : (stats[status] ?? NaN);
}

async function runbook(name: string, ...args: string[]): Promise<RecordKey[]> {
  const { code, stdout, stderr } = await runRunbook(name, [...args, '--output', 'json'], aws.environment);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

const namesOf = (records: readonly RecordKey[]) => records.map(({ file_key }) => file_key).sort();
const isManifest = (file_key: string) => file_key.startsWith('MANIFEST#');
const FILES = ODD.filter(([file_key]) => !isManifest(file_key));

describe.each(LISTED)('%s', (status) => {
  test('query_by_status and the runbook files list as many as get_stats counts', async () => {
    const count = countOf(await request('get_stats'), status);
    expect(await listAll({ status })).toHaveLength(count);
    expect(await runbook('files', '--status', status)).toHaveLength(count);
  });

  test.each(DATES)('and so of %s', async (date) => {
    const count = countOf(await request('get_stats', { date_prefix: date }), status);
    expect(await listAll({ status, date_range: { start: date, end: date } })).toHaveLength(count);
  });

  test('batch-update selects them all', async () => {
    const args = ['--status', status, '--new-status', 'completed', '--force'];
    const planned = await runbook('batch-update', ...args);
    const count = countOf(await request('get_stats'), status);
    expect(planned).toHaveLength(status === 'completed' ? 0 : count);
  });
});

test('the counts are those of the records, each of which is listed once', async () => {
  const answer = await request('get_stats');
  expect(answer.total).toBe(FILES.length + 1);
  expect(countOf(answer, 'unknown')).toBe(13);
  const listed = await Promise.all(LISTED.map((status) => listAll({ status })));
  expect(namesOf(listed.flat())).toEqual(
    [...FILES.map(([file_key]) => file_key), OF_ANOTHER_TYPE.file_key].sort(),
  );
});

test.each(DATES)('of %s all files are listed, and stats and get_file_state reach the date', async (date) => {
  const { total } = await request('get_stats', { date_prefix: date });
  expect(await runbook('files', '--date', date)).toHaveLength(Number(total));
  expect((await request('get_file_state', { date_prefix: date })).count).toBe(total);
  expect(await request('validate_consistency', { date_prefix: date })).toMatchObject({
    db_file_count: total,
    complete: true,
  });
});

test('the runbook files lists the unknown ones of a date', async () => {
  const args = ['--status', 'unknown', '--date', '4711-00-01'];
  expect(namesOf(await runbook('files', ...args))).toEqual(['no-month-unknown.ndjson']);
});

test("the page's list has the unknown ones too, and their count", async () => {
  const { tracking, projection, profile, now } = operationDeps(aws);
  const source = { tracking, projection, profile, now, timeRange: undefined, noteFault: expect.fail };
  const shown = await filesView.read({ status: 'unknown' }, source as never);
  expect(shown).toMatchObject({ list: { kind: 'read' }, stats: { value: { unknown_status: 13 } } });
  expect('list' in shown && shown.list.kind === 'read' && shown.list.value.files).toHaveLength(13);
});

test('ranges of dates include those that are none of the calendar', async () => {
  const args = ['--from', '2026-11-22', '--to', '2026-12-01'];
  const inRange = FILES.filter(([, , date = USUAL_DATE]) => date >= '2026-11-22' && date <= '2026-12-01');
  expect(await runbook('files', ...args)).toHaveLength(inRange.length + 1);
  const { stdout } = await runRunbook('stats', [...args, '--json'], aws.environment);
  const { dates, totals } = JSON.parse(stdout);
  expect(dates.map(({ date_prefix }: RecordKey) => date_prefix)).toContain('2026-11-31');
  expect(totals.total).toBe(inRange.length + 1);
});

test('manifests are listed as they are counted', async () => {
  const { manifests } = (await request('get_stats')) as unknown as { manifests: { total: number } };
  const listed = await runbook('manifests');
  expect(listed).toHaveLength(manifests.total);
  expect(namesOf(listed)).toEqual(
    ODD.map(([file_key]) => file_key)
      .filter(isManifest)
      .sort(),
  );
  expect(namesOf(await runbook('manifests', '--status', 'unknown'))).toEqual(['MANIFEST#batch-3.json']);
});

test('every record can be explained', { tags: ['long'] }, async () => {
  for (const [file_key, , date_prefix = USUAL_DATE] of ODD) {
    expect(await request('explain_file', { date_prefix, file_key })).toMatchObject({ date_prefix, file_key });
  }
});

test('find_orphans sees every file in processing, whatever its suffix and date', async () => {
  const kinds = ['stuck_in_processing', 'missing_manifests'];
  const found = await request('find_orphans', {
    kinds,
    max_processing_hours: 0.1,
    max_manifested_hours: 0.1,
  });
  const { orphans } = found as unknown as { orphans: Record<string, RecordKey[]> };
  const processing = await listAll({ status: 'processing' });
  expect(namesOf(Object.values(orphans).flat())).toEqual(expect.arrayContaining(namesOf(processing)));
});

test('an unknown status is listed as its record has it', async () => {
  const files = (await request('query_by_status', { status: 'unknown' })).files;
  const statusOf = (name: string) => files.find(({ file_key }) => file_key === name)?.status;
  expect(statusOf('sharded-unknown.ndjson')).toBe('on hold');
  expect(statusOf('no-status.ndjson')).toBeUndefined();
  expect(statusOf('number.ndjson')).toBe('unknown');
});

describe('resets', () => {
  test('reach every file in processing and manifested, in its own shard, and no other', {
    tags: ['long'],
  }, async () => {
    const status = ['processing', 'manifested'];
    const dry = await request('reset_stuck_files', { status, max_processing_hours: 0 });
    const stats = await request('get_stats');
    const count = countOf(stats, 'processing') + countOf(stats, 'manifested');
    expect(dry.stuck_files_found).toBe(count);
    expect(await runbook('reset-stuck', '--hours', '0', '--force')).toHaveLength(count);
    // They have no inputs, so that a reset must be insisted on.
    const reset = { status, max_processing_hours: 0, dry_run: false, force: true };
    const done = await request('reset_stuck_files', reset);
    expect(done.files_reset).toBe(count);
    const { Item } = await readBack('region.ndjson');
    expect(Item?.status).toBe('pending#us-east');
    expect((await readBack('archived.ndjson')).Item?.status).toBe('archived');
  });

  test('reach every file of an unknown status, with force, and no other', async () => {
    const args = ['--status', 'unknown', '--new-status', 'pending', '--force'];
    const { code, stderr } = await runRunbook(
      'batch-update',
      [...args, '--apply', '--yes', '--reason', 'test'],
      aws.environment,
    );
    expect(code, stderr).toBe(0);
    for (const name of [
      'archived.ndjson',
      'no-status.ndjson',
      'only-suffix.ndjson',
      'caf\u00e9 (2).ndjson',
    ]) {
      expect((await readBack(name)).Item?.status).toMatch(/^pending/);
    }
    expect((await readBack('thousand.ndjson')).Item?.status).toBe('failed#1000');
    expect((await readBack('MANIFEST#batch-3.json')).Item?.status).toBe('parked');
    // The heads still say unknown until the stream shows the change: what has moved is not listed.
    expect(await listAll({ status: 'unknown' })).toEqual([]);
  });
});

function readBack(file_key: string) {
  const Key = { date_prefix: USUAL_DATE, file_key };
  return aws.documents.send(new GetCommand({ TableName: aws.trackingTable, Key }));
}
