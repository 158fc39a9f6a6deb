import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { putInputs, scanRaw } from '../support/changes.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';
import { uploaded } from '../support/stream-records.ts';

const DATE = '2026-11-23';
let aws: LocalAws;
const run = (name: string, args: readonly string[], stdin?: string) =>
  runRunbook(name, args, aws.environment, stdin === undefined ? {} : { stdin });

beforeEach(async () => {
  aws = await localAws();
  await putInputs(aws, ['failed.ndjson']);
  for (const file_key of ['failed.ndjson', 'gone.ndjson']) {
    const file_path = `s3://${aws.buckets.input}/pipeline/input/${DATE}/${file_key}`;
    const Item = { ...uploaded(), date_prefix: DATE, file_key, file_path, status: 'failed#3' };
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  }
});

const LIST = `date_prefix,file_key\n${DATE},failed.ndjson\n`;

test.each(['pending#3', 'a b', 'done\x1b[31m', 'x'.repeat(70)])(
  'a new status of %j is refused before a plan is made of it, however it is given',
  async (status) => {
    const before = await scanRaw(aws);
    const listed = `date_prefix,file_key,new_status\n${DATE},failed.ndjson,${status}\n`;
    const answers = await Promise.all([
      run('batch-update', ['--status', 'failed', `--new-status=${status}`, '--force']),
      run('update-state', ['failed.ndjson', '--date', DATE, `--new-status=${status}`, '--force']),
      run('batch-update', ['--list=-', '--force'], listed),
    ]);
    for (const { code, stdout, stderr } of answers) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('allowed: a status of up to 64 characters, without shard suffix and spaces');
    }
    expect(await scanRaw(aws)).toEqual(before);
  },
);

test('a list from standard input is to be piped again, by a command that asks nobody', async () => {
  const { stderr } = await run('batch-update', ['--list=-', '--new-status', 'pending'], LIST);
  const [, command = ''] =
    /^To apply it, pipe the same list into: .*npx tsx runbooks\/batch-update\.ts (.*)$/m.exec(stderr) ?? [];
  const applied = await run('batch-update', command.split(' '), LIST);
  expect([applied.code, applied.stderr]).toEqual([0, expect.stringContaining('1 applied')]);
  expect((await scanRaw(aws))['gone.ndjson']?.status).toEqual({ S: 'failed#3' });
});

test('what a saved plan left out is included by a command that saves none', async () => {
  const planOut = join(mkdtempSync(join(tmpdir(), 'runbooks-')), 'plan.ndjson');
  const args = ['--status', 'failed', '--new-status', 'pending', '--plan-out', planOut];
  const { stderr } = await run('batch-update', args);
  const [, command = ''] =
    /To include them anyway: .*npx tsx runbooks\/batch-update\.ts (.*)$/m.exec(stderr) ?? [];
  expect(command).toBe('--status failed --new-status pending --force');
  expect((await run('batch-update', command.split(' '))).code).toBe(0);
});

test('the command for one file offers no saved plan', async () => {
  expect((await run('update-state', ['--help'])).stdout).not.toMatch(/--plan\b(?!-out)|--max-plan-age/);
  const refused = await run('update-state', ['--plan', 'p.ndjson']);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('Unknown flag --plan')]);
});
