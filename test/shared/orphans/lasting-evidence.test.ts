import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { isoTime } from '../../../shared/text/time.ts';
import { keysOf, sweepOf } from '../../support/completed-sweep.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { jobReports } from '../../support/job-reports.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DATE = '2026-11-20';
const begun = Date.now();
const soon = begun + 30 * HOUR;
const late = begun + 20 * DAY;
let aws: LocalAws;
let files: ReturnType<typeof fieldFiles>;
let report: ReturnType<typeof jobReports>;

beforeEach(async () => {
  aws = await localAws();
  files = fieldFiles(aws, DATE, begun);
  report = jobReports(aws);
});

const COMPLETED = { status: 'completed#3', completed_time: isoTime(begun + 60_000) };
const JOB = {
  status: 'completed',
  processing_start_time: isoTime(begun),
  completed_time: isoTime(begun + 60_000),
};

/** A manifest whose files are completed. */
async function batch(name: string, names: readonly string[], listed = names): Promise<string> {
  const manifest_path = await files.manifest(`${name}.json`, listed, JOB);
  for (const each of names) {
    await files.input(each);
    await files.record(each, { ...COMPLETED, manifest_path });
  }
  return manifest_path;
}
const names = (count: number, name = 'f') => Array.from({ length: count }, (_, i) => `${name}-${i}.ndjson`);
const sweep = (now: number, overrides = {}) => sweepOf(aws, now, overrides);

test.each(['', 'pipeline/output/', 'parquet/'])(
  'files whose output lies under the prefix "%s" are well',
  async (prefix) => {
    await batch('m1', names(20));
    await files.output(prefix);
    expect(await sweep(soon)).toMatchObject({ told: {}, checked: 20, unverifiable: 0 });
  },
);

test('output where only the record says counts as well', async () => {
  const manifest_path = await files.manifest('m1.json', ['a'], JOB);
  await files.record('a', {
    ...COMPLETED,
    manifest_path,
    output_path: `s3://${aws.buckets.output}/else/where/`,
  });
  await files.output();
  await files.outputAt('else/where/part-0.parquet');
  expect((await sweep(soon)).told).toEqual({});
});

test('the report of the job decides, whatever is in the output folder', async () => {
  await files.output();
  await report(await batch('good', ['good.ndjson']), begun + 30_000);
  await report(await batch('empty', ['empty.ndjson']), begun + 30_000, { records: 0, files: 0 });
  await report(await batch('bad', ['bad.ndjson']), begun + 30_000, { status: 'failed', error: 'no memory' });
  const { told, verdicts } = await sweep(soon);
  expect(told).toEqual({
    'empty.ndjson': 'missing_outputs wrote_nothing reset',
    'bad.ndjson': 'missing_outputs failed_unnoticed none',
  });
  const bad = verdicts.find(({ cause }) => cause === 'failed_unnoticed');
  expect(bad?.evidence.find(({ about }) => about === 'job_report')?.detail).toMatch(
    /its job failed: no memory$/,
  );
});

test('a report that names its output is believed as long as there is some', async () => {
  const out = `s3://${aws.buckets.output}/`;
  await fieldFiles(aws, '2026-11-21', begun).output();
  await report(await batch('lost', ['lost.ndjson']), begun + 30_000, {
    output: `${out}merged-parquet-${DATE}/`,
  });
  await report(await batch('deep', ['deep.ndjson']), begun + 30_000, { output: `${out}else/where/` });
  await report(await batch('silent', ['silent.ndjson']), begun + 30_000);
  await files.outputAt('else/where/part-0.parquet');
  expect((await sweep(soon)).told).toEqual({ 'lost.ndjson': 'missing_outputs no_output reset' });
  await files.output();
  expect((await sweep(soon + HOUR)).told).toEqual({});
});

test('when manifests and inputs have expired, lost files are still distinguished from the others', async () => {
  await files.output();
  await report(await batch('m1', names(14)), begun + 30_000);
  await report(await batch('m2', names(2, 'lost'), ['another.ndjson']), begun + 30_000);
  const lost = {
    'lost-0.ndjson': 'not_in_manifest manifest_overwritten reset',
    'lost-1.ndjson': 'not_in_manifest manifest_overwritten reset',
  };
  expect((await sweep(soon)).told).toEqual(lost);
  await files.expire();
  const after = await sweep(late);
  expect(Object.keys(after.told)).toEqual(Object.keys(lost));
  // Nothing is there to be converted again.
  expect(after.verdicts.map(({ cause, change }) => `${cause} ${change}`)).toEqual([
    'manifest_overwritten fail',
    'manifest_overwritten fail',
  ]);
  expect(after.verdicts[0]?.evidence.at(-1)).toMatchObject({
    about: 'earlier_sweep',
    detail: expect.stringMatching(/^found lost on .* lists 1 file, but not this one/),
  });
  expect(after).toMatchObject({ checked: 2, unverifiable: 0 });
});

test('what was converted stays so when its report is gone and its output was merged', async () => {
  await report(await batch('m1', names(3)), begun + 30_000, { records: 7 });
  await files.output();
  await sweep(soon);
  await files.expire();
  await emptyBucket(aws.buckets.manifest);
  await emptyBucket(aws.buckets.output);
  // The date is looked at again, as if it had never been.
  const whole = await sweep(late, { forget: true });
  expect(whole).toMatchObject({ told: {}, checked: 3, unverifiable: 0 });
});

test('a lost file that was converted after all, or has changed, is forgotten', async () => {
  await files.output();
  const manifest_path = await batch('m1', ['a.ndjson', 'b.ndjson'], ['c.ndjson']);
  expect(Object.keys((await sweep(soon)).told)).toEqual(['a.ndjson', 'b.ndjson']);
  await files.manifest('m1.json', ['a.ndjson', 'b.ndjson'], JOB);
  expect((await sweep(soon + HOUR)).told).toEqual({});
  expect(await kept('LOST#')).toEqual([]);
  expect(manifest_path).toContain('m1.json');
});

test('an old file without a report and without output of its time is unverifiable: it is no orphan, and not read again', async () => {
  const other = {
    ...COMPLETED,
    completed_time: isoTime(begun - 5 * DAY),
    created_at: isoTime(begun - 5 * DAY),
  };
  for (const name of names(12)) {
    await files.record(name, {
      ...other,
      manifest_path: `s3://${aws.buckets.manifest}/manifests/${name}.json`,
    });
  }
  await files.output();
  expect(await sweep(soon)).toMatchObject({ told: {}, checked: 12, unverifiable: 12 });
  expect(await sweep(soon + HOUR)).toMatchObject({ told: {}, checked: 0, unverifiable: 12 });
});

test('a manifest that vanished before its time is a finding only while nothing says that it was converted', async () => {
  await files.output();
  await batch('silent', ['silent.ndjson']);
  await report(await batch('told', ['told.ndjson']), begun + 30_000);
  await files.expire();
  expect((await sweep(begun + 2 * HOUR)).told).toEqual({
    'silent.ndjson': 'missing_manifests manifest_gone none',
  });
  expect((await sweep(late)).told).toEqual({});
});

test.each([1_000, 3])(
  'output that is elsewhere is one finding for its date, in pages of %i',
  async (pageSize) => {
    await batch('m1', names(12));
    const other = fieldFiles(aws, '2026-11-21', begun);
    await other.record('well', COMPLETED);
    await other.output();
    const first = await sweep(soon, { pageSize });
    expect(first.verdicts).toMatchObject([
      {
        date_prefix: DATE,
        file_key: '',
        kind: 'outputs_not_found',
        change: 'none',
        summary: expect.stringMatching(
          /^None of the 12 completed files of 2026-11-20 has output under s3:\S+, .*: most likely the output is elsewhere\. Set pipeline\.outputs\.prefixes in settings\.ENV\.json\.$/,
        ),
      },
    ]);
    expect(first.checked).toBe(13);
    // It is told again, for the price of a look at its folders.
    const again = await sweep(soon + HOUR, { pageSize });
    expect(again.verdicts).toEqual(first.verdicts);
    expect(again.checked).toBe(0);
    // Once the place is set, the files are looked at as usual.
    const profile = { ...FIELD_PROFILE, outputs: { ...FIELD_PROFILE.outputs, prefixes: ['deep/'] } };
    await files.output('deep/');
    expect(await sweep(soon + 2 * HOUR, { pageSize, profile })).toMatchObject({ told: {}, checked: 12 });
  },
);

test.each([1_000, 3])(
  'a few files without output beside others are lost, in pages of %i',
  async (pageSize) => {
    await report(await batch('m1', names(12, 'well')), begun + 30_000);
    await batch('m2', names(11, 'lost'));
    await fieldFiles(aws, '2026-11-21', begun).output();
    const found = await sweep(soon, { pageSize });
    expect(found.checked).toBe(23);
    expect(keysOf(found)).toEqual(names(11, 'lost').sort());
    expect(new Set(Object.values(found.told))).toEqual(new Set(['missing_outputs no_output reset']));
    const again = await sweep(soon + HOUR, { pageSize });
    expect(again.told).toEqual(found.told);
    expect(again.checked).toBe(11);
  },
);

test('one item is kept for each manifest and each lost file, longer than the records', async () => {
  await files.output();
  await report(await batch('m1', names(30)), begun + 30_000, { records: 300 });
  await batch('m2', names(2, 'lost'), []);
  await sweep(soon, { pageSize: 4 });
  const items = [...(await kept('CONVERTED#')), ...(await kept('LOST#'))];
  expect(items.map(({ pk, sk }) => `${pk} ${String(sk).replace(/.*\//, '')}`).sort()).toEqual([
    `CONVERTED#${DATE} m1.json`,
    `LOST#${DATE} lost-0.ndjson`,
    `LOST#${DATE} lost-1.ndjson`,
  ]);
  expect(items[0]).toMatchObject({ by: 'report', records: 300 });
  for (const { expires_at } of items)
    expect(Number(expires_at)).toBeGreaterThan(soon / 1_000 + FIELD_PROFILE.records.settled_days * 86_400);
});

test('a first look at old dates of which only outputs and some reports are left raises no alarm', async () => {
  const dates = ['2026-09-01', '2026-10-01', '2026-10-30'];
  for (const [i, date] of dates.entries()) {
    files = fieldFiles(aws, date, begun);
    for (const name of ['m1', 'm2']) {
      const manifest = await batch(`${date}-${name}`, names(8, `${date}-${name}`));
      if (name === 'm1') await report(manifest, begun + 30_000 + i);
    }
    await files.output();
    await files.expire();
  }
  const ttl = Math.floor((begun + 90 * DAY) / 1_000);
  await aws.documents.send(
    new PutCommand({
      TableName: aws.trackingTable,
      Item: { date_prefix: dates[0], file_key: 'MANIFEST', status: 'completed', ttl },
    }),
  );
  for (const now of [begun + 30 * DAY, begun + 60 * DAY, begun + 89 * DAY]) {
    expect(await sweep(now)).toMatchObject({ told: {}, unverifiable: 0, unknown: 0 });
  }
});

async function emptyBucket(Bucket: string): Promise<void> {
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) await aws.s3.send(new DeleteObjectCommand({ Bucket, Key }));
}

/** What is remembered, by the first word of its key. */
async function kept(prefix: string) {
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.projectionTable }));
  return Items.filter(({ pk }) => String(pk).startsWith(prefix));
}
