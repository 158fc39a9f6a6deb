import { beforeAll, expect, test } from 'vitest';
import { failureClass } from '../../shared/pipeline/failure-class.ts';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { putInputs, scanRaw } from '../support/changes.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ask, operationDeps } from '../support/operations.ts';
import { applyDeps } from '../support/projection.ts';
import { runRunbook } from '../support/runbook.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';
import { putRecords } from '../support/tracking-records.ts';

let aws: LocalAws;
const HEAP = failureClass('Java heap space').id;
const DENIED = failureClass('Access Denied').id;
const DATE = '2026-11-23';
const table = streamedTable();

beforeAll(async () => {
  aws = await localAws();
  const fail = (key: string, error_message: string, manifest: string, date?: string) =>
    table.write(
      key,
      {
        ...uploaded(),
        status: 'failed#3',
        error_message,
        file_path: `s3://${aws.buckets.input}/pipeline/input/${date ?? DATE}/${key}`,
        manifest_path: `s3://m/manifests/${manifest}.json`,
      },
      date,
    );
  const records = [
    fail('a.ndjson', 'Java heap space', 'batch-1'),
    fail('b.ndjson', 'Java heap space', 'batch-1'),
    fail('d.ndjson', 'Java heap space', 'batch-2', '2026-11-21'),
    fail('c.ndjson', 'Access Denied', 'batch-1', '2026-11-22'),
  ];
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  await putRecords(aws, table.items);
  await putInputs(aws, ['a.ndjson', 'b.ndjson']);
});

const service = (request: object) => ask(operationDeps(aws), request);
const statuses = async () =>
  Object.fromEntries(Object.entries(await scanRaw(aws)).map(([key, { status }]) => [key, status?.S]));

test('the runbook and the operation give the same answer, for everything and for a date', async () => {
  const { code, stdout } = await runRunbook('failures', ['--json'], aws.environment);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([
    { class: HEAP, failed: 3, text: 'Java heap space' },
    { class: DENIED, failed: 1 },
  ]);
  const dated = await runRunbook('failures', ['--date', '2026-11-22', '--json'], aws.environment);
  expect(JSON.parse(dated.stdout)).toMatchObject([{ failed: 1, quarantined: 0 }]);
});

test('a class is shown with the number of failures, and with the hour of the last one, which is all that is known', async () => {
  const text = async (...args: string[]) => (await runRunbook('failures', args, aws.environment)).stdout;
  const one = await text('--class', HEAP);
  expect(one).toMatch(/files +3 failed, 0 quarantined\n/);
  expect(one).toMatch(/24 h +\d+ failures?\n/);
  expect(one).toMatch(/first seen +2026-11-23 \d\d:\d\d:\d\dZ\n/);
  expect(one).toMatch(/last seen +in the hour from 2026-11-23 \d\d:00Z\n/);
});

test('a date of another form is refused, not taken for a date without failures', async () => {
  const { code, stderr } = await runRunbook('failures', ['--date', 'yesteday'], aws.environment);
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('--date: received "yesteday", allowed: a date'),
  ]);
});

test('a class is shown with its dates, its manifests and some of its files', async () => {
  const answer = await service({ operation: 'get_failures', class: HEAP });
  expect(answer).toMatchObject({
    failed: 3,
    failures: [{ class: HEAP }],
    dates: [
      { date_prefix: DATE, failed: 2, quarantined: 0 },
      { date_prefix: '2026-11-21', failed: 1, quarantined: 0 },
    ],
    dates_complete: true,
    manifests: [
      { date_prefix: DATE, manifest: 's3://m/manifests/batch-1.json', files: 2 },
      { date_prefix: '2026-11-21', manifest: 's3://m/manifests/batch-2.json', files: 1 },
    ],
    manifests_of_files: 3,
    manifests_complete: true,
  });
  expect(answer).toHaveProperty('samples.length', 3);
  const shown = await runRunbook('failures', ['--class', HEAP], aws.environment);
  expect(shown.stdout).toContain('2026-11-21  1');
  expect(shown.stdout).toContain('s3://m/manifests/batch-1.json  2');
  expect(shown.stderr).toContain(`batch-update.ts --status failed --class ${HEAP} --new-status pending`);
  const dated = await service({ operation: 'get_failures', class: HEAP, date_prefix: DATE });
  expect(dated).toMatchObject({ failed: 2, dates: [{ failed: 2 }], manifests: [{ files: 2 }] });
  expect(await service({ operation: 'get_failures', class: failureClass('Never seen').id })).toMatchObject({
    failed: 0,
    failures: [],
    dates: [],
    manifests: [],
  });
});

test('a class selects its files for a listing and a plan, and no others', async () => {
  const args = ['--status', 'failed', '--class', HEAP];
  const listed = async (...flags: string[]) => {
    const { stdout } = await runRunbook('files', [...flags, '--json'], aws.environment);
    return JSON.parse(stdout).map(({ file_key }: { file_key: string }) => file_key);
  };
  expect(await listed(...args)).toEqual(['d.ndjson', 'a.ndjson', 'b.ndjson']);
  expect(await listed('--class', HEAP, '--date', DATE)).toEqual(['a.ndjson', 'b.ndjson']);
  const plan = await runRunbook('batch-update', [...args, '--new-status', 'quarantined'], aws.environment);
  expect(plan.stdout + plan.stderr).toContain('b.ndjson');
  expect(plan.stdout + plan.stderr).not.toContain('c.ndjson');
});

test('query_by_status lists a class page by page, and refuses the token of another class', async () => {
  const query = (input: object) => service({ operation: 'query_by_status', status: 'failed', ...input });
  const first = await query({ class: HEAP, limit: 2 });
  expect(first.files.map(({ file_key }) => file_key)).toEqual(['d.ndjson', 'a.ndjson']);
  const { next_token } = first;
  const rest = await query({ class: HEAP, limit: 2, next_token });
  expect(rest.files.map(({ file_key }) => file_key)).toEqual(['b.ndjson']);
  expect(rest).not.toHaveProperty('next_token');
  expect(await query({ class: DENIED, next_token })).toMatchObject({
    error: { code: 'INVALID_NEXT_TOKEN' },
  });
  expect(await query({ class: 'other' })).toMatchObject({ count: 0 });
  expect(await query({ class: 'no class' })).toMatchObject({ error: { code: 'INVALID_INPUT' } });
});

test('explain names the class of a failed file, in the answer and in the runbook', async () => {
  const file = { date_prefix: DATE, file_key: 'a.ndjson' };
  expect(await service({ operation: 'explain_file', ...file })).toMatchObject({
    failure_class: { id: HEAP, text: 'Java heap space' },
  });
  const { stdout } = await runRunbook('explain', ['a.ndjson', '--date', DATE], aws.environment);
  expect(stdout).toContain(`${HEAP}: Java heap space`);
});

test('batch_update only plans for a class by default, and resets the files that have no obstacle', async () => {
  const before = await statuses();
  const selection = { class: HEAP, new_status: 'pending' };
  const batch = (input: object) => service({ operation: 'batch_update', selection, ...input });
  // The input of d.ndjson is gone.
  const told = { total: 3, successful: 2, left_out: [{ file_key: 'd.ndjson', code: 'INPUT_GONE' }] };
  expect(await batch({})).toMatchObject({ dry_run: true, ...told });
  expect(await batch({ dry_run: false, selection: { ...selection, max_changes: 1 } })).toMatchObject({
    error: { code: 'TOO_MANY_CHANGES' },
  });
  const files = [{ ...{ date_prefix: DATE, file_key: 'a.ndjson' }, new_status: 'pending' }];
  expect(await batch({ files })).toMatchObject({ error: { code: 'INVALID_INPUT' } });
  expect(await statuses()).toEqual(before);
  expect(await batch({ dry_run: false, reason: 'more memory' })).toMatchObject({ ...told, state: 'done' });
  const after = { ...before, 'a.ndjson': 'pending#3', 'b.ndjson': 'pending#3' };
  expect(await statuses()).toEqual(after);
});
