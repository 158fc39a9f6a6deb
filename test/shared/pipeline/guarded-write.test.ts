import { beforeAll, beforeEach, expect, test } from 'vitest';
import { guardedWrite } from '../../../shared/pipeline/guarded-write.ts';
import { readRawRecord } from '../../../shared/pipeline/tracking-table.ts';
import { changeContext, DATE, putRaw, rawFile, scanRaw, UNTOUCHED } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;
const key = { date_prefix: DATE, file_key: 'a+b.ndjson' };
const attributes = {
  status: { S: 'processing#3' },
  size: { N: '12345678901234567890123456789012345678' },
  path: { NULL: true as const },
  nested: { M: { list: { L: [{ N: '0.1' }, { SS: ['x', 'y'] }] }, blob: { B: Uint8Array.from([7]) } } },
};
const record = rawFile(key.file_key, attributes);

beforeAll(async () => {
  aws = await localAws();
});

beforeEach(() => putRaw(aws, [record, UNTOUCHED]));

const table = () => changeContext(aws).tracking;
const write = (before: object, after: object, to = key) =>
  guardedWrite(table(), { key: to, before: { ...before }, after: { ...after } });
const stored = async () => (await scanRaw(aws))[key.file_key];

test('attributes of every type are compared, set and removed in their stored form', async () => {
  const after = { status: { S: 'pending#3' }, size: { N: '-1.5' }, added: { BOOL: true } };
  expect(await write(attributes, after)).toEqual({ kind: 'written' });
  expect(await stored()).toEqual(rawFile(key.file_key, after));
  expect(await write(after, attributes)).toEqual({ kind: 'written' });
  expect(await stored()).toEqual(record);
  expect(await readRawRecord(table(), key)).toEqual(record);
  expect((await scanRaw(aws))['untouched.ndjson']).toEqual(UNTOUCHED);
});

test.each([
  ['a status of another shard', { status: { S: 'processing#4' } }],
  ['another digit', { size: { N: '12345678901234567890123456789012345679' } }],
  ['text in place of NULL', { path: { S: '' } }],
  ['something within a map', { nested: { M: { ...attributes.nested.M, list: { L: [] } } } }],
  ['an attribute that is absent', { never: { S: 'x' } }],
])('%s prevents the write, and the present record is returned', async (_name, different) => {
  const before = { ...attributes, ...different };
  expect(await write(before, { status: { S: 'pending#3' } })).toEqual({ kind: 'refused', found: record });
  expect(await stored()).toEqual(record);
});

test('an attribute that is to be added must be absent', async () => {
  const after = { status: { S: 'pending#3' }, path: { S: 'x' } };
  expect(await write({ status: attributes.status }, after)).toMatchObject({ kind: 'refused' });
  expect(await stored()).toEqual(record);
});

test('a record that does not exist is never created', async () => {
  const missing = { ...key, file_key: 'missing.ndjson' };
  expect(await write({}, { status: { S: 'pending' } }, missing)).toEqual({
    kind: 'refused',
    found: undefined,
  });
  expect(Object.keys(await scanRaw(aws)).sort()).toEqual(['a+b.ndjson', 'untouched.ndjson']);
});

test('any other failure is thrown', async () => {
  const elsewhere = { ...table(), name: 'no-such-table' };
  const nothing = guardedWrite(elsewhere, { key, before: {}, after: { status: { S: 'pending' } } });
  await expect(nothing).rejects.toThrow(/ResourceNotFound|non-existent/);
});
