import { beforeAll, beforeEach, expect, test } from 'vitest';
import { formed } from '../../../shared/operations/answer-form.ts';
import { DATE, FIELD_FILES, putRaw, rawFile, scanRaw, UNTOUCHED } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

let aws: LocalAws;
const completed = rawFile('completed.ndjson', { status: { S: 'completed#1' } });
const records = [...FIELD_FILES, completed, UNTOUCHED];

beforeAll(async () => {
  aws = await localAws();
});

beforeEach(() => putRaw(aws, records));

const file = (file_key: string, new_status = 'failed') => ({ date_prefix: DATE, file_key, new_status });
const batch = (input: object, context = operationDeps(aws)) =>
  ask(context, { operation: 'batch_update', ...input });
const original = () => Object.fromEntries(records.map((record) => [record.file_key?.S, record]));

test('every file is set, in its shard; the others stay as they are', async () => {
  const answer = await batch({
    files: [
      { ...file('sharded+name.ndjson'), additional_fields: { error_message: 'no rows' } },
      { ...file('completed.ndjson', 'pending'), force: true },
    ],
    reason: 'checked by hand',
  });
  expect(answer).toEqual({
    total: 2,
    successful: 2,
    failed: 0,
    errors: [],
    pickup: {
      dates: [
        { date_prefix: DATE, files: 1, waits_for: "today's files wait until 10 are pending: there is 1 now" },
      ],
      hint: expect.stringContaining('wake-builder.ts'),
    },
    change_id: expect.any(String),
    state: 'done',
  });
  const { 'sharded+name.ndjson': first, 'completed.ndjson': second, ...others } = await scanRaw(aws);
  expect(first).toMatchObject({ status: { S: 'failed#3' }, error_message: { S: 'no rows' } });
  expect(second).toMatchObject({ status: { S: 'pending#1' }, state_change_id: { S: answer.change_id } });
  const { 'sharded+name.ndjson': _first, 'completed.ndjson': _second, ...untouched } = original();
  expect(others).toEqual(untouched);
});

test('files that cannot be changed are listed, and the others are changed', async () => {
  const answer = await batch({
    files: [
      file('unknown.ndjson'),
      file('completed.ndjson', 'pending'),
      { ...file('no-times.ndjson'), expected_status: 'manifested' },
      file('plain.ndjson'),
      file('never-updated.ndjson', 'processing'),
    ],
  });
  expect(answer).toMatchObject({ total: 5, successful: 2, failed: 3, unchanged: 1 });
  expect(answer.errors).toMatchObject([
    { file: 'unknown.ndjson', date_prefix: DATE, error: expect.stringContaining('No record') },
    { file: 'completed.ndjson', error: expect.stringContaining('is not an allowed transition') },
    { file: 'no-times.ndjson', error: expect.stringContaining('expected to be "manifested"') },
  ]);
  const { 'plain.ndjson': changed, ...others } = await scanRaw(aws);
  expect(changed).toMatchObject({ status: { S: 'failed' } });
  const { 'plain.ndjson': _plain, ...untouched } = original();
  expect(others).toEqual(untouched);
});

test('a file that is written meanwhile is an error that says what it had become', async () => {
  const moved = { ...FIELD_FILES[0], status: { S: 'completed' } };
  const context = { ...operationDeps(aws), sleep: () => putRaw(aws, [moved]) };
  const answer = await batch({ files: [file('plain.ndjson'), file('no-times.ndjson')] }, context);
  expect(answer).toMatchObject({
    successful: 1,
    failed: 1,
    errors: [{ file: 'plain.ndjson', error: expect.stringContaining('left as it is: completed') }],
  });
});

test('a dry run says what would change, and writes nothing', async () => {
  const files = [file('sharded+name.ndjson'), file('unknown.ndjson')];
  const answer = await batch({ files, dry_run: true });
  expect(answer).toMatchObject({
    dry_run: true,
    total: 2,
    successful: 1,
    failed: 1,
    changes: [{ file_key: 'sharded+name.ndjson', from: 'processing', to: 'failed' }],
  });
  expect(await scanRaw(aws)).toEqual(original());
});

test('a batch that runs out of time says what was not reached, and can be resumed', async () => {
  const names = Array.from({ length: 60 }, (_, i) => `many-${i}.ndjson`);
  await putRaw(
    aws,
    names.map((name) => rawFile(name, { status: { S: 'processing#1' } })),
  );
  const abort = new AbortController();
  let waits = 0;
  const sleep = async () => {
    waits += 1;
    if (waits === 80) abort.abort();
  };
  const context = { ...operationDeps(aws), sleep, signal: abort.signal };
  const answer = await batch({ files: names.map((name) => file(name)) }, context);
  expect(answer).toMatchObject({
    total: 60,
    state: 'stopped',
    stop_cause: 'interrupted',
    hint: expect.stringContaining('"resume_change"'),
  });
  expect(Number(answer.successful) + Number(answer.failed)).toBe(60);
  expect(answer.errors).toContainEqual(
    expect.objectContaining({ error: 'not attempted: time limit reached' }),
  );
  const { change_id } = answer;
  const resumed = await ask(operationDeps(aws), { operation: 'resume_change', change_id });
  expect(resumed).toMatchObject({ state: 'done', counts: { applied: 60, skipped: 0, failed: 0 } });
});

test('when no file can be changed there is no change', async () => {
  const answer = await batch({ files: [file('unknown.ndjson')] });
  expect(answer).toMatchObject({ total: 1, successful: 0, failed: 1 });
  expect(answer).not.toHaveProperty('change_id');
});

test.each([
  [{ files: [] }, '"files": received [], name at least one file'],
  [{}, '"files": received nothing'],
  [{ files: Array.from({ length: 1_001 }, (_, i) => file(`f${i}`)) }, 'allowed: at most 1000 files'],
  [{ files: [file('a'), file('b'), file('a', 'pending')] }, 'the same file as "files.0"'],
  [{ files: [file('a'), file('b', 'archived')] }, '"files.1.new_status": received "archived"'],
  [
    { files: [file('a'), { file_key: 'b', new_status: 'failed' }] },
    '"files.1.date_prefix": received nothing',
  ],
  [{ files: [{ ...file('a'), additional_fields: { ttl: 1 } }] }, '"files.0.additional_fields"'],
])('%j is refused with nothing written', async (input, named) => {
  expect(await batch(input)).toMatchObject({
    statusCode: 400,
    error: { code: 'INVALID_INPUT', message: expect.stringContaining(named) },
  });
});

test('very many files of long names fit into an answer, and all are counted', async () => {
  const fresh = await localAws();
  // Each of these takes seven bytes as JSON text within JSON.
  const names = Array.from(
    { length: 1_000 },
    (_, i) => `${String(i).padStart(4, '0')}${'\u0001'.repeat(950)}`,
  );
  await putRaw(fresh, [...names.map((name) => rawFile(name, { status: { S: 'processing' } }))]);
  const files = names.map((name) => file(name));
  const answer = await batch({ files, dry_run: true }, operationDeps(fresh));
  expect(answer).toMatchObject({ total: 1_000, successful: 1_000, truncated: true });
  const { body } = formed(answer, 'http') as { readonly body: string };
  expect(JSON.parse(body)).toEqual(answer);
  const gone = names.map((name) => file(`x${name}`));
  const refused = await batch({ files: gone }, operationDeps(fresh));
  expect(refused).toMatchObject({ total: 1_000, failed: 1_000, truncated: true });
  expect(JSON.parse((formed(refused, 'http') as { readonly body: string }).body)).toEqual(refused);
});
