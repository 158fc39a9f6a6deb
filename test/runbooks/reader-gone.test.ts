import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { putRaw, rawFile, scanRaw } from '../support/changes.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';

// Rows of so many files with such names do not fit into one piece of output.
const MANY = 90;
const NAMES = Array.from({ length: MANY }, (_, i) => `${1_000 + i}-${'x'.repeat(900)}.ndjson`);
const LAST = NAMES.at(-1) ?? '';
const FAILED = { status: { S: 'failed#1' }, created_at: { S: '2026-11-23T01:00:00Z' } };
const SELECT = ['--status', 'failed', '--new-status', 'quarantined'];
const APPLY = ['--apply', '--yes', '--reason', 'test'];

let aws: LocalAws;
let planPath: string;

beforeEach(async () => {
  aws = await localAws();
  planPath = join(mkdtempSync(join(tmpdir(), 'reader-')), 'plan.ndjson');
  await putRaw(aws, [
    ...NAMES.map((name) => rawFile(name, FAILED)),
    rawFile('untouched.ndjson', { ...FAILED, status: { S: 'processing#1' } }),
  ]);
});

/** Runs it with a reader who leaves, which must have left before the end of the list. */
async function left(name: string, ...args: string[]) {
  const words = [...args, '--output', 'ndjson'];
  const ended = await runRunbook(name, words, aws.environment, { readerLeaves: true });
  expect(ended.stdout.split('\n').length).toBeLessThan(MANY);
  return ended;
}

test('when the reader leaves, a change is reported with all of its files, and its exit code counts them all', async () => {
  await runRunbook('batch-update', [...SELECT, '--plan-out', planPath], aws.environment);
  await putRaw(aws, [rawFile(LAST, { ...FAILED, status: { S: 'pending#1' } })]);
  const before = await scanRaw(aws);
  const { code, stderr } = await left('batch-update', '--plan', planPath, ...APPLY);
  expect(stderr).toContain(`: ${MANY - 1} applied, 1 skipped`);
  expect(code).toBe(5);
  const after = await scanRaw(aws);
  expect(after[NAMES[0] ?? '']?.status).toEqual({ S: 'quarantined#1' });
  for (const name of [LAST, 'untouched.ndjson']) expect(after[name]).toEqual(before[name]);
});

test('when the reader leaves, a plan is saved with all of its files, and the next command is for all of them', async () => {
  const before = await scanRaw(aws);
  const planned = await left('batch-update', ...SELECT, '--plan-out', planPath, '--max-changes', '50');
  expect(planned.code).toBe(0);
  expect(planned.stderr).toContain(`A plan for ${MANY} files: failed → quarantined ${MANY}.`);
  expect(planned.stderr).toContain(`--plan ${planPath} --max-changes ${MANY} --apply`);
  expect(readFileSync(planPath, 'utf8')).toContain(LAST);

  const shown = await left('batch-update', '--plan', planPath);
  expect(shown.stderr).toContain(`old: failed → quarantined ${MANY}.`);
  expect(await scanRaw(aws)).toEqual(before);
});

test('when the reader leaves, the command that undoes a change is for all of its files', async () => {
  await runRunbook('batch-update', [...SELECT, ...APPLY], aws.environment);
  const before = await scanRaw(aws);
  const [change] = JSON.parse((await runRunbook('changes', ['--json'], aws.environment)).stdout);
  const { code, stderr } = await left('undo', change.change_id, '--max-changes', '50');
  expect([code, stderr]).toEqual([0, expect.stringContaining(`--max-changes ${MANY} --apply`)]);
  expect(await scanRaw(aws)).toEqual(before);
});
