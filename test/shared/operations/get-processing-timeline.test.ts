import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
const date_prefix = '2026-11-23';

beforeAll(async () => {
  aws = await localAws();
  const table = streamedTable({ createdSeconds: Date.parse('2026-11-23T06:06:00Z') / 1_000 });
  const at = (time: string) => `2026-11-23T${time}+00:00`;
  table.write('under-way.ndjson', uploaded());
  const failed = table.write('under-way.ndjson', { status: 'failed#3', failed_time: at('05:30:00') });
  const change = { state_change_id: 'chg-7', state_change_actor: 'arn:aws:iam::1:user/operator' };
  const cycle = [
    table.write('cycled.ndjson', uploaded()),
    table.write('cycled.ndjson', { status: 'manifested#3', updated_at: at('05:23:53.532494') }),
    table.write('cycled.ndjson', { status: 'failed#3', failed_time: at('05:25:53.532494') }),
    table.write('cycled.ndjson', {
      status: 'pending#3',
      updated_at: at('06:00:00.000000'),
      state_change_reason: 'Glue was down',
      ...change,
    }),
    table.write('cycled.ndjson', { status: 'manifested#3', updated_at: at('06:01:00.000000') }),
    table.write('cycled.ndjson', { status: 'completed#3', completed_time: at('06:05:00.500000') }),
    table.write('cycled.ndjson', { completed_time: at('06:05:01.000000') }),
    table.write('gone.ndjson', uploaded()),
    failed,
    table.write('MANIFEST#batch-0001-20261123-052254.json', {
      status: 'pending',
      created_at: at('05:00:00'),
    }),
    table.write('MANIFEST#batch-0001-20261123-052254.json', {
      status: 'processing',
      processing_start_time: at('05:00:02'),
    }),
  ];
  const records = [...cycle, table.remove('gone.ndjson')];
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  for (const item of table.items.values()) await put(item);
  await put({
    date_prefix,
    file_key: 'old.ndjson',
    ...uploaded(),
    status: 'completed#3',
    completed_time: at('05:30:00'),
  });
});

function put(Item: object) {
  return aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: { ...Item } }));
}

const timeline = (file_key: string) =>
  ask(operationDeps(aws), { operation: 'get_processing_timeline', date_prefix, file_key });

test('a file of several cycles shows every event in order, and who reset it', async () => {
  const answer = await timeline('cycled.ndjson');
  expect(answer).toMatchObject({
    file: `${date_prefix}/cycled.ndjson`,
    current_status: 'completed',
    source: 'stream',
  });
  expect(answer.timeline).toEqual([
    { event: 'uploaded', timestamp: '2026-11-23T05:22:53.532Z', status: 'pending' },
    { event: 'manifested', timestamp: '2026-11-23T05:23:53.532Z', status: 'manifested' },
    { event: 'failed', timestamp: '2026-11-23T05:25:53.532Z', status: 'failed' },
    {
      event: 'reset',
      timestamp: '2026-11-23T06:00:00.000Z',
      status: 'pending',
      change_id: 'chg-7',
      actor: 'arn:aws:iam::1:user/operator',
      reason: 'Glue was down',
    },
    { event: 'manifested', timestamp: '2026-11-23T06:01:00.000Z', status: 'manifested' },
    { event: 'completed', timestamp: '2026-11-23T06:05:00.500Z', status: 'completed' },
  ]);
});

test('durations are those of the latest attempt, all steps stand beside them', async () => {
  const answer = await timeline('cycled.ndjson');
  expect(answer.durations_seconds).toEqual({ reset_to_manifested: 60, manifested_to_completed: 240.5 });
  expect(answer.steps.map(({ step }) => step)).toEqual([
    'uploaded_to_manifested',
    'manifested_to_failed',
    'failed_to_reset',
    'reset_to_manifested',
    'manifested_to_completed',
  ]);
  expect(answer.total_processing_time).toBeCloseTo(2_526.968);
});

test('a file that was removed keeps its history for a while', async () => {
  const answer = await timeline('gone.ndjson');
  expect(answer).toMatchObject({ current_status: 'removed', total_processing_time: null });
  expect(answer.timeline.map(({ event }) => event)).toEqual(['uploaded', 'removed']);
});

test('a file the stream never showed is told from its record, and says so', async () => {
  const answer = await timeline('old.ndjson');
  expect(answer).toMatchObject({ current_status: 'completed', source: 'record' });
  expect(answer.durations_seconds).toEqual({ uploaded_to_completed: 426.468 });
});

test('a file that was under way when the projection began is told from both', async () => {
  const answer = await timeline('under-way.ndjson');
  expect(answer.source).toBe('record and stream');
  expect(answer.timeline.map(({ event }) => event)).toEqual(['uploaded', 'failed']);
});

test('a manifest has a timeline too', async () => {
  const answer = await timeline('MANIFEST#batch-0001-20261123-052254.json');
  expect(answer.durations_seconds).toEqual({ uploaded_to_processing_started: 2 });
});

test('a file that nothing knows is a 404', async () => {
  expect(await timeline('nowhere.ndjson')).toMatchObject({
    statusCode: 404,
    error: { code: 'FILE_NOT_FOUND' },
  });
});
