import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { creationTime, valueIn } from '../../../shared/pipeline/record.ts';
import { parseStreamRecord } from '../../../shared/projection/stream-record.ts';
import { DATE, putRaw, rawFile } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { streamedTable } from '../../support/stream-records.ts';

/**
 * How writers spell times, in DynamoDB's form, and what they mean; undefined where nobody can say. What is meant
 * was worked out by hand or with Python's `datetime` and `email.utils`, never by the code that is tested.
 */
const SPELLINGS: readonly (readonly [AttributeValue, string | undefined])[] = [
  [{ S: '2026-11-25T22:15:00.123456+00:00' }, '2026-11-25T22:15:00.123Z'],
  [{ S: '2026-11-25T22:15:00+00' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '2026-11-25 22:15:00 UTC' }, '2026-11-25T22:15:00.000Z'],
  [{ S: 'Wed, 25 Nov 2026 22:15:00 GMT' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '20261125T221500Z' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '2026-11-25T23:15:00+01:00' }, '2026-11-25T22:15:00.000Z'],
  [{ N: '1795644900' }, '2026-11-25T22:15:00.000Z'],
  [{ N: '1795644900123' }, '2026-11-25T22:15:00.123Z'],
  [{ N: '1795644900123000000' }, '2026-11-25T22:15:00.123Z'],
  [{ S: '1795644900' }, '2026-11-25T22:15:00.000Z'],
  [{ S: 'yesterday' }, undefined],
  [{ N: '42' }, undefined],
  [{ NULL: true }, undefined],
  [{ S: '2026-13-45T99:99:99Z' }, undefined],
  // Offsets, on either side of midnight and of the year.
  [{ S: '2026-11-25T23:15:00+0100' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '2026-11-25 16:45:00-05:30' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '2025-12-31T23:30:00-01' }, '2026-01-01T00:30:00.000Z'],
  [{ S: '2026-11-25T22:15:00 GMT' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '2026-11-25T22:15:00+15:00' }, undefined],
  [{ S: '2026-11-25T22:15:00+01:75' }, undefined],
  // Fractions of any length, cut and not rounded; a comma is a decimal sign.
  [{ S: '2026-11-25T22:15:00.999999999Z' }, '2026-11-25T22:15:00.999Z'],
  [{ S: '2026-11-25T22:15:00,5+00:00' }, '2026-11-25T22:15:00.500Z'],
  [{ S: '20261125T231500,123+0100' }, '2026-11-25T22:15:00.123Z'],
  [{ S: ' 2026-11-25T22:15Z\n' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '2026-11-25t22:15:00z' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '20261125T221500' }, '2026-11-25T22:15:00.000Z'],
  // E-mail and HTTP.
  [{ S: 'Wed, 25 Nov 2026 23:15:00 +0100' }, '2026-11-25T22:15:00.000Z'],
  [{ S: '25 nov 2026 17:15 -0500 (EST)' }, '2026-11-25T22:15:00.000Z'],
  [{ S: 'Sun, 1 Nov 2026 00:00:00 UT' }, '2026-11-01T00:00:00.000Z'],
  [{ S: 'Mon, 30 Feb 2026 22:15:00 GMT' }, undefined],
  [{ S: 'Wed, 25 Nix 2026 22:15:00 GMT' }, undefined],
  [{ S: 'Wed Nov 25 22:15:00 2026' }, undefined],
  // The epoch in four units, as number and text.
  [{ N: '1795644900.123456' }, '2026-11-25T22:15:00.123Z'],
  [{ S: '1795644900.9999999' }, '2026-11-25T22:15:00.999Z'],
  [{ S: '1795644900123' }, '2026-11-25T22:15:00.123Z'],
  [{ N: '1795644900123456' }, '2026-11-25T22:15:00.123Z'],
  [{ S: '1795644900123456789' }, '2026-11-25T22:15:00.123Z'],
  [{ N: '1795644900123999999' }, '2026-11-25T22:15:00.123Z'],
  [{ S: '1.7956449e+09' }, '2026-11-25T22:15:00.000Z'],
  [{ N: '1000000000' }, '2001-09-09T01:46:40.000Z'],
  [{ N: '4102444799' }, '2099-12-31T23:59:59.000Z'],
  [{ N: '4102444800' }, undefined],
  [{ N: '0' }, undefined],
  [{ N: '-1795644900' }, undefined],
  [{ N: '17956449001' }, undefined],
  [{ N: '20261125' }, undefined],
  [{ N: '20261125221500' }, undefined],
  // The calendar: leap years, and days and hours that do not exist.
  [{ S: '2024-02-29T12:00:00Z' }, '2024-02-29T12:00:00.000Z'],
  [{ S: '2026-02-29T12:00:00Z' }, undefined],
  [{ S: '2026-02-30T12:00:00.000Z' }, undefined],
  [{ S: '20260231T120000Z' }, undefined],
  [{ S: '2026-11-25T24:00:00Z' }, undefined],
  [{ S: '2026-11-25' }, undefined],
  // How programs spell that they know no time.
  [{ S: '1970-01-01T00:00:00Z' }, undefined],
  [{ S: '0001-01-01T00:00:00Z' }, undefined],
  [{ S: 'Thu, 01 Jan 1970 00:00:00 GMT' }, undefined],
  [{ S: '' }, undefined],
  [{ S: 'NaN' }, undefined],
  // Types that hold no time.
  [{ BOOL: true }, undefined],
  [{ SS: ['2026-11-25T22:15:00Z'] }, undefined],
  [{ NS: ['1795644900'] }, undefined],
  [{ L: [{ N: '1795644900' }] }, undefined],
  [{ M: { value: { N: '1795644900' } } }, undefined],
  [{ B: Uint8Array.from(Buffer.from('1795644900')) }, undefined],
];

const NOW = Date.parse('2101-01-01T00:00:00Z');
const keyOf = (index: number) => `file-${index}.ndjson`;
const cases = SPELLINGS.map(([value, meant], index) => [JSON.stringify(value), meant, value, index] as const);
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  await putRaw(
    aws,
    SPELLINGS.map(([created_at], index) => rawFile(keyOf(index), { status: { S: 'pending' }, created_at })),
  );
});

async function readWith(docs: DynamoDBDocumentClient, index: number): Promise<string | undefined> {
  const Key = { date_prefix: DATE, file_key: keyOf(index) };
  const { Item = {} } = await docs.send(new GetCommand({ TableName: aws.trackingTable, Key }));
  return creationTime(valueIn({ ...Key, ...Item }), NOW);
}

test.each(cases)('%s in a record means %s', async (_, meant, _value, index) => {
  expect(await readWith(aws.documents, index)).toBe(meant);
});

test.each(cases)('%s in a stream record means %s', (_, meant, created_at) => {
  const record = streamedTable().write('a.ndjson', { status: 'pending' });
  const image = { ...record.dynamodb?.NewImage, created_at };
  // Late enough for every case: what is later than the stream's own time does not count.
  const late = { ApproximateCreationDateTime: 4_102_444_799, NewImage: image };
  const parsed = parseStreamRecord({ ...record, dynamodb: { ...record.dynamodb, ...late } });
  expect(parsed).toMatchObject({
    kind: 'transition',
    transition: { event: { time: meant ?? '2099-12-31T23:59:59.000Z' } },
  });
});

test('a number means the same time in whatever form a client returns it', async () => {
  const index = SPELLINGS.findIndex(([{ N }]) => N === '1795644900123000000');
  const wrapped = DynamoDBDocumentClient.from(aws.dynamoDb, { unmarshallOptions: { wrapNumbers: true } });
  const big = DynamoDBDocumentClient.from(aws.dynamoDb, { unmarshallOptions: { wrapNumbers: BigInt } });
  expect(await readWith(wrapped, index)).toBe('2026-11-25T22:15:00.123Z');
  expect(await readWith(big, index)).toBe('2026-11-25T22:15:00.123Z');
});
