import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { applyPlan, resumeChange } from '../../../shared/changes/apply.ts';
import type { ChangeFile } from '../../../shared/changes/change.ts';
import { readChange } from '../../../shared/changes/change-table.ts';
import type { ChangeDeps, Progress } from '../../../shared/changes/context.ts';
import { makePlan, readPlanTarget } from '../../../shared/changes/plan.ts';
import {
  auditOf,
  changeContext,
  changeRequest,
  DATE,
  FIELD_FILES,
  faultyClient,
  planOf,
  planReset,
  putRaw,
  rawFile,
  scanRaw,
  UNTOUCHED,
} from '../../support/changes.ts';
import { named } from '../../support/faults.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;
let context: ChangeDeps;
const allowed = { maxChanges: 10 };

beforeAll(async () => {
  aws = await localAws();
  context = changeContext(aws);
});

beforeEach(() => putRaw(aws, [...FIELD_FILES, UNTOUCHED]));

const at = '2026-11-23T06:00:00.000Z';
const marks = (id: string) => ({
  state_change_id: { S: id },
  state_change_actor: { S: 'arn:aws:sts::123456789012:assumed-role/Ops/alice' },
  state_change_reason: { S: 'stuck since the outage' },
  state_change_time: { S: at },
});
const file = (file_key: string) => ({ date_prefix: DATE, file_key });

test('a reset puts files back to pending as the pipeline does, each in its shard, and touches no other', async () => {
  const change = await applyPlan(context, await planReset(context), changeRequest('reset'), allowed);
  expect(change).toMatchObject({ state: 'done', files: 4, counts: { applied: 4, skipped: 0, failed: 0 } });
  const now = await scanRaw(aws);
  const [plain, sharded, never, none] = FIELD_FILES;
  const reset = { updated_at: { S: at }, ...marks('reset') };
  expect(now['plain.ndjson']).toEqual({
    ...plain,
    ...reset,
    status: { S: 'pending' },
    manifest_path: { NULL: true },
    reset_count: { N: '3' },
  });
  expect(now['sharded+name.ndjson']).toEqual({
    ...sharded,
    ...reset,
    status: { S: 'pending#3' },
    reset_count: { N: '1' },
  });
  expect(now['never-updated.ndjson']).toEqual({
    ...never,
    ...reset,
    status: { S: 'pending#12' },
    reset_count: { N: '100000000000000000000' },
  });
  expect(now['no-times.ndjson']).toEqual({
    ...none,
    ...reset,
    status: { S: 'pending#0' },
    reset_count: { N: '1' },
  });
  expect(now['untouched.ndjson']).toEqual(UNTOUCHED);
});

test.each([
  ['completed', 'completed_time'],
  ['failed', 'failed_time'],
  ['quarantined', 'quarantined_time'],
])('a file that becomes %s gets its %s, and is not reset', async (new_status, attribute) => {
  const plan = await planOf(context, [{ ...file('sharded+name.ndjson'), new_status }]);
  await applyPlan(context, plan, changeRequest(`to-${new_status}`), allowed);
  const { 'sharded+name.ndjson': record } = await scanRaw(aws);
  expect(record).toEqual({
    ...FIELD_FILES[1],
    ...marks(`to-${new_status}`),
    status: { S: `${new_status}#3` },
    updated_at: { S: at },
    [attribute]: { S: at },
  });
});

test('additional fields are set as given, in place of what the change would set itself', async () => {
  const additional_fields = {
    completed_time: '2026-11-23T05:00:00Z',
    parts: [{ rows: 7 }, null],
    output: '',
  };
  const plan = await planOf(context, [
    { ...file('plain.ndjson'), new_status: 'completed', additional_fields },
    { ...file('no-times.ndjson'), new_status: 'processing', additional_fields: { note: 'seen' } },
  ]);
  await applyPlan(context, plan, changeRequest('fields'), allowed);
  const now = await scanRaw(aws);
  expect(now['plain.ndjson']).toMatchObject({
    completed_time: { S: '2026-11-23T05:00:00Z' },
    parts: { L: [{ M: { rows: { N: '7' } } }, { NULL: true }] },
    output: { S: '' },
  });
  expect(now['no-times.ndjson']).toEqual({
    ...FIELD_FILES[3],
    ...marks('fields'),
    updated_at: { S: at },
    note: { S: 'seen' },
  });
});

test('the audit names actor, reason and every file, with what it was and what it became', async () => {
  const plan = await planReset(context);
  await applyPlan(context, plan, changeRequest('audited'), allowed);
  expect(await readChange(context.projection, 'audited')).toEqual({
    ...changeRequest('audited'),
    state: 'done',
    origin: 'test',
    createdAt: at,
    table: aws.trackingTable,
    files: 4,
    digest: plan.digest,
    counts: { applied: 4, skipped: 0, failed: 0 },
  });
  const { 'plain.ndjson': audited } = await auditOf(context, 'audited');
  expect(audited).toEqual({
    key: file('plain.ndjson'),
    why: expect.stringMatching(/^requested by name; forced, although its input object is gone/),
    forced: true,
    before: {
      status: { S: 'processing' },
      updated_at: { S: '2026-11-23T01:10:00.000Z' },
      manifest_path: { S: 's3://manifests/batch-0001.json' },
      reset_count: { N: '2' },
    },
    after: {
      ...marks('audited'),
      status: { S: 'pending' },
      updated_at: { S: at },
      manifest_path: { NULL: true },
      reset_count: { N: '3' },
    },
    guard: {
      created_at: { S: '2026-11-23T01:00:00Z' },
      processing_start_time: { S: '2026-11-23T01:10:00Z' },
    },
    timed: ['updated_at', 'state_change_time'],
    result: { kind: 'applied', at },
  });
});

test('a file that moved after it was planned is skipped, and listed with what it had become', async () => {
  await putRaw(aws, [rawFile('gone.ndjson', { status: { S: 'processing' } })]);
  const names = ['plain.ndjson', 'sharded+name.ndjson', 'no-times.ndjson', 'gone.ndjson'];
  const plan = await planOf(
    context,
    names.map((name) => ({ ...file(name), new_status: 'pending' })),
  );
  await putRaw(aws, [
    { ...FIELD_FILES[0], status: { S: 'completed' }, updated_at: { S: '2026-11-23T05:59:00Z' } },
    { ...FIELD_FILES[1], updated_at: { S: '2026-11-23T05:59:30Z' } },
  ]);
  const Key = { date_prefix: { S: DATE }, file_key: { S: 'gone.ndjson' } };
  await aws.dynamoDb.send(new DeleteItemCommand({ TableName: aws.trackingTable, Key }));
  const before = await scanRaw(aws);

  const listed: ChangeFile[] = [];
  const onFile = (changed: ChangeFile) => void listed.push(changed);
  const change = await applyPlan(context, plan, changeRequest('moved'), { ...allowed, onFile });

  expect(change).toMatchObject({ state: 'done', counts: { applied: 1, skipped: 3, failed: 0 } });
  const audit = await auditOf(context, 'moved');
  expect(Object.fromEntries(listed.map(({ key, result }) => [key.file_key, result]))).toEqual({
    'plain.ndjson': {
      kind: 'skipped',
      became: { status: 'completed', updated_at: '2026-11-23T05:59:00Z' },
      differs: ['status', 'updated_at'],
      changes: [
        'status: "processing" → "completed"',
        'updated_at: "2026-11-23T01:10:00.000Z" → "2026-11-23T05:59:00Z"',
      ],
    },
    'sharded+name.ndjson': {
      kind: 'skipped',
      became: { status: 'processing', updated_at: '2026-11-23T05:59:30Z' },
      differs: ['updated_at'],
      changes: ['updated_at: "2026-11-23T01:10:00.532494+00:00" → "2026-11-23T05:59:30Z"'],
    },
    'gone.ndjson': { kind: 'skipped', differs: [] },
    'no-times.ndjson': { kind: 'applied', at },
  });
  expect(Object.keys(audit).sort()).toEqual([...names].sort());
  const { 'no-times.ndjson': _changed, ...others } = await scanRaw(aws);
  const { 'no-times.ndjson': _before, ...unchanged } = before;
  expect(others).toEqual(unchanged);
});

test('a file that moves after it was prepared is skipped as well', async () => {
  const plan = await planOf(context, [{ ...file('plain.ndjson'), new_status: 'pending' }]);
  const complete = () =>
    aws.documents.send(
      new UpdateCommand({
        TableName: aws.trackingTable,
        Key: file('plain.ndjson'),
        UpdateExpression: 'SET #s = :s, manifest_path = :m',
        ExpressionAttributeNames: { '#s': 'status' },
        ExpressionAttributeValues: { ':s': 'completed', ':m': 'another' },
      }),
    );
  let isPrepared = Promise.resolve<unknown>(undefined);
  const onProgress = ({ phase }: Progress) => {
    if (phase === 'preparing') isPrepared = complete();
  };
  const tracking = { ...context.tracking };
  const waiting = { ...context, tracking, sleep: () => isPrepared };
  await applyPlan(waiting, plan, changeRequest('late'), { ...allowed, onProgress, ratePerSecond: 1_000 });
  const { 'plain.ndjson': late } = await auditOf(context, 'late');
  expect(late?.result).toEqual({
    kind: 'skipped',
    became: { status: 'completed', updated_at: '2026-11-23T01:10:00.000Z' },
    differs: ['manifest_path', 'status'],
    changes: [
      'manifest_path: "s3://manifests/batch-0001.json" → "another"',
      'status: "processing" → "completed"',
    ],
  });
  expect((await scanRaw(aws))['plain.ndjson']?.status).toEqual({ S: 'completed' });
});

test('a change that is done is not repeated, and its id cannot be used for another plan', async () => {
  const plan = await planReset(context);
  await applyPlan(context, plan, changeRequest('once'), allowed);
  await putRaw(aws, FIELD_FILES);
  const again = await applyPlan(context, plan, changeRequest('once'), allowed);
  expect(again).toMatchObject({ state: 'done', counts: { applied: 4 } });
  expect((await scanRaw(aws))['plain.ndjson']).toEqual(FIELD_FILES[0]);
  const other = await planOf(context, [{ ...file('plain.ndjson'), new_status: 'failed' }]);
  await expect(applyPlan(context, other, changeRequest('once'), allowed)).rejects.toMatchObject({
    code: 'CHANGE_EXISTS',
  });
});

test('an empty plan, too large a plan and one for another table are refused with nothing written', async () => {
  const plan = await planReset(context);
  const tables = async () => [await scanRaw(aws), await scanRaw(aws, aws.projectionTable)];
  const before = await tables();
  const refused = (given: typeof plan, options = allowed) =>
    expect(applyPlan(context, given, changeRequest('refused'), options)).rejects;
  await refused(makePlan(plan.header, [])).toMatchObject({ code: 'EMPTY_SELECTION' });
  await refused(plan, { maxChanges: 3 }).toMatchObject({
    code: 'TOO_MANY_CHANGES',
    message: 'This would change 4 files; the limit is 3.',
  });
  await refused({ ...plan, header: { ...plan.header, table: 'tracking-prod' } }).toMatchObject({
    code: 'OTHER_TABLE',
  });
  expect(await tables()).toEqual(before);
});

test('a file listed twice is changed once, and refused when it is to become two things', async () => {
  const entries = [...((await planReset(context)).entries() as Iterable<never>)];
  const twice = makePlan((await planReset(context)).header, [...entries, ...entries]);
  const change = await applyPlan(context, twice, changeRequest('twice'), allowed);
  expect(change).toMatchObject({ state: 'done', files: 4, counts: { applied: 4 } });
  expect((await scanRaw(aws))['plain.ndjson']?.reset_count).toEqual({ N: '3' });

  await putRaw(aws, FIELD_FILES);
  const both = await planOf(
    context,
    ['failed', 'completed'].map((new_status) => ({ ...file('plain.ndjson'), new_status })),
  );
  await expect(applyPlan(context, both, changeRequest('both'), allowed)).rejects.toMatchObject({
    code: 'DUPLICATE_FILE',
  });
  expect((await scanRaw(aws))['plain.ndjson']).toEqual(FIELD_FILES[0]);
});

test('an abort finishes the work in progress, and the change can be resumed', async () => {
  const plan = await planReset(context);
  const abort = new AbortController();
  const onFile = () => abort.abort();
  const options = { ...allowed, concurrency: 1, signal: abort.signal, onFile };
  const stopped = await applyPlan(context, plan, changeRequest('aborted'), options);
  const { applied = 0 } = stopped.counts ?? {};
  expect(stopped).toMatchObject({ state: 'stopped', stopCause: 'interrupted', files: 4 });
  expect(applied).toBeGreaterThan(0);
  expect(applied).toBeLessThan(4);
  const bob = { ...changeRequest('aborted'), actor: { identity: 'bob', source: 'sts' } };
  const done = await applyPlan(context, plan, bob, allowed);
  expect(done).toMatchObject({ state: 'done', counts: { applied: 4 } });
  expect(done).toMatchObject({
    actor: changeRequest('x').actor,
    resumedBy: [{ identity: 'bob', source: 'sts', at }],
  });
  expect(done.stopCause).toBeUndefined();
  expect((await scanRaw(aws))['plain.ndjson']?.reset_count).toEqual({ N: '3' });
});

test('an abort before the audit is complete touches no file', async () => {
  const signal = AbortSignal.abort();
  const change = await applyPlan(context, await planReset(context), changeRequest('early'), {
    ...allowed,
    signal,
  });
  expect(change).toMatchObject({ state: 'preparing' });
  expect((await scanRaw(aws))['plain.ndjson']).toEqual(FIELD_FILES[0]);
});

test('a run ends after a number of errors, and what failed is tried again when the change is resumed', async () => {
  const plan = await planReset(context);
  const client = await faultyClient(aws, (_write, table) =>
    table === aws.trackingTable ? { error: named('AccessDeniedException') } : undefined,
  );
  const denied = changeContext(aws, context.now, client);
  const options = { ...allowed, concurrency: 1, maxErrors: 2 };
  const stopped = await applyPlan(denied, plan, changeRequest('denied'), options);
  expect(stopped).toMatchObject({ state: 'stopped', stopCause: 'errors', counts: { applied: 0 } });
  expect(stopped.counts?.failed).toBeLessThan(4);
  const [failed] = Object.values(await auditOf(context, 'denied'));
  expect(failed?.result).toMatchObject({ kind: 'failed', error: expect.stringContaining('AccessDenied') });
  const done = await applyPlan(context, plan, changeRequest('denied'), allowed);
  expect(done).toMatchObject({ state: 'done', counts: { applied: 4, failed: 0 } });
});

test('throttled writes are repeated after waits that grow', async () => {
  const waits: number[] = [];
  const client = await faultyClient(aws, (write, table) =>
    table === aws.trackingTable && write % 3 !== 0
      ? { error: named('ProvisionedThroughputExceededException') }
      : undefined,
  );
  const sleep = async (millis: number) => void waits.push(millis);
  const throttled = { ...changeContext(aws, context.now, client), sleep };
  const change = await applyPlan(throttled, await planReset(context), changeRequest('slow'), allowed);
  expect(change).toMatchObject({ state: 'done', counts: { applied: 4 } });
  expect(waits).toContain(100);
  expect(waits).toContain(200);
});

test('no more files are begun than the rate allows, nor more at once than the concurrency', async () => {
  const waits: number[] = [];
  const sleep = async (millis: number) => void waits.push(millis);
  const paced = { ...context, sleep };
  await applyPlan(paced, await planReset(context), changeRequest('paced'), { ...allowed, ratePerSecond: 50 });
  expect(waits).toEqual(Array(8).fill(20));
});

test.each([
  ['as it began', { ratePerSecond: 50, usualRate: 10 }, { usualRate: 10 }, 20],
  ['at the usual rate, which it began with', { usualRate: 50 }, { usualRate: 10 }, 20],
  ['at another rate that is asked for', { ratePerSecond: 50 }, { ratePerSecond: 100, usualRate: 10 }, 10],
  ['at the usual rate, if it did not say how it began', {}, { usualRate: 10 }, 100],
])('a change is resumed %s', async (name, begun, resumed, millis) => {
  const waits: number[] = [];
  const paced = { ...context, sleep: async (gap: number) => void waits.push(gap) };
  const id = `resumed ${name}`;
  const abort = new AbortController();
  const onFile = () => abort.abort();
  const options = { ...allowed, ...begun, concurrency: 1, signal: abort.signal, onFile };
  await applyPlan(context, await planReset(context), changeRequest(id), options);
  const change = await resumeChange(paced, id, changeRequest(id).actor, resumed);
  expect(change).toMatchObject({ state: 'done', counts: { applied: 4 } });
  expect(new Set(waits)).toEqual(new Set([millis]));
  const { ratePerSecond = change.rate } = resumed as { readonly ratePerSecond?: number };
  expect(change.rate).toBe(ratePerSecond);
});

test('entries are read no faster than they are processed, so that only a few are in memory', {
  tags: ['long'],
}, async () => {
  const names = Array.from({ length: 100 }, (_, i) => `many-${i}.ndjson`);
  await putRaw(
    aws,
    names.map((name) => rawFile(name, { status: { S: 'processing#1' } })),
  );
  const whole = await planOf(
    context,
    names.map((name) => ({ ...file(name), new_status: 'pending' })),
  );
  let ahead = 0;
  let most = 0;
  const entries = async function* () {
    for await (const entry of whole.entries()) {
      ahead += 1;
      most = Math.max(most, ahead);
      yield entry;
    }
  };
  const onProgress = ({ phase }: Progress) => {
    if (phase === 'preparing') ahead -= 1;
  };
  const options = { maxChanges: 100, concurrency: 4, onProgress };
  const change = await applyPlan(context, { ...whole, entries }, changeRequest('many'), options);
  expect(change).toMatchObject({ state: 'done', counts: { applied: 100 } });
  expect(most).toBeLessThanOrEqual(12);
});

test('a plan names the table that it is for by its ARN as well', async () => {
  expect(await readPlanTarget(context.tracking)).toEqual({
    table: aws.trackingTable,
    table_arn: expect.stringMatching(`^arn:aws:dynamodb:.*:table/${aws.trackingTable}$`),
  });
});

test('a reason that is too long for a record is not cut in the middle of a character', async () => {
  const plan = await planOf(context, [{ ...file('plain.ndjson'), new_status: 'failed' }]);
  const request = changeRequest('rocket', `${'x'.repeat(199)}\u{1f680} and more`);
  expect(await applyPlan(context, plan, request, allowed)).toMatchObject({ counts: { applied: 1 } });
  const now = await scanRaw(aws);
  expect(now['plain.ndjson']?.state_change_reason).toEqual({ S: 'x'.repeat(199) });
  expect(now['untouched.ndjson']).toEqual(UNTOUCHED);
});
