import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';
import { seedRunbookData } from '../support/runbook-data.ts';

let aws: LocalAws;
const stats = (...args: string[]) => runRunbook('stats', args, aws.environment);

beforeAll(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
});

test('stdout is the answer of get_stats as JSON; stderr names the target', async () => {
  const { code, stdout, stderr } = await stats('--env', 'local', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    stats: { pending: 0, manifested: 1, processing: 0, completed: 1, failed: 1, quarantined: 0 },
    total: 3,
    manifests: { total: 2 },
  });
  expect(stderr).toContain('Target  local');
  expect(stderr).toContain(aws.trackingTable);
  expect(stderr).toContain(aws.environment.AWS_ENDPOINT_URL_DYNAMODB);
  expect(stderr).not.toContain('Warning');
});

test('a table has a line for each status, and says up to when the counts are complete', async () => {
  const { stdout } = await stats('--date', '2026-11-23');
  expect(stdout).toMatch(/^STATUS +FILES +SHARE +ARRIVALS +MANIFESTS$/m);
  expect(stdout).toMatch(/^failed +1 +50\.0% +1 +0$/m);
  expect(stdout).toMatch(/^total +2 +2$/m);
  expect(stdout).toMatch(/counted up to 2026-11-23 05:\d\d:\d\dZ \(.+\)/);
  expect(stdout).not.toContain('\u001b');
});

test('a range has a line for each date, their sum, and the trend', async () => {
  const { stdout } = await stats('--from', '2026-11-21', '--to', '2026-11-23');
  expect(stdout).toMatch(/^2026-11-21( +0){7}$/m);
  expect(stdout).toMatch(/^2026-11-23 .* 2 +\+100\.0%$/m);
  expect(stdout).toMatch(/^total +0 +1 +0 +1 +1 +0 +3$/m);
  expect(stdout).toContain('trend  ▁▅█  most 2');
});

test('durations say that nothing is counted; where they are counted, learnt limits need enough of them', async () => {
  const off = await stats('--durations');
  expect(off.stdout).toContain('Nothing was counted: see counters.flow in docs/pipeline.md.');
  expect(off.stdout).not.toContain('LEARNT');
  const PIPELINE_PROFILE = JSON.stringify({ counters: { flow: true }, limits: { processing_hours: 3 } });
  const environment = { ...aws.environment, PIPELINE_PROFILE };
  const { code, stdout } = await runRunbook('stats', ['--durations'], environment);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^LIMIT OF +SET +P99 +LEARNT/m);
  expect(stdout).toMatch(/^processing +3h +not enough data yet: 0 of 1,000 durations, 0 of 7 dates$/m);
  const { stdout: json } = await runRunbook('stats', ['--durations', '--json'], environment);
  expect(JSON.parse(json).learnt_limits.limits).toHaveLength(3);
});

test('counts by sender say that the profile has no path for them, or how many files wait for a rebuild', async () => {
  expect((await stats('--senders')).stdout).toContain(
    'Senders are not counted: see sender.path in docs/pipeline.md.',
  );
  const PIPELINE_PROFILE = JSON.stringify({ sender: { path: '{date}/{sender}/' } });
  const { code, stdout } = await runRunbook('stats', ['--senders'], { ...aws.environment, PIPELINE_PROFILE });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^SENDER +TOTAL +FAILED +OF SETTLED +LATE/m);
  expect(stdout).toContain('3 files are not counted by sender yet: see rebuild.ts.');
});

test('counts by sender are for one date or for everything', async () => {
  const { code, stderr } = await stats('--senders', '--from', '2026-11-21', '--to', '2026-11-23');
  expect(code).toBe(2);
  expect(stderr).toContain('--senders takes one date, or none.');
});
