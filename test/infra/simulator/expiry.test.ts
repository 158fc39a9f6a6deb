import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { fieldPipeline } from '../../support/field-pipeline.ts';

const DAY = '2026-11-22';
const DAY_MILLIS = 86_400_000;
const KEY = `pipeline/input/${DAY}/a.ndjson`;

async function completed() {
  const field = await fieldPipeline();
  await field.uploadAll(DAY, ['a.ndjson']);
  const begun = field.pipeline.now();
  return { ...field, afterDays: (days: number) => field.pipeline.advance(begun + days * DAY_MILLIS) };
}

test('manifests and reports go after 3 days, inputs after 7, records after 90, outputs never', async () => {
  const { aws, afterDays, list, records, pipeline } = await completed();
  const Item = { date_prefix: DAY, file_key: 'another.ndjson', status: 'completed#1' };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  await afterDays(2.9);
  expect(await list('manifest')).toHaveLength(2);
  await afterDays(3.1);
  expect(await list('manifest')).toEqual([]);
  expect(await list('input')).toEqual([KEY]);
  await afterDays(7.1);
  expect(await list('input')).toEqual([]);
  expect(pipeline.ledger().files).toMatchObject([
    { input: 'expired', record: 'present', expected: 'healthy' },
  ]);
  await afterDays(89);
  expect(await records()).toHaveLength(3);
  await afterDays(91);
  expect(await records()).toEqual([Item]);
  expect(await list('output')).toHaveLength(1);
  expect(pipeline.ledger().files).toMatchObject([{ record: 'expired', expected: 'healthy' }]);
  expect(pipeline.progress().removed).toBe(5);
});

test('a copy of a refused file goes after 30 days', async () => {
  const { pipeline, uploadAll, list } = await fieldPipeline();
  pipeline.plant('refused');
  await uploadAll(DAY, ['a.ndjson']);
  await pipeline.advance(pipeline.now() + 29 * DAY_MILLIS);
  expect(await list('quarantine')).toHaveLength(1);
  await pipeline.advance(pipeline.now() + 2 * DAY_MILLIS);
  expect(await list('quarantine')).toEqual([]);
});

test('a record in flight goes after 30 days, and its last write counts', async () => {
  const { pipeline, uploadAll, record, aws } = await fieldPipeline({ wakesOn: 'nothing' });
  await uploadAll(DAY, ['a.ndjson', 'b.ndjson']);
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.trackingTable,
      Key: { date_prefix: DAY, file_key: 'b.ndjson' },
      UpdateExpression: 'SET #ttl = #ttl + :more',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: { ':more': 10 * 86_400 },
    }),
  );
  await pipeline.advance(pipeline.now() + 31 * DAY_MILLIS);
  expect(await record(DAY, 'a.ndjson')).toBeUndefined();
  expect(await record(DAY, 'b.ndjson')).toBeDefined();
  await pipeline.advance(pipeline.now() + 10 * DAY_MILLIS);
  expect(await record(DAY, 'b.ndjson')).toBeUndefined();
});

test('an object that was put again lives on from then', async () => {
  const { pipeline, uploadAll, afterDays, list } = await completed();
  await afterDays(5);
  await uploadAll(DAY, ['a.ndjson']);
  await afterDays(8);
  expect(await list('input')).toEqual([KEY]);
  expect(pipeline.ledger().files[0]?.input).toBe('present');
  await afterDays(13);
  expect(await list('input')).toEqual([]);
});

test('the days are settings', async () => {
  const lifecycle = { manifest: 1, input: 2, quarantine: 3, record: 4, inFlight: 4 };
  const { pipeline, uploadAll, list, records } = await fieldPipeline({ lifecycle });
  await uploadAll(DAY, ['a.ndjson']);
  await pipeline.advance(pipeline.now() + 1.5 * DAY_MILLIS);
  expect(await list('manifest')).toEqual([]);
  expect(await list('input')).toEqual([KEY]);
  await pipeline.advance(pipeline.now() + 3 * DAY_MILLIS);
  expect(await list('input')).toEqual([]);
  expect(await records()).toEqual([]);
});
