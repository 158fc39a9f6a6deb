import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { createResetCheck } from '../../../shared/changes/reset-check.ts';
import type { TrackingRecord } from '../../../shared/pipeline/tracking-table.ts';
import { readConverted } from '../../../shared/reports/proofs.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { sweepOf } from '../../support/completed-sweep.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { jobReports } from '../../support/job-reports.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { orphanSearch } from '../../support/orphan-search.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-20';
const begun = Date.now();
const soon = begun + 30 * HOUR;
/** S3's longest keys: with many folders, and with a name that leaves no room for `MANIFEST#`. */
const DEEP = `manifests/${'f'.repeat(1_007)}/m.json`;
const LONG = 'm'.repeat(1_024);
let aws: LocalAws;
let waiting: TrackingRecord;
const uri = (key: string) => `s3://${aws.buckets.manifest}/${key}`;

beforeAll(async () => {
  aws = await localAws();
  const files = fieldFiles(aws, DATE, begun);
  await files.output();
  const completed = { status: 'completed#3', completed_time: isoTime(begun) };
  for (const name of ['converted', 'waiting', 'lost']) await files.input(name);
  const URIPrefixes = [`s3://${aws.buckets.input}/pipeline/input/${DATE}/converted`];
  const Body = JSON.stringify({ fileLocations: [{ URIPrefixes }] });
  await aws.s3.send(new PutObjectCommand({ Bucket: aws.buckets.manifest, Key: DEEP, Body }));
  await jobReports(aws)(uri(DEEP), begun);
  await files.record('converted', { ...completed, manifest_path: uri(DEEP) });
  const fields = { status: 'manifested#3', updated_at: isoTime(begun), manifest_path: uri(LONG) };
  waiting = await files.record('waiting', fields);
  const manifest_path = await files.manifest('m.json', ['another']);
  await files.record('lost', { ...completed, manifest_path });
});

test('a sweep checks files whose manifest has the longest of keys, and finishes', async () => {
  const { told, unknown } = await sweepOf(aws, soon, { from: { listing: 'pending' } });
  expect(told).toEqual({
    waiting: 'missing_manifests manifest_missing reset',
    lost: 'not_in_manifest manifest_overwritten reset',
  });
  expect(unknown).toBe(0);
});

test('that such a manifest was converted is remembered', async () => {
  const { projection } = orphanSearch(aws, soon);
  const kept = await readConverted(projection, DATE, `${aws.buckets.manifest}/${DEEP}`);
  expect(kept).toMatchObject({ by: 'report', records: 12 });
});

test('such a name is no obstacle to a reset', async () => {
  expect(await createResetCheck(orphanSearch(aws, soon))(waiting)).toBeUndefined();
});
