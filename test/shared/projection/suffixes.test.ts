import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { readCounters } from '../../../shared/projection/counter-items.ts';
import { learnSuffixes, MOST_SUFFIXES, seenSuffix } from '../../../shared/projection/suffixes.ts';
import { usualSuffixesOf } from '../../../shared/settings/index-profile.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps } from '../../support/projection.ts';
import { runRunbook } from '../../support/runbook.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });
const known = async () => (await readCounters(projection(), undefined)).suffixes;
const consume = (records: readonly unknown[]) =>
  consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
const FIELD = usualSuffixesOf(FIELD_PROFILE);
const file = (suffix: string) => ({ entity: 'file' as const, suffix });

test('there is no suffix to learn from a status without one, from an unknown status, or from a lock', () => {
  const key = { date_prefix: '2026-11-23', file_key: 'a.ndjson' };
  for (const stored of ['pending', 'archived#x', '#x', '', 7, undefined]) {
    expect(seenSuffix(key, stored)).toBeUndefined();
  }
  expect(seenSuffix(key, 'pending#10')).toEqual(file('#10'));
  expect(seenSuffix(key, 'pending#a#b')).toEqual(file('#a#b'));
  const manifest = { ...key, file_key: 'MANIFEST#batch-1.json' };
  expect(seenSuffix(manifest, 'pending#0')).toEqual({ entity: 'manifest', suffix: '#0' });
  expect(seenSuffix({ ...key, file_key: 'LOCK#x' }, 'pending#a')).toBeUndefined();
});

test('suffixes that listings look for anyway are not learnt; manifests usually have none', async () => {
  const all = [file('#0'), file('#9'), file('#10'), { entity: 'manifest' as const, suffix: '#0' }];
  await learnSuffixes(projection(), all, FIELD, new Set());
  expect(await known()).toEqual({ file: ['#10'], manifest: ['#0'], areMore: false });
});

test('suffixes are learnt from transitions, and from records whose status stays the same', async () => {
  const first = table.write('a.ndjson', uploaded(11));
  const other = table.write('b.ndjson', uploaded());
  await consume([first, other]);
  expect(await known()).toEqual({ file: ['#11'], manifest: [], areMore: false });
  expect(await consume([table.write('b.ndjson', { status: 'pending#eu' })])).toMatchObject({ applied: 0 });
  expect(await known()).toEqual({ file: ['#11', '#eu'], manifest: [], areMore: false });
});

test('as many are kept as there is room for, and that there are more is noted once', async () => {
  const suffixes = Array.from({ length: MOST_SUFFIXES }, (_, i) => file(`#s${i}`));
  await learnSuffixes(projection(), suffixes, FIELD, new Set());
  expect(await known()).toMatchObject({ areMore: false });
  // Another process meets those that are kept.
  await learnSuffixes(projection(), suffixes, FIELD, new Set());
  expect(await known()).toMatchObject({ areMore: false });
  await learnSuffixes(projection(), [file('#late')], FIELD, new Set());
  const { file: kept, areMore } = await known();
  expect({ kept: kept.length, areMore }).toEqual({ kept: MOST_SUFFIXES, areMore: true });
});

test('a suffix that is too long to be kept is noted', async () => {
  await consume([table.write('a.ndjson', { ...uploaded(), status: `pending#${'\u00e9'.repeat(32)}` })]);
  expect(await known()).toEqual({ file: [], manifest: [], areMore: true });
});

test('every listing that lacks something says so, and a listing by date has it', async () => {
  const status = `processing#${'x'.repeat(64)}`;
  const record = table.write('a.ndjson', { ...uploaded(), status });
  const Item = { ...uploaded(), status, date_prefix: '2026-11-23', file_key: 'a.ndjson' };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  await consume([record]);
  const sentence = expect.stringContaining('List the files by date instead');
  const request = (operation: string, input = {}) => ask(operationDeps(aws), { operation, ...input });
  expect(await request('get_stats')).toMatchObject({ total: 1, incomplete: sentence });
  expect(await request('query_by_status', { status: 'processing' })).toMatchObject({
    count: 0,
    incomplete: sentence,
  });
  expect(await request('find_orphans')).toMatchObject({ complete: false, incomplete: sentence });
  expect(await request('reset_stuck_files')).toMatchObject({ stuck_files_found: 0, incomplete: sentence });
  for (const [name, ...args] of [
    ['files', '--status', 'processing'],
    ['find-orphans'],
    ['reset-stuck'],
    ['manifests'],
    ['batch-update', '--status', 'processing', '--new-status', 'pending'],
  ] as const) {
    const { stderr } = await runRunbook(name, args, aws.environment);
    expect(stderr, name).toContain('not listed by status');
  }
  expect(await request('get_file_state', { date_prefix: '2026-11-23' })).toMatchObject({ count: 1 });
  const change = { date_prefix: '2026-11-23', file_key: 'a.ndjson', new_status: 'pending', force: true };
  expect(await request('update_state', change)).toMatchObject({ updated_item: { status: 'pending' } });
});
