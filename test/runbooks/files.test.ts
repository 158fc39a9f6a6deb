import { once } from 'node:events';
import { BatchWriteCommand, DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ending, runRunbook, startRunbook } from '../support/runbook.ts';
import { SPACED, seedRunbookData } from '../support/runbook-data.ts';

const MANY = 1_500;

let aws: LocalAws;
const files = (...args: string[]) => runRunbook('files', args, aws.environment);

beforeAll(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
  await pMap(
    chunksOf25(MANY),
    (puts) => aws.documents.send(new BatchWriteCommand({ RequestItems: { [aws.trackingTable]: puts } })),
    { concurrency: 4 },
  );
});

test('a status is a JSON array of whole records, without their shard suffix', async () => {
  const { code, stdout } = await files('--status', 'completed', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([
    { file_key: '2026-11-22-a.ndjson', status: 'completed', shard_id: 3 },
  ]);
});

test('a date lists its files of every status and no meta records; CSV is quoted and free of formulas', async () => {
  const { stdout } = await files('--date', '2026-11-23', '--output', 'csv');
  expect(stdout).toMatch(/^status,date_prefix,file_key,since,/);
  const keys = [...stdout.matchAll(/^\w+,2026-11-23,([^,]+),/gm)].map(([, key]) => key);
  expect(keys).toEqual([SPACED, '2026-11-23-b.ndjson', '2026-11-23-lost.ndjson']);
  expect(stdout).toContain(`,"'=1+1, ""odd""\nsecond line"`);
});

test('a file of unknown age is listed as such; a list by age leaves it out, and says so', async () => {
  const listed = await files('--status', 'pending');
  expect(listed.stdout).toMatch(/2026-11-23-lost\.ndjson +unknown +age unknown/);
  const old = await files('--status', 'pending', '--older-than', '1h', '--output', 'ndjson');
  expect(old.stdout).toBe('');
  expect(old.stderr).toContain('The age of 1 record is unknown, for example 2026-11-23-lost.ndjson');
});

test('a date that is in no calendar is listed before the stream has shown any of its files', async () => {
  const Key = { date_prefix: '2026-11-31', file_key: 'odd.ndjson' };
  const Item = { ...Key, status: 'pending#1' };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  const { stdout } = await files('--date', '2026-11-31', '--output', 'ndjson');
  await aws.documents.send(new DeleteCommand({ TableName: aws.trackingTable, Key }));
  expect(stdout).toContain('odd.ndjson');
});

test('a manifest is selected by its name, its key or its address, and nothing else is', async () => {
  const keys = async (manifest: string) => {
    const { stdout } = await files('--date', '2026-11-23', '--manifest', manifest, '--output', 'ndjson');
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).file_key);
  };
  await aws.documents.send(
    new PutCommand({
      TableName: aws.trackingTable,
      Item: {
        date_prefix: '2026-11-23',
        file_key: 'm.ndjson',
        status: 'failed#1',
        manifest_path: 's3://m/a/b-7.json',
      },
    }),
  );
  for (const name of ['b-7.json', 'a/b-7.json', 's3://m/a/b-7.json'])
    expect(await keys(name)).toEqual(['m.ndjson']);
  expect(await keys('7.json')).toEqual([]);
  const Key = { date_prefix: '2026-11-23', file_key: 'm.ndjson' };
  await aws.documents.send(new DeleteCommand({ TableName: aws.trackingTable, Key }));
});

test('a table ends after 100 files and says so; other forms go to the end', async () => {
  const [table, csv] = await Promise.all([
    files('--status', 'quarantined'),
    files('--status', 'quarantined', '--output', 'csv'),
  ]);
  expect(table.stdout.trim().split('\n')).toHaveLength(101);
  expect(table.stderr).toContain(
    'These are the first 100 files; there may be more. Use --all, without --limit, to show all of them.',
  );
  expect(csv.stdout.trim().split('\n')).toHaveLength(MANY + 1);
  expect(csv.stderr).not.toContain('first');
});

test('--limit and --all together are refused, since they contradict each other', async () => {
  const { code, stdout, stderr } = await files('--status', 'quarantined', '--limit', '5', '--all');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Received both --limit 5 and --all; allowed: one of them.');
});

test('when the reader stops reading, as head does, it ends at once and without an error', async () => {
  const child = startRunbook('files', ['--status', 'quarantined', '--output', 'ndjson'], aws.environment);
  const ended = ending(child);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const { code, stdout, stderr } = await ended;
  expect(JSON.parse(stdout.slice(0, stdout.indexOf('\n')))).toMatchObject({ status: 'quarantined' });
  expect(code).toBe(0);
  expect(stderr).not.toMatch(/EPIPE|Error| at /);
});

function chunksOf25(count: number) {
  return Array.from({ length: count / 25 }, (_, chunk) =>
    Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: quarantined(chunk * 25 + i) } })),
  );
}

function quarantined(i: number) {
  const date_prefix = `2026-10-${10 + (i % 10)}`;
  const padding = 'x'.repeat(500);
  return { date_prefix, file_key: `${date_prefix}-${i}.ndjson`, status: `quarantined#${i % 10}`, padding };
}
