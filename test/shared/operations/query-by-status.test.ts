import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { type Answer, ask, operationDeps } from '../../support/operations.ts';
import { uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
const failed: string[] = [];

beforeAll(async () => {
  aws = await localAws();
  const items: object[] = [
    { date_prefix: '2026-11-22', file_key: 'MANIFEST#batch-0001-20261122-052254.json', status: 'failed' },
  ];
  for (let i = 0; i < 60; i++) {
    const status = i % 3 === 0 ? 'completed' : 'failed';
    const file_key = `file-${i}.ndjson`;
    const suffix = i % 11 === 10 ? '' : `#${i % 11}`;
    items.push({ ...uploaded(), date_prefix: `2026-11-2${i % 4}`, file_key, status: status + suffix });
    if (status === 'failed') failed.push(file_key);
  }
  for (let from = 0; from < items.length; from += 25) {
    const puts = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await aws.documents.send(new BatchWriteCommand({ RequestItems: { [aws.trackingTable]: puts } }));
  }
});

const query = (input: object) => ask(operationDeps(aws), { operation: 'query_by_status', ...input });
const keysOf = ({ files }: Answer) => files.map(({ file_key }) => file_key);

test('the files of a status are found in every shard, shown without its suffix, manifests left out', async () => {
  const answer = await query({ status: 'failed' });
  expect(keysOf(answer).sort()).toEqual([...failed].sort());
  expect(answer).toMatchObject({ status: 'failed', count: failed.length });
  expect(new Set(answer.files.map(({ status }) => status))).toEqual(new Set(['failed']));
  expect(answer).not.toHaveProperty('next_token');
});

test('pages go on to the end in a stable order, whatever their size', async () => {
  const whole = keysOf(await query({ status: 'failed' }));
  for (const limit of [1, 7, 39]) {
    const listed: string[] = [];
    let next_token: string | undefined;
    do {
      const answer = await query({ status: 'failed', limit, next_token });
      listed.push(...keysOf(answer));
      next_token = answer.next_token;
    } while (next_token);
    expect(listed).toEqual(whole);
  }
});

test('pages go on where there are hundreds of shards with long names', async () => {
  const here = await localAws();
  const usualSuffixes = Array.from({ length: 250 }, (_, i) => `#${i}`);
  const names = usualSuffixes.map((_, i) => `${'long-name-'.repeat(9)}${i}.ndjson`);
  for (let from = 0; from < names.length; from += 25) {
    const puts = names.slice(from, from + 25).map((file_key, i) => ({
      PutRequest: { Item: { date_prefix: '2026-11-23', file_key, status: `failed#${from + i}` } },
    }));
    await here.documents.send(new BatchWriteCommand({ RequestItems: { [here.trackingTable]: puts } }));
  }
  const deps = operationDeps(here);
  const sharded = { ...deps, tracking: { ...deps.tracking, usualSuffixes } };
  const listed: string[] = [];
  let next_token: string | undefined;
  do {
    const answer = await ask(sharded, {
      operation: 'query_by_status',
      status: 'failed',
      limit: 200,
      next_token,
    });
    listed.push(...keysOf(answer));
    next_token = answer.next_token;
    // Far more than for the ten shards that are usual.
    if (next_token) expect(next_token.length).toBeGreaterThan(20_000);
  } while (next_token);
  expect(listed.sort()).toEqual([...names].sort());
});

test('a range of dates includes both its ends', async () => {
  const { files } = await query({ status: 'failed', date_range: { start: '2026-11-21', end: '2026-11-22' } });
  expect(new Set(files.map(({ date_prefix }) => date_prefix))).toEqual(new Set(['2026-11-21', '2026-11-22']));
  const all = (await query({ status: 'failed' })).files;
  const inRange = all.filter(
    ({ date_prefix }) => date_prefix === '2026-11-21' || date_prefix === '2026-11-22',
  );
  expect(files).toEqual(inRange);
});

test('a token goes with its status and range only', async () => {
  const { next_token } = await query({ status: 'failed', limit: 1 });
  for (const other of [{ status: 'completed' }, { status: 'failed', date_range: { start: '2026-11-21' } }]) {
    expect(await query({ ...other, next_token })).toMatchObject({ error: { code: 'INVALID_NEXT_TOKEN' } });
  }
});

test.each<[object, string]>([
  [{}, '"status": received nothing'],
  [{ status: 'done' }, '"status": received "done"'],
  [{ status: 'pending#3' }, '"status": received "pending#3"'],
  [{ status: 'failed', date_range: '2026-11-21' }, '"date_range": received "2026-11-21"'],
  [{ status: 'failed', date_range: { start: '2026-13-1' } }, '"date_range.start": received "2026-13-1"'],
  [
    { status: 'failed', date_range: { start: '2026-11-22', end: '2026-11-21' } },
    'start must not be after end',
  ],
  [{ status: 'failed', date_range: { from: '2026-11-22' } }, 'Unknown field(s): from'],
])('%j is refused', async (input, message) => {
  const { statusCode, error } = await query(input);
  expect(statusCode).toBe(400);
  expect(error.message).toContain(message);
});
