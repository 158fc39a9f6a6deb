import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { replaceHead } from '../../../shared/projection/head-writes.ts';
import { DATE, putInputs, putRaw, rawFile, scanRaw } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

let aws: LocalAws;

const stuck = (name: string, status: string, since: string | undefined) =>
  rawFile(name, {
    status: { S: status },
    ...(since && { processing_start_time: { S: since }, updated_at: { S: since } }),
    manifest_path: { S: 's3://manifests/batch-0001.json' },
  });
// What proves that nothing converts them any more.
const ENDED = rawFile('MANIFEST#batch-0001.json', {
  status: { S: 'failed' },
  failed_time: { S: '2026-11-23T01:30:00Z' },
});
const records = [
  stuck('old.ndjson', 'processing#3', '2026-11-23T01:00:00.532494+00:00'),
  stuck('timeless.ndjson', 'processing', undefined),
  stuck('unreadable.ndjson', 'processing#2', 'yesterday'),
  stuck('future.ndjson', 'processing', '2026-12-23T01:00:00Z'),
  stuck('new.ndjson', 'processing#3', '2026-11-23T05:00:00Z'),
  stuck('claimed.ndjson', 'manifested#1', '2026-11-23T01:00:00Z'),
  stuck('done.ndjson', 'completed#1', '2026-11-23T01:00:00Z'),
  ENDED,
];

beforeAll(async () => {
  aws = await localAws();
  await putInputs(aws, ['old.ndjson', 'timeless.ndjson', 'new.ndjson', 'claimed.ndjson', 'done.ndjson']);
});

beforeEach(() => putRaw(aws, records));

const reset = (input: object = {}, context = operationDeps(aws)) =>
  ask(context, { operation: 'reset_stuck_files', ...input });
const original = () => Object.fromEntries(records.map((record) => [record.file_key?.S, record]));
const old = { date_prefix: DATE, file_key: 'old.ndjson', status: 'processing', hours_stuck: 5 };
const undated = ['future.ndjson', 'timeless.ndjson', 'unreadable.ndjson'];
const PICKUP = {
  dates: [
    { date_prefix: DATE, files: 1, waits_for: "today's files wait until 10 are pending: there is 1 now" },
  ],
  hint: expect.stringContaining('wake-builder.ts'),
};
const byKey = (files: unknown) =>
  [...(files as { file_key: string }[])].sort((a, b) => a.file_key.localeCompare(b.file_key));

test('unless told otherwise, it lists what is stuck in processing for two hours and writes nothing', async () => {
  const answer = await reset();
  expect({ ...answer, stuck_files: byKey(answer.stuck_files) }).toEqual({
    dry_run: true,
    stuck_files_found: 1,
    files_reset: 0,
    skipped: [],
    age_unknown: { message: expect.any(String), count: 3, files: expect.any(Array) },
    stuck_files: [old],
    left_out: [],
    pickup: PICKUP,
  });
  expect(await scanRaw(aws)).toEqual(original());
});

test('a file whose age is unknown is left out and named', async () => {
  const { age_unknown } = (await reset()) as { age_unknown?: { message: string; files: unknown } };
  expect(age_unknown?.message).toMatch(
    /^The age of 3 records is unknown, for example \w+\.ndjson of 2026-11-23: none of their times can be read, .* They are left out\.$/,
  );
  expect(byKey(age_unknown?.files)).toEqual(
    undated.map((file_key) => ({ date_prefix: DATE, file_key, status: 'processing' })),
  );
});

test('stuck files go back to pending in their shard, and no other file is touched', async () => {
  const answer = await reset({ dry_run: false, reason: 'the job died' });
  expect({ ...answer, stuck_files: byKey(answer.stuck_files) }).toEqual({
    dry_run: false,
    stuck_files_found: 1,
    files_reset: 1,
    skipped: [],
    age_unknown: expect.objectContaining({ count: 3 }),
    stuck_files: [{ ...old, result: 'reset' }],
    left_out: [],
    pickup: PICKUP,
    change_id: expect.stringMatching(/^20261123T060000000Z-[0-9a-f]{8}$/),
    state: 'done',
  });
  const { 'old.ndjson': record, ...others } = await scanRaw(aws);
  expect(record).toMatchObject({
    status: { S: 'pending#3' },
    manifest_path: { NULL: true },
    reset_count: { N: '1' },
    state_change_reason: { S: 'the job died' },
    state_change_id: { S: answer.change_id },
  });
  const { 'old.ndjson': _old, ...untouched } = original();
  expect(others).toEqual(untouched);
});

test('files stuck in manifested are listed when that is asked for, by their own limit unless another is given', async () => {
  expect((await reset({ status: 'manifested' })).stuck_files).toEqual([]);
  const manifested = await reset({ status: 'manifested', max_processing_hours: 4 });
  expect(manifested.stuck_files).toMatchObject([{ file_key: 'claimed.ndjson', status: 'manifested' }]);
  const both = await reset({ status: ['processing', 'manifested', 'processing'], max_processing_hours: 0.5 });
  expect(both.stuck_files_found).toBe(3);
});

test('a file that moves after it was found is skipped, with what it had become', async () => {
  const context = operationDeps(aws);
  const completed = { ...records[0], status: { S: 'completed#3' } };
  // The first wait comes after the files were found, and before any is looked at again.
  const sleep = () => putRaw(aws, [completed]);
  const answer = await reset({ dry_run: false }, { ...context, sleep });
  const skipped = { ...old, result: 'skipped', became: { status: 'completed' } };
  expect(answer).toMatchObject({ stuck_files_found: 1, files_reset: 0, skipped: [skipped], state: 'done' });
  expect((await scanRaw(aws))['old.ndjson']).toEqual(completed);
});

test('more files than allowed are refused with nothing written, and listed as far as asked', async () => {
  const hours = { status: ['processing', 'manifested'], max_processing_hours: 2 };
  expect(await reset({ ...hours, dry_run: false, max_changes: 1 })).toMatchObject({
    statusCode: 400,
    error: { code: 'TOO_MANY_CHANGES', message: expect.stringContaining('2 files are stuck') },
  });
  const answer = await reset({ ...hours, max_changes: 1, limit: 1 });
  expect(answer).toMatchObject({ stuck_files_found: 2, truncated: true });
  expect(answer.stuck_files).toHaveLength(1);
  expect(await scanRaw(aws)).toEqual(original());
});

test('if nothing is stuck, there is no change', async () => {
  const answer = await reset({ dry_run: false, max_processing_hours: 2, status: 'manifested' });
  expect(answer.files_reset).toBe(1);
  const again = await reset({ dry_run: false, status: 'manifested' });
  expect(again).toEqual({
    dry_run: false,
    stuck_files_found: 0,
    files_reset: 0,
    skipped: [],
    stuck_files: [],
    left_out: [],
  });
});

test.each([
  [{ max_processing_hours: -1 }, '"max_processing_hours"'],
  [{ max_processing_hours: '2' }, '"max_processing_hours"'],
  [{ status: 'completed' }, '"status"'],
  [{ status: [] }, '"status"'],
  [{ max_changes: 1_001 }, '"max_changes"'],
  [{ dry_run: 'no' }, '"dry_run"'],
  [{ hours: 2 }, 'Unknown field(s): hours'],
])('%j is refused', async (input, named) => {
  expect(await reset(input)).toMatchObject({
    statusCode: 400,
    error: { code: 'INVALID_INPUT', message: expect.stringContaining(named) },
  });
});

test("a file without a time of its own is as old as its head says, while that has the file's status", async () => {
  const fresh = await localAws();
  const seen = ['by-head.ndjson', 'just-seen.ndjson', 'moved-on.ndjson'];
  const files = [...seen, 'headless.ndjson'].map((name) => stuck(name, 'processing', 'yesterday'));
  await putRaw(fresh, [...files, ENDED]);
  await putInputs(fresh, [...seen, 'headless.ndjson']);
  const head = { entity: 'file', position: 'p', events: [], pages: 0, revision: 1 } as const;
  const heads = [
    { file_key: 'by-head.ndjson', status: 'processing', since: '2026-11-23T01:00:00.000Z' },
    { file_key: 'just-seen.ndjson', status: 'processing', since: '2026-11-23T05:59:00.000Z' },
    { file_key: 'moved-on.ndjson', status: 'manifested', since: '2026-11-23T01:00:00.000Z' },
  ].map((own) => ({ ...head, date_prefix: DATE, ...own }));
  for (const own of heads) {
    const TransactItems = replaceHead(fresh.projectionTable, own, undefined);
    await fresh.documents.send(new TransactWriteCommand({ TransactItems }));
  }
  const answer = await reset({ dry_run: false }, operationDeps(fresh));
  expect(answer).toMatchObject({ stuck_files_found: 1, files_reset: 1, age_unknown: { count: 2 } });
  const { 'by-head.ndjson': changed, 'MANIFEST#batch-0001.json': _ended, ...others } = await scanRaw(fresh);
  expect(changed).toMatchObject({ status: { S: 'pending' } });
  expect(Object.values(others).map(({ status }) => status)).toEqual(Array(3).fill({ S: 'processing' }));
});

test('when time is up it reports what was found, and continues from there', async () => {
  const stuckFor = { status: ['processing', 'manifested'], max_processing_hours: 2 };
  // The time of each call is up after one file, whether that one is stuck or not.
  const cutOff = { ...operationDeps(aws), signal: AbortSignal.abort() };
  let first = await reset({ ...stuckFor, limit: 10 }, cutOff);
  for (let calls = 1; first.stuck_files_found === 0 && calls < 10; calls++) {
    expect(first.next_token).toBeDefined();
    first = await reset({ ...stuckFor, limit: 10, next_token: first.next_token }, cutOff);
  }
  expect(first).toMatchObject({ stuck_files_found: 1, stuck_files: [old] });
  const { next_token } = first;
  expect(next_token).toBeDefined();
  const rest = await reset({ ...stuckFor, next_token });
  expect(rest.next_token).toBeUndefined();
  expect(rest.stuck_files).toEqual([expect.objectContaining({ file_key: 'claimed.ndjson' })]);
  expect(await scanRaw(aws)).toEqual(original());
});
