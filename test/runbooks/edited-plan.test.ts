import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { loadRunbook } from '../../runbooks/run.ts';
import { newPlanHeader, type PlanEntry } from '../../shared/changes/plan.ts';
import { planLines } from '../../shared/changes/saved-plan.ts';
import { runCommand } from '../../shared/cli/run.ts';
import { versionAttributes } from '../../shared/pipeline/version.ts';
import { DATE, putRaw, rawFile, scanRaw } from '../support/changes.ts';
import { localAws } from '../support/local-aws.ts';
import { invocationOf } from '../support/runbook.ts';

const folder = mkdtempSync(join(tmpdir(), 'edited-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FAILED = { status: { S: 'failed' }, updated_at: { S: `${DATE}T01:10:00Z` } };
const entry = (file_key: string): PlanEntry => ({
  ...{ date_prefix: DATE, file_key, new_status: 'quarantined', why: 'test' },
  expected: { status: 'failed', attributes: versionAttributes(rawFile(file_key, FAILED)) },
});

/** Applies a saved plan of `right.ndjson` and others; while the question waits, `wrong.ndjson` takes its place. */
async function editedAtThePrompt(others: number) {
  const aws = await localAws();
  const names = ['right.ndjson', 'wrong.ndjson'];
  await putRaw(
    aws,
    names.map((name) => rawFile(name, FAILED)),
  );
  const path = join(folder, `${others}.ndjson`);
  const rest = Array.from({ length: others }, (_, i) => entry(`${i}.ndjson`));
  const header = newPlanHeader({ table: aws.trackingTable }, 'batch-update', Date.now());
  const write = (name: string) => writeFile(path, planLines(header, [entry(name), ...rest]));
  await write('right.ndjson');
  const args = ['--plan', path, '--apply', '--reason', 'test', '--max-changes', '2000'];
  const { invocation, said } = invocationOf(args, aws.environment);
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        said.stderr += String(chunk);
        done();
        if (String(chunk).includes('[y/N]')) void write('wrong.ndjson').then(() => stdin.write('y\n'));
      },
    }),
    { isTTY: true, columns: 120 },
  );
  const code = await runCommand(await loadRunbook('batch-update'), { ...invocation, stdin, stderr });
  const records = Object.values(await scanRaw(aws));
  const statuses = Object.fromEntries(records.map(({ file_key, status }) => [file_key?.S, status?.S]));
  return { code, stderr: said.stderr, statuses };
}

test('a short plan that is edited at the prompt is applied as it was confirmed', async () => {
  const { code, stderr, statuses } = await editedAtThePrompt(0);
  expect(stderr).toMatch(/Change 1 file \(failed → quarantined 1\) in table \S+ \(local\)\? \[y\/N\]/);
  expect({ code, statuses }).toEqual({
    code: 0,
    statuses: { 'right.ndjson': 'quarantined', 'wrong.ndjson': 'failed' },
  });
});

test('a long plan that is edited at the prompt is refused, and no file is changed', async () => {
  const { code, stderr, statuses } = await editedAtThePrompt(1_001);
  expect(stderr).toContain('The plan was replaced after it was checked. No file was changed.');
  expect({ code, statuses }).toEqual({
    code: 3,
    statuses: { 'right.ndjson': 'failed', 'wrong.ndjson': 'failed' },
  });
});
