import { beforeAll, expect, test } from 'vitest';
import { attemptDetails } from '../../../shared/projection/attempt-details.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { headItem } from '../../../shared/projection/items.ts';
import { readHead } from '../../../shared/projection/projection-table.ts';
import { putRaw, rawFile } from '../../support/changes.ts';
import { itemBytes } from '../../support/item-size.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { runRunbook } from '../../support/runbook.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const DATE = '2026-11-23';
const FILE = 'twice.ndjson';
let aws: LocalAws;

const pathOf = (name: string) => `s3://manifests/manifests/${DATE}/${name}`;
const glueError = (message: string) =>
  `{Error=States.TaskFailed, Cause={"AttemptId":"1","Id":"jr_1","ErrorMessage":"${message}","JobName":"job"}}`;
const at = (minute: string) => `${DATE}T05:${minute}:00.000000+00:00`;

/** As the pipeline does it: a placeholder at the claim, the manifest by an update, and NULL after a reset. */
beforeAll(async () => {
  aws = await localAws();
  const table = streamedTable();
  const write = (attributes: Readonly<Record<string, unknown>>) => table.write(FILE, attributes);
  const claim = (minute: string) =>
    write({ status: 'manifested#3', manifest_path: `pending-manifest-${DATE}-1-1`, updated_at: at(minute) });
  const records = [
    write(uploaded()),
    claim('24'),
    write({ manifest_path: pathOf('batch-0001.json') }),
    write({
      status: 'failed#3',
      failed_time: at('25'),
      error_message: glueError('Path does not exist: s3://in/a'),
    }),
    write({ status: 'pending#3', manifest_path: null, updated_at: at('26') }),
    claim('27'),
    write({ manifest_path: pathOf('batch-0002.json') }),
    write({ status: 'failed#3', failed_time: at('28'), error_message: 'out of memory'.padEnd(400, '.') }),
    write({ status: 'pending#3', manifest_path: null, updated_at: at('29') }),
    claim('30'),
    write({ manifest_path: pathOf('batch-0003.json') }),
  ];
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  await putRaw(aws, [
    rawFile(FILE, {
      status: { S: 'manifested#3' },
      updated_at: { S: at('30') },
      manifest_path: { S: pathOf('batch-0003.json') },
    }),
  ]);
});

test('each attempt keeps its manifest and its error, whatever the next one overwrites in the record', async () => {
  const answer = await ask(operationDeps(aws), {
    operation: 'get_processing_timeline',
    date_prefix: DATE,
    file_key: FILE,
  });
  const told = answer.timeline.map((event) => {
    const { event: name, manifest, error } = event as Record<string, string>;
    return [name, manifest, error?.slice(0, 40)];
  });
  expect(told).toEqual([
    ['uploaded', undefined, undefined],
    ['manifested', 'batch-0001.json', undefined],
    ['failed', undefined, 'Path does not exist: s3://in/a'],
    ['reset', undefined, undefined],
    ['manifested', 'batch-0002.json', undefined],
    ['failed', undefined, 'out of memory'.padEnd(40, '.')],
    ['reset', undefined, undefined],
    // Under way: only its record knows the manifest yet.
    ['manifested', 'batch-0003.json', undefined],
  ]);
});

test('timeline.ts and explain.ts show all attempts', async () => {
  const { stdout } = await runRunbook('timeline', [FILE, '--date', DATE], aws.environment);
  expect(stdout).toContain('in batch-0001.json');
  expect(stdout).toContain('Path does not exist: s3://in/a');
  const explained = await ask(operationDeps(aws), {
    operation: 'explain_file',
    date_prefix: DATE,
    file_key: FILE,
  });
  expect(explained.attempts).toMatchObject([
    { manifest: 'batch-0001.json', ended: { event: 'failed', error: 'Path does not exist: s3://in/a' } },
    { manifest: 'batch-0002.json', ended: { event: 'failed' } },
    { manifest: 'batch-0003.json' },
  ]);
  const lines = await runRunbook('explain', [FILE, '--date', DATE], aws.environment);
  expect(lines.stdout).toMatch(/attempt 1 in batch-0001\.json: failed at .*: Path does not exist/);
});

test('an error is cut to 200 characters, and a head of one attempt with it stays within a write unit', async () => {
  const head = await readHead(operationDeps(aws).projection, { date_prefix: DATE, file_key: FILE });
  expect(head?.pages).toBeGreaterThan(0);
  const error = attemptDetails('manifested', 'failed', manifest, (name) =>
    name === 'error_message' ? glueError('x'.repeat(900)) : manifest(name),
  );
  expect(error).toEqual({ manifest: 'batch-0001-20261123-052254.json', error: `${'x'.repeat(199)}…` });
  const position = '2026-11-23T05:22:46.000/0000000000000000001000000000000000000001';
  const event = (name: 'uploaded' | 'manifested' | 'failed', status: string) => ({
    event: name,
    status,
    time: '2026-11-23T05:22:53.532Z',
    position,
  });
  const key = '2026-11-23-test0202-225634-11f10c60-a992-1b68-eb7f-ec926c931d1a.ndjson';
  const item = headItem({
    entity: 'file',
    date_prefix: DATE,
    file_key: key,
    status: 'failed',
    since: '2026-11-23T05:22:53.532Z',
    position,
    events: [
      event('uploaded', 'pending'),
      event('manifested', 'manifested'),
      { ...event('failed', 'failed'), ...error },
    ],
    pages: 0,
    revision: 3,
  });
  expect(itemBytes({ ...item })).toBeLessThanOrEqual(1_024);
});

test('an error and a run that are too long are not cut within a character', () => {
  const error = `${'x'.repeat(198)}\u{1f680}${'x'.repeat(9)}`;
  expect(attemptDetails('processing', 'failed', manifest, reading({ error_message: error }))).toEqual({
    error: `${'x'.repeat(198)}…`,
  });
  const run = `${'r'.repeat(199)}\u{1f680}`;
  expect(
    attemptDetails('manifested', 'processing', () => undefined, reading({ execution_arn: run })),
  ).toEqual({
    run: 'r'.repeat(199),
  });
});

test("an event has a Lambda function's own message with the name of its error, and shows no escapes", () => {
  const error_message =
    '{Error=Sandbox.Timedout, Cause={"errorMessage":"After 900 s:\\nno \\"end\\"","errorType":"Sandbox.Timedout"}}';
  expect(attemptDetails('processing', 'failed', manifest, reading({ error_message })).error).toBe(
    'Sandbox.Timedout: After 900 s: no "end"',
  );
});

const reading = (texts: Readonly<Record<string, string>>) => (name: string) => texts[name];

const manifest = (name: string) =>
  name === 'manifest_path' ? pathOf('batch-0001-20261123-052254.json') : undefined;

test.each<[string, string | undefined, string | undefined, object]>([
  [
    'a claim that knows its manifest names it',
    'pending',
    'manifested',
    { manifest: 'batch-0001-20261123-052254.json' },
  ],
  [
    'what follows a claim names it',
    'manifested',
    'completed',
    { manifest: 'batch-0001-20261123-052254.json' },
  ],
  ['what comes later does not repeat it', 'processing', 'completed', {}],
  ['an upload names none', undefined, 'pending', {}],
  ['a reset of a failed file names none', 'failed', 'pending', {}],
  [
    'a completion whose claim was missed names it',
    'pending',
    'completed',
    { manifest: 'batch-0001-20261123-052254.json' },
  ],
])('%s', (_name, from, to, expected) => {
  expect(attemptDetails(from, to, manifest, manifest)).toEqual(expected);
});

test('a start names its execution or job run, if the record has it', () => {
  const read = (name: string) => (name === 'execution_arn' ? 'arn:aws:states:1:execution:p:x' : undefined);
  expect(attemptDetails('pending', 'processing', read, read)).toEqual({
    run: 'arn:aws:states:1:execution:p:x',
  });
  expect(
    attemptDetails(
      'pending',
      'processing',
      () => undefined,
      () => undefined,
    ),
  ).toEqual({});
});
