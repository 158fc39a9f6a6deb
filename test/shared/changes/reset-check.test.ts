import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { createResetCheck } from '../../../shared/changes/reset-check.ts';
import type { TrackingRecord } from '../../../shared/pipeline/tracking-table.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { jobReports } from '../../support/job-reports.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { operationDeps } from '../../support/operations.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const begun = Date.now();
const ARN = 'arn:aws:states:us-east-1:123456789012:execution:processor:run-1';
let aws: LocalAws;
let record: TrackingRecord;
let manifest_path: string;
let report: ReturnType<typeof jobReports>;

beforeEach(async () => {
  aws = await localAws();
  const files = fieldFiles(aws, DATE, begun);
  report = jobReports(aws);
  await files.input('a.ndjson');
  const running = {
    status: 'processing',
    execution_arn: ARN,
    processing_start_time: isoTime(begun + 60_000),
  };
  manifest_path = await files.manifest('m1.json', ['a.ndjson'], running);
  record = await files.record('a.ndjson', {
    status: 'manifested#3',
    updated_at: isoTime(begun),
    manifest_path,
  });
});

const obstacle = (now = begun + 8 * HOUR) => createResetCheck(operationDeps(aws, now))(record);

test('a file whose manifest is processing is not reset while nothing shows that its job has ended', async () => {
  expect(await obstacle()).toMatchObject({ code: 'STILL_RUNNING', execution_arn: ARN });
});

test.each([{ status: 'failed' }, { status: 'success' }, { status: 'success', records: 0, files: 0 }])(
  'a report of its job proves that it has ended, whatever it says: %j',
  async (fields) => {
    await report(manifest_path, begun + HOUR, fields);
    expect(await obstacle()).toBeUndefined();
  },
);

test('a report from before the present run, or of another manifest, proves nothing', async () => {
  await report(manifest_path, begun, { status: 'failed' });
  await report(manifest_path.replace('m1', 'm2'), begun + HOUR, { status: 'failed' });
  expect(await obstacle()).toMatchObject({ code: 'STILL_RUNNING' });
});

test("the one record of a date proves nothing, but a job's report does", async () => {
  const meta = { status: 'completed', completed_time: isoTime(begun + HOUR), execution_arn: ARN };
  const Item = { date_prefix: DATE, file_key: 'MANIFEST', created_at: isoTime(begun), ...meta };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  record = { ...record, status: 'processing#3', manifest_path: manifest_path.replace('m1', 'older') };
  expect(await obstacle()).toMatchObject({ code: 'STILL_RUNNING' });
  await report(manifest_path.replace('m1', 'older'), begun + HOUR);
  expect(await obstacle()).toBeUndefined();
});
