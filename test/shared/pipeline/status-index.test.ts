import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { eachByStatus, listByStatus, type StatusCursor } from '../../../shared/pipeline/status-index.ts';
import type { TrackingRecord } from '../../../shared/pipeline/tracking-table.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

let aws: LocalAws;
const dates = ['2026-11-21', '2026-11-22', '2026-11-23'];
const records: TrackingRecord[] = [];

beforeAll(async () => {
  aws = await localAws();
  for (let i = 0; i < 120; i++) {
    const suffix = i % 13 === 12 ? '' : `#${i % 13}`;
    const status = `${i % 4 === 0 ? 'failed' : 'pending'}${suffix}`;
    records.push({ date_prefix: dates[i % 3] ?? '', file_key: `file-${i}.ndjson`, status });
  }
  records.push({ date_prefix: '2026-11-22', file_key: 'MANIFEST#batch-0001.json', status: 'pending' });
  for (let i = 0; i < 6; i++) {
    records.push({ date_prefix: '2026-11-21', file_key: `odd-${i}.ndjson`, status: 'completed' });
  }
  records.push({ date_prefix: '2026-11-23', file_key: 'MANIFEST#batch-0002.json', status: 'completed' });
  const puts = records.map((Item) => ({ PutRequest: { Item } }));
  for (let from = 0; from < puts.length; from += 25) {
    const RequestItems = { [aws.trackingTable]: puts.slice(from, from + 25) };
    await aws.documents.send(new BatchWriteCommand({ RequestItems }));
  }
});

const table = () => trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE);
const query = (status: string, range = {}) => ({
  kind: 'file' as const,
  status,
  suffixes: { file: ['#10', '#11'], manifest: [], areMore: false },
  range,
});
const keys = (list: readonly TrackingRecord[]) => list.map(({ file_key }) => file_key).sort();
const expected = (status: string, date?: (prefix: string) => boolean) =>
  keys(
    records.filter(
      ({ file_key, date_prefix, status: stored }) =>
        !file_key.startsWith('MANIFEST#') &&
        String(stored).startsWith(status) &&
        (date?.(date_prefix) ?? true),
    ),
  );

test('all shards and the plain status are listed, ordered by date, without meta records', async () => {
  const { records: listed, next } = await listByStatus(table(), query('pending'), 1_000);
  expect(keys(listed)).toEqual(expected('pending'));
  expect(next).toBeUndefined();
  const order = listed.map(({ date_prefix }) => date_prefix);
  expect(order).toEqual([...order].sort());
});

test.each([1, 7, 20, 89])(
  'pages of %i follow each other without gaps or repeats, in the same order',
  async (limit) => {
    const whole = await listByStatus(table(), query('pending'), 1_000);
    const listed: TrackingRecord[] = [];
    let next: StatusCursor | undefined = {};
    do {
      const page = await listByStatus(table(), query('pending'), limit, next);
      expect(page.records.length).toBeLessThanOrEqual(limit);
      listed.push(...page.records);
      // As a next_token carries it.
      next = page.next && JSON.parse(JSON.stringify(page.next));
    } while (next);
    expect(listed).toEqual(whole.records);
  },
);

test('a range of dates includes both ends, and either may be open', async () => {
  const list = async (range: object) =>
    keys((await listByStatus(table(), query('failed', range), 1_000)).records);
  expect(await list({ start: '2026-11-22', end: '2026-11-22' })).toEqual(
    expected('failed', (d) => d === dates[1]),
  );
  expect(await list({ start: '2026-11-22' })).toEqual(expected('failed', (d) => d >= '2026-11-22'));
  expect(await list({ end: '2026-11-22' })).toEqual(expected('failed', (d) => d <= '2026-11-22'));
});

test('manifests are listed separately from files', async () => {
  const manifests = await listByStatus(table(), { ...query('pending'), kind: 'manifest' }, 10);
  expect(keys(manifests.records)).toEqual(['MANIFEST#batch-0001.json']);
});

test('a status that no record has is an empty, complete list', async () => {
  expect(await listByStatus(table(), query('quarantined'), 10)).toEqual({ records: [], next: undefined });
});

test('every record of a status can be walked through in small pages', async () => {
  const walked: TrackingRecord[] = [];
  for await (const record of eachByStatus(table(), query('pending'), 10)) walked.push(record);
  expect(keys(walked)).toEqual(expected('pending'));
});

test.each([
  ['its records are large', { bytes: 1_000 }],
  ['time is up', { signal: AbortSignal.abort() }],
  ['it may read one page of a shard', { pages: 1 }],
])('a page that ends early because %s leaves nothing out', async (_, bounds) => {
  const listed: TrackingRecord[] = [];
  let next: StatusCursor | undefined;
  let pages = 0;
  do {
    const page = await listByStatus(table(), query('pending'), 1_000, next, bounds);
    listed.push(...page.records);
    next = page.next && JSON.parse(JSON.stringify(page.next));
    pages += 1;
  } while (next && pages < 1_000);
  expect(keys(listed)).toEqual(expected('pending'));
  if ('bytes' in bounds) expect(pages).toBeGreaterThan(5);
});

test('a search for a few records among many others stops after a number of pages, and continues from there', async () => {
  const manifests = { ...query('completed'), kind: 'manifest' as const };
  const bounds = { pages: 2 };
  const first = await listByStatus(table(), manifests, 1, {}, bounds);
  expect(first.records).toEqual([]);
  expect(first.next).toBeDefined();
  const second = await listByStatus(table(), manifests, 1, first.next, bounds);
  expect(keys(second.records)).toEqual(['MANIFEST#batch-0002.json']);
});
