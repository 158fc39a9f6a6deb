import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, expect, test } from 'vitest';
import { applyPlan, resumeChange } from '../../../shared/changes/apply.ts';
import type { ChangeDeps } from '../../../shared/changes/context.ts';
import { makePlan, newPlanHeader, type Plan, type PlanEntry } from '../../../shared/changes/plan.ts';
import type { LeftOut } from '../../../shared/changes/plan-entry.ts';
import { selectFiles } from '../../../shared/changes/selection.ts';
import { USUAL_SUFFIXES_ONLY } from '../../../shared/pipeline/status-index.ts';
import {
  auditOf,
  changeContext,
  changeRequest,
  DATE,
  dyingClient,
  putInputs,
  putRaw,
  rawFile,
  scanRaw,
} from '../../support/changes.ts';
import { faultyS3, forbidden } from '../../support/faulty-s3.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { type Answer, ask, operationDeps } from '../../support/operations.ts';

const ARN = 'arn:aws:states:us-east-1:123456789012:execution:processor:run-1';
const OLD = { S: '2026-11-23T01:00:00Z' };
let aws: LocalAws;
let context: ChangeDeps;

beforeEach(async () => {
  aws = await localAws();
  context = changeContext(aws);
  const failed = (name: string) =>
    rawFile(name, { status: { S: 'failed#3' }, failed_time: OLD, updated_at: OLD });
  const claimed = (name: string, manifest: string) =>
    rawFile(name, {
      status: { S: 'manifested#1' },
      updated_at: OLD,
      manifest_path: { S: `s3://${aws.buckets.manifest}/manifests/${DATE}/${manifest}` },
    });
  await putRaw(aws, [
    failed('fine-1.ndjson'),
    failed('fine-2.ndjson'),
    failed('with+space.ndjson'),
    failed('gone.ndjson'),
    claimed('running.ndjson', 'running.json'),
    claimed('ended.ndjson', 'ended.json'),
    rawFile('MANIFEST#running.json', {
      status: { S: 'pending' },
      created_at: OLD,
      execution_arn: { S: ARN },
    }),
    rawFile('MANIFEST#ended.json', { status: { S: 'failed' }, failed_time: OLD, execution_arn: { S: ARN } }),
  ]);
  await putInputs(aws, [
    'fine-1.ndjson',
    'fine-2.ndjson',
    'with space.ndjson',
    'running.ndjson',
    'ended.ndjson',
  ]);
});

async function statuses(): Promise<Record<string, string | undefined>> {
  const records = Object.entries(await scanRaw(aws));
  return Object.fromEntries(
    records.filter(([key]) => !key.startsWith('MANIFEST')).map(([key, { status }]) => [key, status?.S]),
  );
}

async function planAll(
  deps = context,
  force = false,
): Promise<{ plan: Plan; leftOut: Record<string, string> }> {
  const leftOut: Record<string, string> = {};
  const onLeftOut = ({ key, obstacle }: LeftOut) => {
    leftOut[key.file_key] = obstacle.code;
  };
  const selection = { statuses: ['failed', 'manifested'], suffixes: USUAL_SUFFIXES_ONLY, onLeftOut };
  const entries: PlanEntry[] = [];
  for await (const { entry } of selectFiles(deps, selection, { new_status: 'pending', force }, deps.now)) {
    entries.push(entry);
  }
  return { plan: makePlan(newPlanHeader({ table: aws.trackingTable }, 'test', deps.now), entries), leftOut };
}

const options = { maxChanges: 10 };
const BEFORE = {
  'fine-1.ndjson': 'failed#3',
  'fine-2.ndjson': 'failed#3',
  'with+space.ndjson': 'failed#3',
  'gone.ndjson': 'failed#3',
  'running.ndjson': 'manifested#1',
  'ended.ndjson': 'manifested#1',
};
const AFTER = {
  ...BEFORE,
  'fine-1.ndjson': 'pending#3',
  'fine-2.ndjson': 'pending#3',
  'ended.ndjson': 'pending#1',
};
const LEFT_OUT = {
  'with+space.ndjson': 'NAME_UNREADABLE',
  'gone.ndjson': 'INPUT_GONE',
  'running.ndjson': 'STILL_RUNNING',
};

test('a selection resets files that can be retried, and leaves out those that would make a manifest fail or be converted twice', async () => {
  const { plan, leftOut } = await planAll();
  expect(leftOut).toEqual(LEFT_OUT);
  expect(await applyPlan(context, plan, changeRequest('mixed'), options)).toMatchObject({
    state: 'done',
    counts: { applied: 3, skipped: 0, failed: 0 },
  });
  expect(await statuses()).toEqual(AFTER);
});

test('with force all are included, and each entry is forced and names its obstacle', async () => {
  const { plan, leftOut } = await planAll(context, true);
  expect(leftOut).toEqual({});
  const entries = Object.fromEntries(
    [...(plan.entries() as PlanEntry[])].map((entry) => [entry.file_key, entry]),
  );
  expect(entries['fine-1.ndjson']).not.toHaveProperty('forced');
  expect(entries['gone.ndjson']).toMatchObject({
    forced: true,
    why: expect.stringContaining('forced, although its input object is gone'),
  });
  await applyPlan(context, plan, changeRequest('forced'), options);
  expect(Object.values(await statuses()).map((status) => status?.split('#')[0])).toEqual(
    Array(6).fill('pending'),
  );
});

test('a file whose input cannot be checked is left out, except with force', async () => {
  const s3 = await faultyS3(aws, (command, key) =>
    command === 'HeadObjectCommand' && key.endsWith('fine-2.ndjson') ? forbidden() : undefined,
  );
  const blind = { ...context, storage: { s3, buckets: aws.buckets } };
  const { plan, leftOut } = await planAll(blind);
  expect(leftOut).toEqual({ ...LEFT_OUT, 'fine-2.ndjson': 'INPUT_UNKNOWN' });
  expect(plan.files).toBe(2);
  expect((await planAll(blind, true)).plan.files).toBe(6);
});

test('a plan that was saved while its input was there resets nothing whose input has gone since', async () => {
  const { plan } = await planAll();
  const Key = `pipeline/input/${DATE}/fine-1.ndjson`;
  await aws.s3.send(new DeleteObjectCommand({ Bucket: aws.buckets.input, Key }));
  const change = await applyPlan(context, plan, changeRequest('late'), options);
  expect(change).toMatchObject({ state: 'done', counts: { applied: 2, skipped: 1, failed: 0 } });
  expect(await statuses()).toEqual({ ...AFTER, 'fine-1.ndjson': 'failed#3' });
  expect((await auditOf(context, 'late'))['fine-1.ndjson']?.result).toMatchObject({
    kind: 'skipped',
    leftOut: { code: 'INPUT_GONE' },
  });
});

test('a change that is resumed checks once more, too', async () => {
  const { plan } = await planAll();
  // Its item and the audit of three files, then the step to applying: no file is written.
  const { client } = await dyingClient(aws, 6, false);
  await applyPlan(changeContext(aws, undefined, client), plan, changeRequest('cut'), {
    ...options,
    concurrency: 1,
  }).catch(() => undefined);
  expect(await statuses()).toEqual(BEFORE);
  const Key = `pipeline/input/${DATE}/fine-2.ndjson`;
  await aws.s3.send(new DeleteObjectCommand({ Bucket: aws.buckets.input, Key }));
  const { actor } = changeRequest('cut');
  expect(await resumeChange(context, 'cut', actor, {})).toMatchObject({ counts: { applied: 2, skipped: 1 } });
  expect(await statuses()).toEqual({ ...AFTER, 'fine-2.ndjson': 'failed#3' });
});

const send = (request: object): Promise<Answer> => ask(operationDeps(aws), request);
const named = (answer: Answer) =>
  answer.left_out as { file_key: string; code: string; commands?: string[] }[];
const codes = (answer: Answer) =>
  Object.fromEntries(named(answer).map(({ file_key, code }) => [file_key, code]));

test('reset_stuck_files resets what has ended, and lists the others with the commands that stop them', async () => {
  const request = { operation: 'reset_stuck_files', status: 'manifested', max_processing_hours: 2 };
  const dry = await send(request);
  expect(dry).toMatchObject({ stuck_files_found: 2, stuck_files: [{ file_key: 'ended.ndjson' }] });
  expect(named(dry)).toMatchObject([
    {
      file_key: 'running.ndjson',
      code: 'STILL_RUNNING',
      execution_arn: ARN,
      commands: [
        expect.stringContaining(`describe-execution --execution-arn ${ARN}`),
        expect.stringContaining('stop-'),
      ],
    },
  ]);
  const answer = await send({ ...request, dry_run: false });
  expect(answer).toMatchObject({ files_reset: 1, pickup: { dates: [{ date_prefix: DATE, files: 1 }] } });
  expect(codes(answer)).toEqual({ 'running.ndjson': 'STILL_RUNNING' });
  expect(await statuses()).toEqual({ ...BEFORE, 'ended.ndjson': 'pending#1' });
  expect(await send({ ...request, dry_run: false, force: true })).toMatchObject({
    files_reset: 1,
    left_out: [],
  });
  expect((await statuses())['running.ndjson']).toBe('pending#1');
});

test('batch_update leaves them out with code and sentence, and changes the others', async () => {
  const files = Object.keys(BEFORE).map((file_key) => ({
    date_prefix: DATE,
    file_key,
    new_status: 'pending',
  }));
  const answer = await send({ operation: 'batch_update', files });
  expect(answer).toMatchObject({ total: 6, successful: 3, failed: 0, errors: [] });
  expect(codes(answer)).toEqual(LEFT_OUT);
  expect(await statuses()).toEqual(AFTER);
});

test.each(Object.entries(LEFT_OUT))(
  'update_state refuses %s with %s, and takes it with force',
  async (file_key, code) => {
    const request = { operation: 'update_state', date_prefix: DATE, file_key, new_status: 'pending' };
    const { statusCode, error } = await send(request);
    expect({ statusCode, code: error.code }).toEqual({ statusCode: 409, code });
    expect(error.hint).toContain('force');
    expect(await statuses()).toEqual(BEFORE);
    expect(await send({ ...request, force: true })).toMatchObject({ change_id: expect.any(String) });
    expect(await statuses()).toEqual({ ...BEFORE, [file_key]: expect.stringMatching(/^pending/) });
  },
);

test('any other transition of such a file is allowed', async () => {
  const request = { operation: 'update_state', date_prefix: DATE, file_key: 'gone.ndjson' };
  expect(await send({ ...request, new_status: 'quarantined' })).toMatchObject({
    change_id: expect.any(String),
  });
});
