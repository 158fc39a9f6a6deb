import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { commandText, shellWord } from '../../shared/text/shell-text.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { digestShown, type Ended, RUNBOOKS, runRunbook } from '../support/runbook.ts';

const DATE = '2026-11-23';
const APPLY = ['--apply', '--yes', '--reason'];
// Clears the screen, reverses the text direction, overwrites the line, starts a new one, and has C1 codes.
const HOSTILE = '\u001b[2J\u001b]0;title\u0007\u202eevil\u0008\u0008\u009b31m\nFORGED: line\u2028\u0000end';
const FILE = `a${HOSTILE}.ndjson`;
const OTHER = `b${HOSTILE}.ndjson`;

let aws: LocalAws;
let plan: string;
let digest: string;
let change: string;

const run = (name: string, args: readonly string[]) => runRunbook(name, args, aws.environment);

beforeAll(async () => {
  aws = await localAws();
  const old = '2026-11-20T01:00:00Z';
  const put = (file_key: string, more: object) =>
    aws.documents.send(
      new PutCommand({
        TableName: aws.trackingTable,
        Item: { date_prefix: DATE, file_key, created_at: old, ...more },
      }),
    );
  const text = { error_message: HOSTILE, file_path: `s3://in/${HOSTILE}`, [`name${HOSTILE}`]: HOSTILE };
  await put(FILE, { ...text, status: 'failed#1', manifest_path: `s3://manifests/${HOSTILE}.json` });
  await put(OTHER, { ...text, status: 'manifested#2', manifest_time: old });
  await put('unknown.ndjson', { ...text, status: `odd${HOSTILE}`, updated_at: HOSTILE });
  await put('untimed.ndjson', { ...text, status: 'processing', created_at: HOSTILE, updated_at: HOSTILE });
  await put(`MANIFEST#${HOSTILE}.json`, { ...text, status: 'failed', execution_arn: HOSTILE });
  await put(`LOCK#${HOSTILE}`, { owner: HOSTILE, ttl: 1 });
  await run('rebuild', [...APPLY, 'test']);
  const made = ['--date', DATE, '--new-status', 'quarantined', '--set', `note=${HOSTILE}`];
  await run('update-state', [FILE, ...made, '--force', ...APPLY, `because ${HOSTILE}`]);
  const [first] = JSON.parse((await run('changes', ['--json'])).stdout);
  change = first.change_id;
  plan = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plan.ndjson');
  const everything = ['--status', 'quarantined,manifested', '--new-status', 'failed', '--force'];
  await run('batch-update', [...everything, '--plan-out', plan]);
  digest = digestShown(await run('approve', [plan]));
  const words = ['--date', DATE, '--text', HOSTILE, ...APPLY, HOSTILE];
  await run('note', [OTHER, ...words]);
  await run('note', words);
  const until = ['--until', 'today', ...APPLY, HOSTILE];
  await run('acknowledge', [OTHER, '--date', DATE, ...until]);
}, 60_000);

/** How each runbook is called so that it shows these records. */
const CALLS: Readonly<Record<string, () => readonly (readonly string[])[]>> = {
  acknowledge: () => [
    [],
    [OTHER, '--date', DATE, '--until', 'today', '--reason', HOSTILE],
    [OTHER, '--date', DATE, '--lift'],
    [`none${HOSTILE}`, '--date', DATE, '--until', 'today'],
  ],
  approve: () => [[plan], [plan, '--digest', digest, ...APPLY, `because ${HOSTILE}`], [plan]],
  'batch-update': () => [
    ['--status', 'quarantined,failed', '--new-status', 'failed', '--force'],
    ['--status', 'unknown', '--new-status', 'pending', '--force'],
    ['--status', 'manifested', '--new-status', 'pending', '--older-than', '1h'],
    ['--status', 'manifested', '--error-contains', HOSTILE, '--new-status', 'failed'],
  ],
  changes: () => [[], [change], [change, '--resume'], [change, '--close']],
  'check-consistency': () => [[DATE]],
  doctor: () => [[]],
  explain: () => [
    [OTHER, '--date', DATE],
    [FILE, '--date', DATE],
    [`none${HOSTILE}`, '--date', DATE],
  ],
  file: () => [
    [FILE, '--date', DATE],
    ['unknown.ndjson', '--date', DATE],
  ],
  files: () => [
    ['--date', DATE],
    ['--status', 'unknown'],
    ['--status', 'processing', '--older-than', '1h'],
  ],
  failures: () => [[], ['--date', DATE]],
  'find-orphans': () => [['--hours', '1', '--manifested-hours', '1', '--include-acknowledged']],
  locks: () => [
    ['--date', DATE],
    ['--date', DATE, '--clear-expired'],
  ],
  manifests: () => [[], ['--status', 'failed']],
  note: () => [
    ['--date', DATE],
    [OTHER, '--date', DATE],
    [OTHER, '--date', DATE, '--text', HOSTILE],
  ],
  rebuild: () => [[]],
  repair: () => [['--wait', '0']],
  'replay-dead-letters': () => [[]],
  'reset-stuck': () => [['--hours', '1']],
  stats: () => [[], ['--date', DATE]],
  timeline: () => [
    [FILE, '--date', DATE],
    [OTHER, '--date', DATE],
  ],
  undo: () => [[change]],
  'update-state': () => [
    [OTHER, '--date', DATE, '--new-status', 'failed'],
    [OTHER, '--date', DATE, '--new-status', 'pending'],
    [OTHER, '--date', DATE, '--new-status', 'failed', '--expected-status', HOSTILE],
  ],
  'verify-data': () => [[DATE], [FILE, '--date', DATE]],
  'wake-builder': () => [[DATE], [DATE, '--object', `pipeline/input/${DATE}/${HOSTILE}.ndjson`]],
  watch: () => [['--count', '1']],
};

const RAW = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

function expectVisible({ stdout, stderr }: Ended, call: string): void {
  for (const line of `${stdout}\n${stderr}`.split('\n')) {
    expect(
      RAW.exec(line)?.[0].codePointAt(0)?.toString(16),
      `${call}: ${JSON.stringify(line)}`,
    ).toBeUndefined();
    expect(line.startsWith('FORGED'), `${call}: a line of a record's own`).toBe(false);
  }
  expect(stderr, call).not.toContain('This is a bug');
}

/** Runbooks that print nothing of a record. */
const PRINT_NONE = ['page', 'run'];

test('every runbook meets hostile records here', () => {
  expect(Object.keys(CALLS).sort()).toEqual(RUNBOOKS.filter((name) => !PRINT_NONE.includes(name)).sort());
});

test.each(Object.keys(CALLS))('%s sends nothing of a record to a terminal unescaped', async (name) => {
  for (const args of CALLS[name]?.() ?? []) {
    for (const form of name === 'watch' ? ['table'] : ['table', 'json', 'ndjson']) {
      const call = `${name} ${JSON.stringify(args)} ${form}`;
      expectVisible(await run(name, [...args, '--output', form]), call);
    }
  }
});

test('JSON has exactly the text of the record, with every character visible', async () => {
  const { stdout } = await run('file', [FILE, '--date', DATE, '--json']);
  expect(JSON.parse(stdout).record).toMatchObject({ file_key: FILE, error_message: HOSTILE });
});

test.each([HOSTILE.replace('\u0000', ''), "it's", '$(touch x)', '\u202e\\', 'é😀\u200d'])(
  'a printed command gives a shell the word %j back',
  (word) => {
    const text = commandText('file', [word]);
    expect(RAW.test(text)).toBe(false);
    const shell = spawnSync('bash', ['-c', `printf %s ${shellWord(word)}`], { env: { LC_ALL: 'C.UTF-8' } });
    expect(shell.stdout.toString()).toBe(word);
  },
);
