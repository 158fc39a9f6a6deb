import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { dynamoDb, dynamoDbDocuments } from '../../../shared/aws/clients.ts';
import { meterReads } from '../../../shared/aws/read-meter.ts';
import { paceTrackingReads } from '../../../shared/pipeline/pace-reads.ts';
import { recordReader } from '../../../shared/pipeline/record-reader.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

const DATE = '2026-11-23';
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  const PutRequest = (i: number) => ({
    Item: { date_prefix: { S: DATE }, file_key: { S: `${i}.ndjson` }, padding: { S: 'x'.repeat(8_000) } },
  });
  const requests = Array.from({ length: 20 }, (_, i) => ({ PutRequest: PutRequest(i) }));
  await aws.dynamoDb.send(new BatchWriteItemCommand({ RequestItems: { [aws.trackingTable]: requests } }));
});

/** A client whose time passes only by sleeping. */
function paced(readUnitsPerSecond: string) {
  const client = dynamoDb(aws.environment);
  const meter = meterReads(client);
  let now = 0;
  const sleep = async (millis: number) => {
    now += millis;
  };
  const config = { trackingTable: aws.trackingTable, readUnitsPerSecond };
  const pace = (share?: number) => paceTrackingReads(client, config, { clock: () => now, sleep }, share);
  pace();
  return { docs: dynamoDbDocuments(client), meter, now: () => now, pace };
}

const dateQuery = () =>
  new QueryCommand({
    TableName: aws.trackingTable,
    KeyConditionExpression: 'date_prefix = :date',
    ExpressionAttributeValues: { ':date': DATE },
  });

test('reads of the tracking table take as long as the rate allows for their read units', async () => {
  const { docs, meter, now } = paced('5');
  const query = () => docs.send(dateQuery());
  await query();
  const units = meter.readUnits();
  expect(units).toBeGreaterThan(15);
  expect(now()).toBe(0);
  await query();
  expect(now()).toBeCloseTo(units * 200);
});

test('records that are read together wait like others', async () => {
  const { docs, meter, now } = paced('5');
  const readRecord = recordReader({ docs, name: aws.trackingTable });
  const read = () =>
    Promise.all(['0', '1', '2'].map((name) => readRecord({ date_prefix: DATE, file_key: `${name}.ndjson` })));
  await read();
  const units = meter.readUnits();
  expect(units).toBeGreaterThan(5);
  expect(now()).toBe(0);
  await read();
  expect(now()).toBeCloseTo(units * 200);
});

test('a client that gets a share of the rate later reads at that share, no longer at the earlier rate', async () => {
  const { docs, meter, now, pace } = paced('5');
  pace(0.5);
  await docs.send(dateQuery());
  const units = meter.readUnits();
  await docs.send(dateQuery());
  expect(now()).toBeCloseTo(units * 400);
});

test('reads of other tables do not wait', async () => {
  const { docs, now } = paced('1');
  const Key = { pk: 'COUNTERS', sk: 'none' };
  for (let i = 0; i < 5; i++) await docs.send(new GetCommand({ TableName: aws.projectionTable, Key }));
  expect(now()).toBe(0);
});

test.each(['', 'fast', '0', '-1'])('a rate of "%s" is refused', (rate) => {
  expect(() => paced(rate)).toThrow(`READ_UNITS_PER_SECOND: received "${rate}"`);
});
