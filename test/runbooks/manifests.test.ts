import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';
import { seedRunbookData } from '../support/runbook-data.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
});

test('manifests in flight come first, with their files and their execution', async () => {
  const { code, stdout } = await runRunbook('manifests', [], aws.environment);
  expect(code).toBe(0);
  const [, first, second] = stdout.split('\n');
  expect(first).toMatch(
    /^processing +2026-11-23 +batch-0002\.json +7 +2026-11-23 05:23:09Z +\S+( \S+)? +stream$/,
  );
  expect(second).toMatch(
    /^completed +2026-11-23 +batch-0001-20261123-052254\.json +2 +2026-11-23 05:30:00Z /,
  );
});

test('several statuses can be chosen', async () => {
  const args = ['--status', 'pending,completed', '--json'];
  const { stdout } = await runRunbook('manifests', args, aws.environment);
  expect(JSON.parse(stdout)).toMatchObject([{ status: 'completed', file_count: 2 }]);
});
