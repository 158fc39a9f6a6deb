import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { createChange } from '../../shared/changes/change-table.ts';
import { changeRequest, putInputs } from '../support/changes.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { interruption, runRunbook } from '../support/runbook.ts';
import { uploaded } from '../support/stream-records.ts';

const DATE = '2026-11-23';
let aws: LocalAws;
let folder: string;

beforeEach(async () => {
  aws = await localAws();
  folder = mkdtempSync(join(tmpdir(), 'runbooks-'));
  const old = { updated_at: '2026-11-23T05:30:00.000000+00:00', manifest_path: 's3://manifests/m.json' };
  await putInputs(aws, ['stuck-1.ndjson', 'stuck-2.ndjson', 'young.ndjson', 'done.ndjson', 'failed.ndjson']);
  // Proves that nothing is converting them any more.
  await put('MANIFEST#m.json', { status: 'failed', failed_time: '2026-11-23T05:45:00Z' });
  await put('stuck-1.ndjson', { ...old, status: 'manifested#3' });
  await put('stuck-2.ndjson', { ...old, status: 'processing' });
  await put('young.ndjson', { status: 'manifested#3', updated_at: new Date().toISOString() });
  await put('done.ndjson', { ...old, status: 'completed#3', completed_time: '2026-11-23T05:40:00Z' });
  await put('failed.ndjson', { ...old, status: 'failed#3', error_message: 'Throttling: slow down' });
});

async function put(file_key: string, attributes: object): Promise<void> {
  const file_path = `s3://${aws.buckets.input}/pipeline/input/${DATE}/${file_key}`;
  const Item = { ...uploaded(), date_prefix: DATE, file_key, file_path, ...attributes };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
}

/** Every record, by its file_key. */
async function records(): Promise<Record<string, Record<string, unknown>>> {
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.trackingTable }));
  return Object.fromEntries(Items.map((item) => [item.file_key, item]));
}

async function statuses(): Promise<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(await records()).map(([key, { status }]) => [key, status]));
}

const run = (name: string, ...args: string[]) => runRunbook(name, args, aws.environment);
const APPLY = ['--apply', '--yes', '--reason', 'Glue was down'];
const UNTOUCHED = {
  'MANIFEST#m.json': 'failed',
  'young.ndjson': 'manifested#3',
  'done.ndjson': 'completed#3',
  'failed.ndjson': 'failed#3',
};

test('reset-stuck shows its plan and the exact next command, and that command does it', async () => {
  const before = await records();
  const planned = await run('reset-stuck', '--hours', '2', '--json');
  expect(planned.code).toBe(0);
  expect(
    JSON.parse(planned.stdout)
      .map(({ file_key }: { file_key: string }) => file_key)
      .sort(),
  ).toEqual(['stuck-1.ndjson', 'stuck-2.ndjson']);
  expect(planned.stderr).toContain('npx tsx runbooks/reset-stuck.ts --hours 2 --json --apply --reason WHY');
  expect(await records()).toEqual(before);

  const applied = await run('reset-stuck', '--hours', '2', ...APPLY);
  expect(applied.code).toBe(0);
  expect(applied.stderr).toContain('2 applied');
  expect(await statuses()).toEqual({
    ...UNTOUCHED,
    'stuck-1.ndjson': 'pending#3',
    'stuck-2.ndjson': 'pending',
  });
  expect((await records())['stuck-1.ndjson']).toMatchObject({ reset_count: 1, manifest_path: null });
});

test('a file of unknown age is left out of every change by age, and named', async () => {
  const times = { created_at: null, updated_at: 'yesterday' };
  await put('unreadable.ndjson', { ...times, status: 'processing#1' });
  await put('future.ndjson', { ...times, status: 'manifested#1', manifest_time: '2099-01-01T00:00:00Z' });
  const undated = { 'unreadable.ndjson': 'processing#1', 'future.ndjson': 'manifested#1' };
  const planned = await run('reset-stuck', '--hours', '2');
  expect(planned.stderr).toMatch(/The age of 2 records is unknown, for example \w+\.ndjson of 2026-11-23: /);
  const applied = await run('reset-stuck', '--hours', '2', ...APPLY);
  expect(applied.stderr).toContain('The age of 2 records is unknown');
  expect(applied.stderr).toContain('2 applied');
  const selection = ['--status', 'processing', '--status', 'manifested', '--older-than', '2h'];
  const selected = await run('batch-update', ...selection, '--new-status', 'failed', ...APPLY);
  expect(selected.code).toBe(3);
  expect(selected.stderr).toContain('The age of 2 records is unknown');
  expect(await statuses()).toEqual({
    ...UNTOUCHED,
    ...undated,
    'stuck-1.ndjson': 'pending#3',
    'stuck-2.ndjson': 'pending',
  });
});

test('a time that is stored as a number is read, and guards the record like any other', async () => {
  const seconds = 1_795_411_800;
  await put('stuck-1.ndjson', { status: 'manifested#3', created_at: seconds, updated_at: seconds });
  await put('stuck-2.ndjson', { status: 'processing', created_at: seconds, updated_at: seconds });
  const path = join(folder, 'plan.ndjson');
  await run('reset-stuck', '--hours', '2', '--plan-out', path);
  // Claimed again since: the status is the same, and the file is young.
  await put('stuck-1.ndjson', { status: 'manifested#3', created_at: seconds, updated_at: seconds + 1 });
  await run('batch-update', '--plan', path, ...APPLY);
  expect(await statuses()).toEqual({
    ...UNTOUCHED,
    'stuck-1.ndjson': 'manifested#3',
    'stuck-2.ndjson': 'pending',
  });
});

test('reset-stuck leaves out what may still run or cannot be read, with the commands to copy', async () => {
  const execution_arn = 'arn:aws:states:us-east-1:123456789012:execution:processor:run-1';
  await put('MANIFEST#run.json', { status: 'processing', execution_arn });
  const old = { updated_at: '2026-11-23T05:30:00Z', status: 'manifested#3' };
  await put('running.ndjson', { ...old, manifest_path: 's3://manifests/run.json' });
  await put('a+b.ndjson', old);
  await putInputs(aws, ['running.ndjson', 'a b.ndjson']);
  const applied = await run('reset-stuck', '--hours', '2', ...APPLY);
  expect(applied.code).toBe(0);
  expect(applied.stderr).toContain('Left out: a+b.ndjson (NAME_UNREADABLE): its name needed encoding');
  expect(applied.stderr).toContain('Left out: running.ndjson (STILL_RUNNING): its manifest is processing');
  expect(applied.stderr).toContain(
    'To look at the executions, and to stop them first (only in a deployment, not on this machine):\naws',
  );
  expect(applied.stderr).toContain(
    `aws stepfunctions stop-execution --execution-arn ${execution_arn} --cause 'its files are to be converted again'`,
  );
  expect(applied.stderr).toMatch(
    /2 files left out. To include them anyway: .*npx tsx runbooks\/reset-stuck.ts --hours 2 --force\n/,
  );
  expect(applied.stderr).toMatch(/2026-11-23, 2 files: .*\n.*npx tsx runbooks\/wake-builder.ts 2026-11-23/);
  expect(await statuses()).toMatchObject({
    ...UNTOUCHED,
    'stuck-1.ndjson': 'pending#3',
    'running.ndjson': 'manifested#3',
    'a+b.ndjson': 'manifested#3',
  });
  const one = await run(
    'update-state',
    'running.ndjson',
    '--date',
    DATE,
    '--new-status',
    'pending',
    ...APPLY,
  );
  expect(one.code).toBe(3);
  expect(one.stderr).toContain('--force');
  expect(await run('reset-stuck', '--hours', '2', '--force', ...APPLY)).toMatchObject({ code: 0 });
  expect(await statuses()).toMatchObject({ 'running.ndjson': 'pending#3', 'a+b.ndjson': 'pending#3' });
});

test('an applied change is listed with who, why and what, and its undo puts everything back', async () => {
  const before = await records();
  await run('reset-stuck', '--hours', '2', ...APPLY);
  const [change] = JSON.parse((await run('changes', '--json')).stdout);
  expect(change).toMatchObject({ reason: 'Glue was down', origin: 'reset-stuck', state: 'done', files: 2 });

  const preview = await run('undo', change.change_id, '--json');
  expect(JSON.parse(preview.stdout)).toHaveLength(2);
  expect((await statuses())['stuck-1.ndjson']).toBe('pending#3');

  const undone = await run('undo', change.change_id, ...APPLY);
  expect(undone.code).toBe(0);
  const marks = /^state_change_/;
  const after = Object.entries(await records()).map(([key, record]) => [
    key,
    Object.fromEntries(Object.entries(record).filter(([name]) => !marks.test(name))),
  ]);
  expect(Object.fromEntries(after)).toEqual(before);
});

test('undo without an id lists the latest changes that wrote files; for a change that does not exist it exits with 1', async () => {
  const none = await run('undo');
  expect(none).toMatchObject({ code: 0 });
  expect(none.stderr).toContain('No changes that wrote files.');
  await run('reset-stuck', '--hours', '2', ...APPLY);
  const listed = await run('undo');
  expect(listed.stdout).toMatch(/\d{8}T\d{9}Z-[0-9a-f]{8} .*reset-stuck.* Glue was down/);
  expect(listed.stderr).toContain('npx tsx runbooks/undo.ts CHANGE');
  expect((await run('undo', ...APPLY)).code).toBe(2);
  await run('replay-dead-letters', ...APPLY);
  expect((await run('undo')).stdout).not.toContain('replay-dead-letters');
  const projection = { docs: aws.documents, name: aws.projectionTable };
  const about = { state: 'done', origin: 'test', table: aws.trackingTable, files: 1, digest: 'd' } as const;
  for (let made = 1; made < 10; made++) {
    const request = changeRequest(`20261123T05225353${made}Z-made`);
    await createChange(projection, { ...request, ...about, createdAt: `${DATE}T05:22:53.532Z` });
  }
  const others = (await run('undo')).stderr;
  expect(others).toMatch(
    /These are the first 10 changes that wrote files; there may be more. To list all changes: .*npx tsx runbooks\/changes.ts --all/,
  );
  for (const name of ['undo', 'changes'])
    expect(await run(name, '20261123T052253532Z-1a2b3c4d')).toMatchObject({ code: 1, stdout: '' });
});

test('a note is not undone, and says so with the exit code of a refusal, with --apply and without', async () => {
  await run('note', '--date', DATE, '--text', 'half of the shops were closed', ...APPLY);
  const [note] = JSON.parse((await run('changes', '--json')).stdout);
  const before = await records();
  for (const flags of [[], APPLY]) {
    const refused = await run('undo', note.change_id, ...flags);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('has not written any file')]);
  }
  expect((await run('undo')).stderr).toContain('No changes that wrote files.');
  expect(await records()).toEqual(before);
});

test('with --watch a reset waits until its files have settled, and says how they ended', async () => {
  const ended = run('reset-stuck', '--hours', '2', '--watch', ...APPLY);
  for (let taken = false; !taken; await new Promise((resolve) => setTimeout(resolve, 50)))
    taken = (await statuses())['stuck-2.ndjson'] === 'pending';
  await put('stuck-1.ndjson', { status: 'completed#3' });
  await put('stuck-2.ndjson', { status: 'failed' });
  const { code, stderr } = await ended;
  expect(stderr).toContain('All 2 files settled: 1 completed, 1 failed.');
  expect(code).toBe(5);
  expect(await statuses()).toMatchObject(UNTOUCHED);
});

test('with --watch a file that ends in the status it was set to counts as a success', async () => {
  const args = ['stuck-1.ndjson', '--date', DATE, '--new-status', 'failed', '--watch'];
  const { code, stderr } = await run('update-state', ...args, ...APPLY);
  expect(stderr).toContain('1 failed.');
  expect(code).toBe(0);
  expect(await statuses()).toMatchObject(UNTOUCHED);
});

test('a saved plan is applied as it was saved: what moved since is skipped, listed, and left alone', async () => {
  const path = join(folder, 'plan.ndjson');
  const saved = await run('reset-stuck', '--hours', '2', '--plan-out', path);
  expect(saved.stderr).toContain(`runbooks/batch-update.ts --plan ${path} --apply`);
  await put('stuck-1.ndjson', { status: 'completed#3', updated_at: new Date().toISOString() });
  const applied = await run('batch-update', '--plan', path, '--json', ...APPLY);
  expect(applied.code).toBe(5);
  expect(JSON.parse(applied.stdout)).toMatchObject([
    { file_key: 'stuck-1.ndjson', result: 'skipped', became: { status: 'completed' } },
    { file_key: 'stuck-2.ndjson', result: 'applied' },
  ]);
  expect((await statuses())['stuck-1.ndjson']).toBe('completed#3');
});

test.each<[string, (plan: string) => string, string]>([
  ['for another table', (plan) => plan.replace(/"table":"[^"]+"/, '"table":"elsewhere"'), 'elsewhere'],
  ['of another version', (plan) => plan.replace('"version":2', '"version":1'), 'older version'],
  ['edited into nonsense', (plan) => plan.replace('"new_status":"pending"', '"new_status":7'), 'Line 2'],
  ['cut off', (plan) => plan.split('\n').slice(0, 2).join('\n'), 'number of files'],
])('a plan %s is refused with nothing written', async (_name, spoil, message) => {
  const path = join(folder, 'plan.ndjson');
  await run('reset-stuck', '--hours', '2', '--plan-out', path);
  writeFileSync(path, spoil(readFileSync(path, 'utf8')));
  const before = await records();
  const { code, stderr } = await run('batch-update', '--plan', path, ...APPLY);
  expect(code).toBe(3);
  expect(stderr).toContain(message);
  expect(await records()).toEqual(before);
});

test.each<[string, string[], number, string]>([
  ['more files than allowed', ['--hours', '2', '--max-changes', '1', ...APPLY], 3, '--max-changes 2'],
  ['an empty selection', ['--hours', '2', '--to', '2026-11-22', ...APPLY], 3, 'nothing to change'],
  ['no reason', ['--hours', '2', '--apply', '--yes'], 2, '--reason'],
  ['nobody to ask', ['--hours', '2', '--apply', '--reason', 'x'], 3, '--yes'],
  ['production without --confirm', ['--hours', '2', '--env', 'prod', ...APPLY], 3, '--confirm'],
  ['hours that are none', ['--hours', 'two'], 2, '--hours: received'],
])('%s is refused with nothing written', async (_name, args, code, message) => {
  const before = await records();
  const ended = await run('reset-stuck', ...args);
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
  expect(ended.stderr).toContain(message);
  expect(await records()).toEqual(before);
});

test.each<[string, string[], string]>([
  ['batch-update', ['--status', 'failed', '--new-status', 'pending'], '--status, --new-status'],
  ['batch-update', ['--force', '--date', DATE], '--date, --force'],
  ['reset-stuck', ['--hours', '9'], '--hours'],
])('%s refuses a saved plan beside %j, which would be ignored', async (name, args, named) => {
  const path = join(folder, 'plan.ndjson');
  await run('reset-stuck', '--hours', '2', '--plan-out', path);
  const before = await records();
  const { code, stderr } = await run(name, '--plan', path, ...args, ...APPLY);
  expect(code).toBe(2);
  expect(stderr).toContain(`Received --plan together with ${named}; allowed: --plan alone`);
  expect(stderr).toContain(`npx tsx runbooks/batch-update.ts --plan ${path}`);
  expect(await records()).toEqual(before);
});

test('an unknown status is refused with a list of the known ones', async () => {
  const before = await records();
  const args = ['failed.ndjson', '--date', DATE, '--new-status', 'bogus', ...APPLY];
  const { code, stderr } = await run('update-state', ...args);
  expect(code).toBe(3);
  expect(stderr).toContain(
    '"failed" to "bogus": received an unknown new status, allowed: pending, manifested, processing, completed, failed, quarantined.',
  );
  expect(await records()).toEqual(before);
});

test('a file that is twice in a list counts once; with two different new statuses it is refused', async () => {
  const rows = [`${DATE},failed.ndjson,pending`, `${DATE},stuck-1.ndjson,pending`];
  const list = ['date_prefix,file_key,new_status', ...rows, rows[0], rows[0]].join('\n');
  const args = ['--list=-', '--max-changes', '2', ...APPLY];
  const { code, stderr } = await runRunbook('batch-update', args, aws.environment, { stdin: list });
  expect(code).toBe(0);
  expect(stderr).toContain('Left out: failed.ndjson is in the list more than once.');
  expect(await statuses()).toMatchObject({ 'failed.ndjson': 'pending#3', 'stuck-1.ndjson': 'pending#3' });

  const both = `date_prefix,file_key,new_status\n${DATE},stuck-2.ndjson,pending\n${DATE},stuck-2.ndjson,failed`;
  const ended = await runRunbook('batch-update', ['--list=-', ...APPLY], aws.environment, { stdin: both });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('listed twice');
  expect(await statuses()).toMatchObject({ 'stuck-2.ndjson': 'processing', 'done.ndjson': 'completed#3' });
});

test('a plan in S3 is shown and applied from there; if it does not exist, the error asks for another', async () => {
  const path = join(folder, 'plan.ndjson');
  await run('reset-stuck', '--hours', '2', '--plan-out', path);
  const Bucket = aws.buckets.deadLetter;
  const Key = 'runs/orphan-sweep/2026-11-23T05:30:00Z.plan.ndjson';
  await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: readFileSync(path) }));
  const missing = await run('batch-update', '--plan', `s3://${Bucket}/none`, ...APPLY);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('--plan-out or a sweep');
  expect(await statuses()).toMatchObject({ 'stuck-1.ndjson': 'manifested#3', ...UNTOUCHED });
  const applied = await run('batch-update', '--plan', `s3://${Bucket}/${Key}`, '--json', ...APPLY);
  expect(applied.code).toBe(0);
  expect(await statuses()).toEqual({
    'stuck-1.ndjson': 'pending#3',
    'stuck-2.ndjson': 'pending',
    ...UNTOUCHED,
  });
});

test('update-state sets the status and other attributes of one file; an unusual transition needs --force', async () => {
  const args = ['failed.ndjson', '--date', DATE, '--new-status', 'completed'];
  const refused = await run('update-state', ...args, ...APPLY);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('--force');
  expect((await statuses())['failed.ndjson']).toBe('failed#3');
  const shown = await run('update-state', ...args, '--force', '--set', 'output_path=s3://out/x=1');
  expect(shown.stderr).toContain(
    'failed → completed 1; also sets output_path "s3://out/x=1". Nothing was written.',
  );
  const forced = await run('update-state', ...args, '--force', '--set', 'output_path=s3://out/x=1', ...APPLY);
  expect(forced.code).toBe(0);
  expect((await records())['failed.ndjson']).toMatchObject({
    status: 'completed#3',
    output_path: 's3://out/x=1',
  });
  const comma = [
    'stuck-1.ndjson',
    '--date',
    DATE,
    '--new-status',
    'failed',
    '--set',
    'error_message=late, a=b',
  ];
  expect((await run('update-state', ...comma, ...APPLY)).code).toBe(0);
  expect((await records())['stuck-1.ndjson']).toMatchObject({ error_message: 'late, a=b' });
  expect((await statuses())['done.ndjson']).toBe('completed#3');
});

test('a part of a name shows what would be done, and writes nothing', async () => {
  const args = ['stuck-1', '--date', DATE, '--new-status', 'failed'];
  const planned = await run('update-state', ...args);
  expect(planned.stderr).toContain('Found: stuck-1.ndjson');
  const { code, stderr } = await run('update-state', ...args, ...APPLY);
  expect(code).toBe(2);
  expect(stderr).toContain(`stuck-1.ndjson --date ${DATE}`);
  expect(await statuses()).toMatchObject({ ...UNTOUCHED, 'stuck-1.ndjson': 'manifested#3' });

  // What is printed has the whole name, so it is not refused.
  const [, next = ''] = /To apply it: .*runbooks\/update-state\.ts (.*)/.exec(planned.stderr) ?? [];
  expect(next).toBe(`stuck-1.ndjson --date ${DATE} --new-status failed --apply --reason WHY`);
  expect((await run('update-state', ...next.split(' '), '--yes')).code).toBe(0);
  expect(await statuses()).toEqual({
    ...UNTOUCHED,
    'stuck-1.ndjson': 'failed#3',
    'stuck-2.ndjson': 'processing',
  });
});

test('batch-update selects by status and error message', async () => {
  const selection = ['--status', 'failed', '--error-contains', 'throttling', '--new-status', 'pending'];
  const { code } = await run('batch-update', ...selection, ...APPLY);
  expect(code).toBe(0);
  expect(await statuses()).toMatchObject({ 'failed.ndjson': 'pending#3', 'done.ndjson': 'completed#3' });
});

test.each([
  ['CSV', `date_prefix,file_key,note\n${DATE},failed.ndjson,"a, b"\n${DATE},none.ndjson,\n`],
  [
    'JSON',
    JSON.stringify([
      { date_prefix: DATE, file_key: 'failed.ndjson' },
      { date_prefix: DATE, file_key: 'none.ndjson' },
    ]),
  ],
  [
    'NDJSON',
    `{"date_prefix":"${DATE}","file_key":"failed.ndjson"}\n{"date_prefix":"${DATE}","file_key":"none.ndjson"}\n`,
  ],
])(
  'batch-update reads a list as %s from standard input, and says what it leaves out',
  async (_form, list) => {
    const args = ['--list=-', '--new-status', 'pending', ...APPLY];
    const { code, stderr } = await runRunbook('batch-update', args, aws.environment, { stdin: list });
    expect(code).toBe(5);
    expect(stderr).toContain('No record of none.ndjson');
    expect(await statuses()).toMatchObject({ 'failed.ndjson': 'pending#3', 'done.ndjson': 'completed#3' });
  },
);

test.each([
  ['none.ndjson', [], 3],
  ['none.ndjson', APPLY, 3],
  ['failed.ndjson\n2026-11-23,none.ndjson', [], 5],
  ['failed.ndjson', [], 0],
])('a list of %s ends, with %j, with exit code %i', async (names, apply, expected) => {
  const list = `date_prefix,file_key\n${DATE},${names}\n`;
  const args = ['--list=-', '--new-status', 'pending', ...apply];
  const { code } = await runRunbook('batch-update', args, aws.environment, { stdin: list });
  expect(code).toBe(expected);
});

test.each([{ apply: [] }, { apply: APPLY }])(
  'an empty list ends, with $apply, with exit code 3, and writes nothing',
  async ({ apply }) => {
    const before = await records();
    const args = ['--list=-', '--new-status', 'pending', ...apply];
    const ended = await runRunbook('batch-update', args, aws.environment, { stdin: '' });
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining('received a list without rows')]);
    expect(await records()).toEqual(before);
  },
);

test.each([
  ['JSON', `\uFEFF[{"date_prefix":"${DATE}","file_key":"failed.ndjson"}]`],
  ['NDJSON', `\uFEFF{"date_prefix":"${DATE}","file_key":"failed.ndjson"}\r\n`],
  ['CSV', `\uFEFFdate_prefix,file_key\r\n${DATE},failed.ndjson\r\n`],
])('%s with a byte order mark is read, and so is a plan', async (_form, list) => {
  const path = join(folder, 'marked.ndjson');
  const args = ['--list=-', '--new-status', 'pending', '--plan-out', path];
  const planned = await runRunbook('batch-update', args, aws.environment, { stdin: list });
  expect(planned.code).toBe(0);
  expect(planned.stderr).toContain('A plan for 1 file: failed → pending 1.');
  writeFileSync(path, `\uFEFF${readFileSync(path, 'utf8')}`);
  expect(await run('batch-update', '--plan', path)).toMatchObject({ code: 0 });
});

test('dates that a spreadsheet has rewritten are refused, not guessed', async () => {
  const list = 'date_prefix,file_key\n23/11/2026,failed.ndjson\n';
  const args = ['--list=-', '--new-status', 'pending', ...APPLY];
  const { code, stderr } = await runRunbook('batch-update', args, aws.environment, { stdin: list });
  expect(code).toBe(2);
  expect(stderr).toContain('a spreadsheet rewrites dates');
  expect((await statuses())['failed.ndjson']).toBe('failed#3');
});

test('our own CSV reads back, and the audit says of each file what its row said', async () => {
  const names = ['=sum.ndjson', "'=quoted.ndjson", '-minus.ndjson', ' blank.ndjson '];
  for (const name of names) await put(name, { status: 'failed#3' });
  const listed = await run('files', '--status', 'failed', '--date', DATE, '--output', 'csv');
  const [heading, ...rows] = listed.stdout.trimEnd().split('\n');
  const list = [`${heading},cause,summary`, ...rows.map((row) => `${row},input_gone,"its input, is gone"`)];
  const args = ['--list=-', '--new-status', 'quarantined', ...APPLY];
  const { code, stderr } = await runRunbook('batch-update', args, aws.environment, {
    stdin: list.join('\n'),
  });
  expect(stderr).toContain('5 applied');
  expect(code).toBe(0);
  for (const name of names) expect((await statuses())[name]).toBe('quarantined#3');
  const [change] = JSON.parse((await run('changes', '--json')).stdout);
  const [file] = JSON.parse((await run('changes', change.change_id, '--json')).stdout);
  expect(file.why).toMatch(/^input_gone: its input, is gone; row \d of the list$/);
});

test('the next command raises the limit where it has to, and works as it stands', async () => {
  const planned = await run('reset-stuck', '--hours', '2', '--max-changes', '1');
  const [, command = ''] = /To apply it: .*npx tsx runbooks\/reset-stuck\.ts (.*)/.exec(planned.stderr) ?? [];
  expect(command).toBe('--hours 2 --max-changes 2 --apply --reason WHY');
  const applied = await run('reset-stuck', ...command.split(' '), '--yes');
  expect(applied.stderr).toContain('2 applied');
});

test('a saved plan is applied by a command that raises the limit, whatever the limit of this one was', async () => {
  const names = Array.from({ length: 101 }, (_, i) => `many-${i}.ndjson`);
  for (const name of names) await put(name, { status: 'quarantined#1' });
  const plan = join(folder, 'many.ndjson');
  const selection = ['--status', 'quarantined', '--new-status', 'pending', '--force', '--max-changes', '500'];
  const planned = await run('batch-update', ...selection, '--plan-out', plan);
  expect(planned.stderr).toMatch(/To apply it: .* --plan \S+ --max-changes \d{3} --apply --reason WHY/);
});

test.each(['2026-13-45', '2026-00-00'])(
  'changes from %s are refused: nothing is made on such a day',
  async (day) => {
    for (const flags of [
      ['--from', day],
      ['--to', day],
      ['--audit', '--from', day],
    ]) {
      const { code, stderr, stdout } = await run('changes', ...flags);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`received "${day}", allowed: a date of the calendar`);
    }
  },
);

test('an invalid list is refused with the row that is wrong', async () => {
  const path = join(folder, 'list.csv');
  writeFileSync(path, `date_prefix,file_key\n${DATE},failed.ndjson\n,missing-date.ndjson\n`);
  const { code, stderr } = await run('batch-update', '--list', path, '--new-status', 'pending', ...APPLY);
  expect(code).toBe(2);
  expect(stderr).toContain('row 2');
  expect((await statuses())['failed.ndjson']).toBe('failed#3');
});

test("the bar of an undo has the change's files for its total, not --max-changes", async () => {
  await run('reset-stuck', '--hours', '2', ...APPLY);
  const [change] = JSON.parse((await run('changes', '--json')).stdout);
  const args = [change.change_id, ...APPLY, '--max-changes', '77'];
  const { code, stderr } = await runRunbook('undo', args, aws.environment, { onTerminal: true });
  expect(code).toBe(0);
  expect(stderr).toMatch(/applying [━╌]+ \d of 2 · /);
  expect(stderr).not.toContain('of 77');
});

test('Ctrl-C before anything is applied exits with 130, and says how to start over', async () => {
  const { interrupt, press } = interruption();
  press();
  const before = await records();
  const args = ['--hours', '2', ...APPLY];
  const { code, stderr } = await runRunbook('reset-stuck', args, aws.environment, { interrupt });
  expect(code).toBe(130);
  expect(stderr).toContain('It was interrupted before any file was changed.');
  expect(await records()).toEqual(before);
});

test('the audit is exported by time, each line a file of a change with who made it, when and why', async () => {
  const args = [
    '--status',
    'failed',
    '--new-status',
    'pending',
    '--apply',
    '--yes',
    '--reason',
    'limits raised',
  ];
  await runRunbook('batch-update', args, aws.environment);
  const exported = (...more: string[]) =>
    runRunbook('changes', ['--audit', '--output', 'ndjson', ...more], aws.environment);
  const lines = (await exported('--from', 'yesterday')).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      change: { reason: 'limits raised', origin: 'batch-update', actor: { identity: expect.any(String) } },
      file: {
        file_key: 'failed.ndjson',
        result: 'applied',
        before: { status: 'failed' },
        after: { status: 'pending' },
      },
    },
  ]);
  expect((await exported('--to', '2020-01-01')).stdout).toBe('');
  const { change } = JSON.parse(lines[0] ?? '');
  const one = await exported(change.change_id);
  expect({ code: one.code, lines: one.stdout.trim().split('\n') }).toEqual({ code: 0, lines });
});

test('the audit by time has the stored plans that were applied then, however old they and the changes before them are', async () => {
  const projection = { docs: aws.documents, name: aws.projectionTable };
  const made: readonly (readonly [id: string, createdAt: string])[] = [
    ['20261003T120000000Z-oldest', '2026-11-03T02:00:00.000Z'],
    ['20261102T120000000Z-before', '2026-11-02T12:00:00.000Z'],
    ['20261102T220000000Z-plan', '2026-11-03T01:00:00.000Z'],
    ['20261102T233000000Z-direct', '2026-11-02T23:30:00.000Z'],
    ['20261104T120000000Z-after', '2026-11-04T12:00:00.000Z'],
  ];
  const about = { state: 'done', origin: 'test', table: aws.trackingTable, files: 0, digest: 'd' } as const;
  for (const [id, createdAt] of made)
    await createChange(projection, { ...changeRequest(id), ...about, createdAt });
  const days = ['--from', '2026-11-03', '--to', '2026-11-03'];
  const { code, stdout } = await run('changes', '--audit', '--output', 'ndjson', ...days);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).change.change_id);
  expect({ code, lines }).toEqual({
    code: 0,
    lines: ['20261102T220000000Z-plan', '20261003T120000000Z-oldest'],
  });
});

test('flags for stages are refused without --first, and a share must be a valid one', async () => {
  const select = ['--status', 'failed', '--new-status', 'pending'];
  const before = await records();
  const alone = await runRunbook('batch-update', [...select, '--within', '30m'], aws.environment);
  expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('without --first') });
  const odd = [...select, '--first', '1', '--then-if', 'failed > 5%'];
  expect(await runRunbook('batch-update', odd, aws.environment)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("'failed < 5%'"),
  });
  const shown = [...select, '--first', '1', '--then-if', 'failed < 5%', '--within', '30m'];
  const look = await runRunbook('batch-update', shown, aws.environment);
  expect(look.stderr).toContain("--first 1 --then-if 'failed < 5%' --within 30m --apply");
  expect(await records()).toEqual(before);
});
