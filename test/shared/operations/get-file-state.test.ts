import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { type Answer, ask, operationDeps } from '../../support/operations.ts';
import { runRunbook } from '../../support/runbook.ts';
import { uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
const date_prefix = '2026-11-23';
const keys = Array.from({ length: 20 }, (_, i) => `file-${String(i).padStart(2, '0')}+x.ndjson`);

beforeAll(async () => {
  aws = await localAws();
  const records = keys.map((file_key) => ({ date_prefix, file_key, ...uploaded() }));
  const other = { date_prefix: '2026-11-22', file_key: 'other.ndjson', ...uploaded() };
  const meta = ['MANIFEST#batch-0001-20261123-052254.json', 'MANIFEST#batch-0002-20261123-052255.json'].map(
    (file_key) => ({ date_prefix, file_key, status: 'pending' }),
  );
  const puts = [...records, other, ...meta].map((Item) => ({ PutRequest: { Item } }));
  await aws.documents.send(new BatchWriteCommand({ RequestItems: { [aws.trackingTable]: puts } }));
});

const state = (input: object) => ask(operationDeps(aws), { operation: 'get_file_state', ...input });
const keysOf = (answer: Answer) => answer.files.map(({ file_key }) => file_key);

test("one file is its record, its status shown without the shard's suffix", async () => {
  const { file } = await state({ date_prefix, file_key: keys[3] });
  expect(file).toMatchObject({ file_key: keys[3], status: 'pending', shard_id: 3, ttl: 1_798_003_373 });
});

test('numbers that JavaScript cannot hold are shown to the last digit', async () => {
  const digits = '0.00518321990966796912345678';
  const Item = {
    date_prefix: { S: '2026-11-20' },
    file_key: { S: 'long.ndjson' },
    file_size_mb: { N: digits },
  };
  await aws.dynamoDb.send(new PutItemCommand({ TableName: aws.trackingTable, Item }));
  const { file } = await state({ date_prefix: '2026-11-20', file_key: 'long.ndjson' });
  expect(file.file_size_mb).toBe(digits);
});

test('sets, binaries and large numbers are shown as runbooks show them', async () => {
  const odd = {
    ...{ names: { SS: ['a', 'b'] }, counts: { NS: ['1', '12345678901234567890'] } },
    ...{ bytes: { B: Uint8Array.from([0, 255]) }, nanoseconds: { N: '1795395600123456789' } },
    inner: { M: { list: { L: [{ BS: [Uint8Array.from([1])] }] } } },
  };
  const key = { date_prefix: '2026-11-20', file_key: 'odd.ndjson' };
  const Item = { date_prefix: { S: key.date_prefix }, file_key: { S: key.file_key }, ...odd };
  await aws.dynamoDb.send(new PutItemCommand({ TableName: aws.trackingTable, Item }));
  const shown = {
    ...key,
    names: ['a', 'b'],
    counts: expect.arrayContaining([1, '12345678901234567890']),
    bytes: 'AP8=',
    nanoseconds: '1795395600123456789',
    inner: { list: [['AQ==']] },
  };
  const { file, version } = await state(key);
  expect(file).toEqual(shown);
  expect(version).toMatch(/^[0-9a-f]{32}$/);
  const listed = await state({ date_prefix: '2026-11-20' });
  expect(listed.files.find(({ file_key }) => file_key === key.file_key)).toEqual(shown);
  const runbook = await runRunbook('file', ['odd.ndjson', '--date', '2026-11-20', '--json'], aws.environment);
  expect(JSON.parse(runbook.stdout).record).toEqual(shown);
});

test('a file that has no record is a 404 that tells where the date comes from', async () => {
  const answer = await state({ date_prefix, file_key: 'file-03 y.ndjson' });
  expect(answer).toMatchObject({ statusCode: 404, error: { code: 'FILE_NOT_FOUND' } });
  expect(answer.error.hint).toContain('first text of the form dddd-dd-dd');
});

test('a date lists its files and no meta records', async () => {
  const answer = await state({ date_prefix });
  expect(keysOf(answer)).toEqual(keys);
  expect(answer.count).toBe(keys.length);
  expect(answer).not.toHaveProperty('next_token');
});

test('pages of any size follow each other without gap or repeat, past the meta records', async () => {
  for (const limit of [1, 3, 7, 19, 20]) {
    const listed: string[] = [];
    let next_token: string | undefined;
    do {
      const answer = await state({ date_prefix, limit, next_token });
      expect(answer.count).toBeLessThanOrEqual(limit);
      listed.push(...keysOf(answer));
      next_token = answer.next_token;
    } while (next_token);
    expect(listed).toEqual(keys);
  }
});

test('a next_token of another date is refused', async () => {
  const { next_token } = await state({ date_prefix, limit: 1 });
  const answer = await state({ date_prefix: '2026-11-22', next_token });
  expect(answer).toMatchObject({ statusCode: 400, error: { code: 'INVALID_NEXT_TOKEN' } });
});

test.each([[{ limit: 0 }], [{ limit: 10_001 }], [{ limit: 'all' }], [{ limit: 2.5 }], [{ file_key: '' }]])(
  '%j is refused',
  async (input) => {
    expect(await state({ date_prefix, ...input })).toMatchObject({
      statusCode: 400,
      error: { code: 'INVALID_INPUT' },
    });
  },
);

test('a page of a single file is refused', async () => {
  const answer = await state({ date_prefix, file_key: keys[0], next_token: 'x' });
  expect(answer.error.message).toContain('"next_token": received "x"');
});
