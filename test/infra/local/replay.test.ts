import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { type ReplayOptions, replay } from '../../../infra/local/replay.ts';
import { createTrackingTable } from '../../../infra/local/tables.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const untouched = {
  date_prefix: { S: '2026-11-22' },
  file_key: { S: 'untouched' },
  status: { S: 'pending' },
};

let aws: LocalAws;
let table: string;
let tables = 0;

beforeAll(async () => {
  aws = await localAws();
  await freshTable();
});

afterEach(freshTable);

it('ends with the last image of each file, and without those removed', async () => {
  const lines = [
    record('INSERT', 'a', { status: { S: 'pending#3' }, file_size_mb: { N: '0.005183219909667969' } }),
    record('INSERT', 'b', { status: { S: 'pending' }, manifest_path: { NULL: true } }),
    record('MODIFY', 'a', { status: { S: 'manifested#3' }, ttl: { N: '1798003373' } }),
    record('REMOVE', 'b'),
    record('INSERT', 'c', { raw: { B: 'AQID' }, nested: { M: { list: { L: [{ BOOL: true }] } } } }),
    '',
    record('MODIFY', 'a', { status: { S: 'completed#3' } }),
  ];
  expect(await run(lines)).toEqual({ put: 5, removed: 1 });
  expect(await items()).toEqual([
    { date_prefix: '2026-11-22', file_key: 'untouched', status: 'pending' },
    { date_prefix: '2026-11-23', file_key: 'a', status: 'completed#3' },
    { date_prefix: '2026-11-23', file_key: 'c', raw: new Uint8Array([1, 2, 3]), nested: { list: [true] } },
  ]);
});

it.each([
  ['text that is not JSON', 'JSON', '{"eventName":'],
  ['a record without an image', 'dynamodb.NewImage', record('INSERT', 'x')],
  ['a record without keys', 'dynamodb.Keys', JSON.stringify({ eventName: 'REMOVE', dynamodb: {} })],
  ['an unknown kind of change', 'eventName', record('UPSERT', 'x', {})],
  ['an unknown attribute type', 'dynamodb.NewImage.status', record('MODIFY', 'x', { status: { X: '1' } })],
  ['an image of another file', 'file_key', record('INSERT', 'x', { file_key: { S: 'y' } })],
])('%s is refused, and nothing is written', async (_, reason, line) => {
  const bad = run([record('INSERT', 'a', { status: { S: 'pending' } }), line]);
  await expect(bad).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(new RegExp(`^Line 2 .*${reason}`)),
  });
  expect(await items()).toEqual([unmarshall(untouched)]);
});

it('a missing file is reported by its name', async () => {
  const missing = replay({ dynamoDb: aws.dynamoDb, table, path: '/nowhere.ndjson' });
  await expect(missing).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('/nowhere.ndjson'),
  });
});

it('ends after the record in flight when it is interrupted', async () => {
  const lines = ['a', 'b', 'c'].map((key) => record('INSERT', key, { status: { S: 'pending' } }));
  const interrupt = new AbortController();
  const dynamoDb = {
    send(command: PutItemCommand) {
      interrupt.abort();
      return aws.dynamoDb.send(command);
    },
  } as unknown as LocalAws['dynamoDb'];
  expect(await run(lines, { dynamoDb, signal: interrupt.signal })).toEqual({ put: 1, removed: 0 });
  expect(await items()).toMatchObject([{ file_key: 'untouched' }, { file_key: 'a' }]);
});

async function freshTable(): Promise<void> {
  tables += 1;
  table = `${aws.trackingTable}-${tables}`;
  await createTrackingTable(aws.dynamoDb, table, FIELD_PROFILE);
  await aws.dynamoDb.send(new PutItemCommand({ TableName: table, Item: untouched }));
}

function run(lines: readonly string[], more: Partial<ReplayOptions> = {}) {
  const path = join(mkdtempSync(join(tmpdir(), 'replay-')), 'records.ndjson');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return replay({ dynamoDb: aws.dynamoDb, table, path, ...more });
}

/** A stream record as Lambda receives it; binary values are base64 there. */
function record(eventName: string, file_key: string, image?: Record<string, unknown>): string {
  const Keys: Record<string, AttributeValue> = {
    date_prefix: { S: '2026-11-23' },
    file_key: { S: file_key },
  };
  const NewImage = image && { ...Keys, ...image };
  return JSON.stringify({
    eventID: file_key,
    eventName,
    eventSource: 'aws:dynamodb',
    dynamodb: {
      Keys,
      NewImage,
      SequenceNumber: '000000000000000437412',
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
}

async function items() {
  const { Items = [] } = await aws.dynamoDb.send(new ScanCommand({ TableName: table }));
  const found = Items.map((item) => unmarshall(item));
  return found.sort((a, b) => String(a.file_key).localeCompare(String(b.file_key))).sort(byDate);
}

function byDate(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return String(a.date_prefix).localeCompare(String(b.date_prefix));
}
