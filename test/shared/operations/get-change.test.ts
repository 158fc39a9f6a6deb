import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { DATE, FIELD_FILES, putInputs, putRaw, rawFile } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

let aws: LocalAws;
let change_id: unknown;

beforeAll(async () => {
  aws = await localAws();
  await putRaw(aws, FIELD_FILES);
  const files = FIELD_FILES.map((record) => ({
    date_prefix: DATE,
    file_key: record.file_key?.S,
    new_status: 'pending',
    force: true,
    additional_fields: { note: 'reset' },
  }));
  ({ change_id } = await send('batch_update', { files, reason: 'the outage of Monday' }));
});

const send = (operation: string, input: object) => ask(operationDeps(aws), { operation, ...input });

test('a change says who made it, when and why, and lists its files with what they were', async () => {
  const { change, files, count, next_token } = await send('get_change', { change_id });
  expect(change).toMatchObject({
    change_id,
    state: 'done',
    actor: { identity: 'arn:aws:sts::123456789012:assumed-role/Ops/alice', source: 'sts' },
    reason: 'the outage of Monday',
    origin: 'batch_update',
    created_at: '2026-11-23T06:00:00.000Z',
    files: 4,
    counts: { applied: 4, skipped: 0, failed: 0 },
  });
  expect({ count, next_token }).toEqual({ count: 4, next_token: undefined });
  expect(files.find(({ file_key }) => file_key === 'never-updated.ndjson')).toMatchObject({
    date_prefix: DATE,
    result: 'applied',
    before: {
      status: 'processing',
      note: { list: ['12345678901234567890123456789012345678', false] },
      reset_count: '99999999999999999999',
    },
    after: { status: 'pending', note: 'reset', updated_at: '2026-11-23T06:00:00.000Z' },
  });
});

test('its files are listed page by page without gap or repeat', async () => {
  const listed: string[] = [];
  let next_token: string | undefined;
  do {
    const answer = await send('get_change', { change_id, limit: 3, next_token });
    listed.push(...answer.files.map(({ file_key }) => file_key));
    next_token = answer.next_token;
  } while (next_token);
  expect(listed).toEqual(FIELD_FILES.map((record) => record.file_key?.S).sort());
});

test('an id that no change has is a 404, and a token of another change is refused', async () => {
  expect(await send('get_change', { change_id: '20261123T060000000Z-unknown' })).toMatchObject({
    statusCode: 404,
    error: { code: 'CHANGE_NOT_FOUND', message: 'There is no change 20261123T060000000Z-unknown.' },
  });
  expect(await send('get_change', { change_id, next_token: 'bm8.no' })).toMatchObject({
    statusCode: 400,
    error: { code: 'INVALID_NEXT_TOKEN' },
  });
});

test('an id of another form is refused as it stands', async () => {
  expect(await send('get_change', { change_id: 'CHANGES' })).toMatchObject({
    statusCode: 400,
    error: {
      code: 'INVALID_INPUT',
      message: expect.stringContaining('such as 20261123T052253532Z-1a2b3c4d'),
    },
  });
});

test('a file that was left out had not become anything, unlike one whose record is gone', async () => {
  const fresh = await localAws();
  const names = ['gone.ndjson', 'no-input.ndjson'];
  const attributes = { status: { S: 'failed#1' }, created_at: { S: '2026-11-23T01:00:00Z' } };
  const failed = names.map((name) => rawFile(name, attributes));
  await putRaw(fresh, failed);
  await putInputs(fresh, names);
  const sendTo = (request: object) => ask(operationDeps(fresh), request);
  const plan = await sendTo({ operation: 'plan_change', status: 'failed', new_status: 'pending' });
  const { plan_id, digest } = plan as { readonly plan_id?: string; readonly digest?: string };
  const Key = { date_prefix: DATE, file_key: 'gone.ndjson' };
  await fresh.documents.send(new DeleteCommand({ TableName: fresh.trackingTable, Key }));
  const input = { Bucket: fresh.buckets.input, Key: `pipeline/input/${DATE}/no-input.ndjson` };
  await fresh.s3.send(new DeleteObjectCommand(input));
  await sendTo({ operation: 'apply_plan', plan_id, digest, reason: 'x' });
  const { files } = await sendTo({ operation: 'get_change', change_id: plan_id });
  expect(files).toMatchObject([
    { file_key: 'gone.ndjson', result: 'skipped', became: null },
    { file_key: 'no-input.ndjson', result: 'skipped', code: 'INPUT_GONE', left_out: expect.any(String) },
  ]);
  expect(files[1]).not.toHaveProperty('became');
});
