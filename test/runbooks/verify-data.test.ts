import { expect, test } from 'vitest';
import { runRunbook } from '../support/runbook.ts';
import { verifiedDate } from '../support/verified-date.ts';

const DATE = '2026-11-23';

async function scene() {
  const given = await verifiedDate();
  const { aws, completed, files, input, job } = given;
  await input('a.ndjson', 3);
  await input('short.ndjson', 3);
  const manifest_path = await files.manifest('batch-0001-20261123-052254.json', ['a.ndjson'], {});
  await completed('a.ndjson', { manifest_path });
  for (const name of ['short.ndjson', 'lost.ndjson', 'twice.ndjson']) await completed(name);
  await job([
    ['a.ndjson', 3],
    ['short.ndjson', 2],
    ['twice.ndjson', 2],
  ]);
  await job([['twice.ndjson', 2]]);
  const run = (...args: string[]) => runRunbook('verify-data', ['--grace', '0', ...args], aws.environment);
  return { ...given, run };
}

const typesIn = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ type, file_key }) => `${type} ${file_key}`);

test('verifying a date shows the cost first, findings on stdout, and the totals and next steps last', async () => {
  const { run, aws, projected } = await scene();
  const { code, stdout, stderr } = await run(DATE, '--output', 'ndjson');
  expect(code).toBe(0);
  expect(typesIn(stdout)).toEqual(['lost lost.ndjson', 'twice twice.ndjson']);
  expect(stderr).toContain('2 output objects');
  expect(stderr).toMatch(/Of 4 completed files, 2 are there, 1 lost, 1 twice, 0 partly/);
  expect(stderr).toContain(`aws s3 mv s3://${aws.buckets.output}/merged-parquet-${DATE}/part-00000-`);
  expect(await projected()).toEqual([]);
});

test('with lines, short files are found; what is kept is not read again', async () => {
  const { run } = await scene();
  const first = await run(DATE, '--lines', '--keep', '--output', 'ndjson');
  expect(typesIn(first.stdout)).toEqual(['lost lost.ndjson', 'partly short.ndjson', 'twice twice.ndjson']);
  expect(first.stderr).toContain('1 of 2 files whose lines were counted are short');
  const again = await run(DATE, '--output', 'ndjson');
  expect(again.stdout).toBe(first.stdout);
  expect(again.stderr).toContain('2 already known');
  expect(again.stderr).toContain('It took 0 requests');
});

test('one file or one manifest can be verified', async () => {
  const { run, uri } = await scene();
  const file = await run(uri('a.ndjson'));
  expect(file.stdout).toContain('3 lines in, 3 rows out.');
  const manifest = await run('batch-0001-20261123-052254.json', '--output', 'ndjson');
  expect(typesIn(manifest.stdout)).toEqual(['present a.ndjson']);
  expect(manifest.stderr).toContain('No report of its job was found.');
  const none = await run('nobody.ndjson', '--date', DATE);
  expect(none.code).toBe(1);
});

test('a sample is reported with its confidence', async () => {
  const { run } = await scene();
  const { stderr } = await run(DATE, '--sample', '1000');
  expect(stderr).toMatch(/1 of 2 files whose lines were counted are short: with 95% confidence/);
});
