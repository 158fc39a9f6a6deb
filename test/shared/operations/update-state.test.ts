import { beforeAll, beforeEach, expect, test } from 'vitest';
import { dynamoDbDocuments } from '../../../shared/aws/clients.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import {
  DATE,
  FIELD_FILES,
  faultyClient,
  putRaw,
  rawFile,
  scanRaw,
  UNTOUCHED,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

let aws: LocalAws;
const sharded = FIELD_FILES[1] ?? {};
const key = { date_prefix: DATE, file_key: 'sharded+name.ndjson' };

beforeAll(async () => {
  aws = await localAws();
});

beforeEach(() => putRaw(aws, [sharded, UNTOUCHED]));

const update = (input: object, context = operationDeps(aws)) =>
  ask(context, { operation: 'update_state', ...key, ...input });
const records = async () => {
  const { [key.file_key]: record, [UNTOUCHED.file_key?.S ?? '']: untouched } = await scanRaw(aws);
  expect(untouched).toEqual(UNTOUCHED);
  return record;
};

test('a version is expected as get_file_state gives it, and another one is left as it is', async () => {
  const look = { operation: 'get_file_state', ...key };
  const { version: expected_version } = await ask(operationDeps(aws), look);
  const wish = { new_status: 'failed', expected_version };
  const uploadedAgain = { ...sharded, created_at: { S: '2026-11-23T05:00:00Z' } };
  await putRaw(aws, [uploadedAgain]);
  expect(await update(wish)).toMatchObject({ statusCode: 409, error: { code: 'VERSION_CONFLICT' } });
  const batch = { operation: 'batch_update', files: [{ ...key, ...wish }] };
  expect(await ask(operationDeps(aws), batch)).toMatchObject({
    failed: 1,
    errors: [{ error: expect.stringContaining('does not have the expected version') }],
  });
  expect(await records()).toEqual(uploadedAgain);
  await putRaw(aws, [sharded]);
  expect(await update(wish)).toMatchObject({ message: expect.stringContaining('Changed') });
});

test('the status is set in its shard, with its time and the fields given', async () => {
  const additional_fields = { output_path: 's3://out/x.parquet' };
  const answer = await update({ new_status: 'completed', additional_fields, reason: 'converted by hand' });
  expect(answer).toEqual({
    message: 'Changed sharded+name.ndjson from processing to completed.',
    updated_item: {
      ...key,
      status: 'completed',
      shard_id: 3,
      file_size_mb: 0.005183219909667969,
      created_at: '2026-11-23T01:00:00.532494+00:00',
      updated_at: '2026-11-23T06:00:00.000Z',
      completed_time: '2026-11-23T06:00:00.000Z',
      manifest_path: null,
      ttl: 1_798_003_373,
      output_path: 's3://out/x.parquet',
      state_change_id: answer.change_id,
      state_change_actor: 'arn:aws:sts::123456789012:assumed-role/Ops/alice',
      state_change_reason: 'converted by hand',
      state_change_time: '2026-11-23T06:00:00.000Z',
    },
    change_id: expect.stringMatching(/^20261123T060000000Z-/),
  });
  expect(await records()).toMatchObject({ status: { S: 'completed#3' } });
});

test('a dry run shows the record as it would be, and writes nothing', async () => {
  const answer = await update({ new_status: 'pending', force: true, dry_run: true });
  expect(answer).toMatchObject({
    dry_run: true,
    message: 'Would change sharded+name.ndjson from processing to pending.',
    updated_item: { ...key, status: 'pending', reset_count: 1, ttl: 1_798_003_373 },
  });
  expect(answer).not.toHaveProperty('change_id');
  expect(answer.updated_item).not.toHaveProperty('state_change_id');
  expect(await records()).toEqual(sharded);
});

test('a file that already has the status is left alone', async () => {
  const answer = await update({ new_status: 'processing' });
  expect(answer.message).toBe('sharded+name.ndjson is already processing: nothing was changed.');
  expect(answer.updated_item).toMatchObject({ status: 'processing' });
  expect(await records()).toEqual(sharded);
});

test('an unknown file is a 404, and is not created', async () => {
  const answer = await update({ file_key: 'unknown.ndjson', new_status: 'failed' });
  expect(answer).toMatchObject({ statusCode: 404, error: { code: 'FILE_NOT_FOUND' } });
  expect(await scanRaw(aws)).not.toHaveProperty(['unknown.ndjson']);
});

test('a transition that is not allowed needs force', async () => {
  await putRaw(aws, [{ ...sharded, status: { S: 'completed#3' } }]);
  expect(await update({ new_status: 'pending' })).toMatchObject({
    statusCode: 400,
    error: { code: 'FORCE_NEEDED', message: expect.stringContaining('allowed from "completed": none') },
  });
  const { change_id } = await update({ new_status: 'pending', force: true });
  expect(await records()).toMatchObject({ status: { S: 'pending#3' } });
  const { files } = await ask(operationDeps(aws), { operation: 'get_change', change_id });
  expect(files).toMatchObject([{ forced: true }]);
});

test('an expected status that is not met is a 409', async () => {
  expect(await update({ new_status: 'failed', expected_status: 'manifested' })).toMatchObject({
    statusCode: 409,
    error: { code: 'STATUS_CONFLICT', message: expect.stringContaining('is "processing"') },
  });
  expect(await records()).toEqual(sharded);
  expect(await update({ new_status: 'failed', expected_status: 'processing' })).toHaveProperty('change_id');
});

test('a file that is written meanwhile stays as it is, and that is a 409', async () => {
  const completed = { ...sharded, status: { S: 'completed#3' } };
  const context = { ...operationDeps(aws), sleep: () => putRaw(aws, [completed]) };
  expect(await update({ new_status: 'failed' }, context)).toMatchObject({
    statusCode: 409,
    error: { message: expect.stringContaining('left as it is: completed') },
  });
  expect(await records()).toEqual(completed);
});

test('a write that fails is a fault that names the change', async () => {
  const client = await faultyClient(aws, (_write, table) =>
    table === aws.trackingTable ? { error: new Error('access denied') } : undefined,
  );
  const tracking = trackingTable(dynamoDbDocuments(client), aws.trackingTable, FIELD_PROFILE);
  const context = { ...operationDeps(aws), tracking };
  await expect(update({ new_status: 'failed' }, context)).rejects.toThrow(
    /^The change 20261123T060000000Z-\w+ of sharded\+name.ndjson did not finish: Error: access denied/,
  );
});

test('a meta record is not changed', async () => {
  const file_key = 'MANIFEST#batch-0001.json';
  await putRaw(aws, [rawFile(file_key, { status: { S: 'failed' } })]);
  expect(await update({ file_key, new_status: 'pending', force: true })).toMatchObject({
    statusCode: 400,
    error: { code: 'NOT_A_FILE' },
  });
});

test.each([
  [{ new_status: 'archived' }, '"new_status": received "archived", allowed: pending, manifested'],
  [{ new_status: 'pending#3' }, '"new_status": received "pending#3", allowed: a status'],
  [{}, '"new_status": received nothing'],
  [{ new_status: 'failed', additional_fields: { status: 'x' } }, '"status" is protected'],
  [{ new_status: 'failed', additional_fields: { state_change_id: 'x' } }, '"state_change_id" is protected'],
  [{ new_status: 'failed', additional_fields: 'x' }, '"additional_fields": received "x"'],
  [{ new_status: 'failed', date_prefix: '2026-2-30' }, '"date_prefix": received "2026-2-30"'],
  [{ new_status: 'failed', force: 'yes' }, '"force": received "yes"'],
  [{ new_status: 'failed', reason: '  ' }, '"reason"'],
  [{ new_status: 'failed', status: 'x' }, 'Unknown field(s): status'],
])('%j is refused with nothing written', async (input, named) => {
  expect(await update(input)).toMatchObject({
    statusCode: 400,
    error: { code: 'INVALID_INPUT', message: expect.stringContaining(named) },
  });
  expect(await records()).toEqual(sharded);
});
