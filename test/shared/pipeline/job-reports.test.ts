import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { parseJobReport } from '../../../shared/pipeline/job-report.ts';
import { createReportFinder } from '../../../shared/pipeline/job-reports.ts';
import { faultyS3, forbidden } from '../../support/faulty-s3.ts';
import { jobReports } from '../../support/job-reports.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;
const noon = Date.parse('2026-11-23T12:00:00Z');
const now = noon + 30 * HOUR;
const span = { from: noon - HOUR, to: noon };
let aws: LocalAws;
let put: ReturnType<typeof jobReports>;

beforeAll(async () => {
  aws = await localAws();
  put = jobReports(aws);
});

const uri = (name: string) => `s3://${aws.buckets.manifest}/manifests/2026-11-23/${name}.json`;
const place = (name: string) => `${aws.buckets.manifest}/manifests/2026-11-23/${name}.json`;
const finder = (s3 = aws.s3) => createReportFinder(s3, aws.buckets.manifest, FIELD_PROFILE);

test.each([
  ['yesterday, before midnight', noon - 24 * HOUR, { from: noon - 25 * HOUR, to: noon }],
  ['at its end', noon, span],
  ['two days after its start', noon, { from: noon - 48 * HOUR, to: now }],
  ['though nobody knows when it began', noon, { from: 0, to: noon }],
])('the report of a job that ended %s is found', async (name, endedAt, when) => {
  const manifest = name.replaceAll(/\W/g, '-');
  await put(uri(manifest), endedAt);
  expect(await finder()(place(manifest), when, now)).toMatchObject({
    found: 'yes',
    report: { result: 'converted', records: 12, endedAt },
  });
});

test('of several reports a success wins, and of failures the last one', async () => {
  await put(uri('twice'), noon - 3_000, { status: 'failed', error: 'first' });
  await put(uri('twice'), noon - 2_000, { status: 'failed', error: 'second' });
  expect(await finder()(place('twice'), span, now)).toMatchObject({ report: { error: 'second' } });
  await put(uri('twice'), noon - 4_000);
  expect(await finder()(place('twice'), span, now)).toMatchObject({ report: { result: 'converted' } });
});

test('there may be no report, or an object that is not one', async () => {
  await aws.s3.send(
    new PutObjectCommand({
      Bucket: aws.buckets.manifest,
      Key: 'logs/glue/2026-11-23-T115900-00000000-0001.json',
      Body: '{"job_info":',
    }),
  );
  expect(await finder()(place('never'), span, now)).toEqual({ found: 'no' });
});

test('what S3 does not let us read is unknown', async () => {
  const s3 = await faultyS3(aws, (command) => (command === 'GetObjectCommand' ? forbidden() : undefined));
  expect(await finder(s3)(place('twice'), span, now)).toMatchObject({ found: 'unknown' });
});

test('on a busy day only a few reports are read for each manifest, and none twice', async () => {
  const day = Date.parse('2026-11-25T00:00:00Z');
  const names = Array.from({ length: 300 }, (_, i) => `busy-${i}`);
  for (const [i, name] of names.entries()) await put(uri(name), day + i * 60_000);
  const read: string[] = [];
  const s3 = await faultyS3(aws, (command, key) => {
    if (command === 'GetObjectCommand') read.push(key);
    return undefined;
  });
  const find = finder(s3);
  const of = (i: number) => find(place(`busy-${i}`), { from: day, to: day + i * 60_000 }, day + 30 * HOUR);
  expect(await of(150)).toMatchObject({ found: 'yes' });
  expect(read.length).toBeLessThan(20);
  const all = await Promise.all(names.map((_, i) => of(i)));
  expect(new Set(all.map(({ found }) => found))).toEqual(new Set(['yes']));
  expect(await of(1_000)).toEqual({ found: 'no' });
  expect(read).toHaveLength(new Set(read).size);
  expect(read.length).toBeLessThan(320);
});

const LOCATION = { bucket: 'manifests', key: 'logs/glue/1.json' };
test.each([
  [{ status: 'success', records_processed: 5, parquet_files_created: 1 }, 'converted'],
  [{ status: 'SUCCEEDED', records_processed: '5' }, 'converted'],
  [{ status: 'success' }, 'converted'],
  [{ status: 'success', records_processed: 0, parquet_files_created: 0 }, 'wrote_nothing'],
  [{ status: 'success', records_processed: 0 }, 'wrote_nothing'],
  [{ status: 'success', parquet_files_created: 0 }, 'wrote_nothing'],
  [{ status: 'failed', records_processed: 5 }, 'failed'],
  [{ status: 'running' }, undefined],
])('a summary of %j means %s', (summary, result) => {
  const manifest_processed = 's3://manifests/a.json';
  const text = JSON.stringify({ processing_summary: { manifest_processed, ...summary } });
  expect(parseJobReport(text, LOCATION)?.result).toBe(result);
});

test.each(['', 'null', '[]', '{"processing_summary":7}', '{"processing_summary":{"status":"success"}}'])(
  '%j is no report',
  (text) => {
    expect(parseJobReport(text, LOCATION)).toBeUndefined();
  },
);
