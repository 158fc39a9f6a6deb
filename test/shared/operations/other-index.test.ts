import { beforeAll, beforeEach, expect, test } from 'vitest';
import { createTrackingTable } from '../../../infra/local/tables.ts';
import { startLambdaFunction } from '../../../infra/local-lambda/function.ts';
import type { FunctionName } from '../../../shared/aws/deployment-names.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { readCounters } from '../../../shared/projection/counter-items.ts';
import { readProfile } from '../../../shared/settings/pipeline-profile.ts';
import { bundledHandler } from '../../support/bundles.ts';
import { DATE, putInputs, putRaw, rawFile, scanRaw, UNTOUCHED } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { runRunbook } from '../../support/runbook.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

// A pipeline whose index has another name, and whose statuses have three shards of another form.
const PIPELINE_PROFILE = JSON.stringify({
  records: { status_index: 'by-status' },
  shards: { count: 3, suffix: '#eu-{shard}' },
});
const profile = readProfile(PIPELINE_PROFILE);
let aws: LocalAws;

beforeAll(async () => {
  const { environment, ...rest } = await localAws();
  const name = `${rest.trackingTable}-eu`;
  await createTrackingTable(rest.dynamoDb, name, profile);
  aws = {
    ...rest,
    trackingTable: name,
    environment: { ...environment, TRACKING_TABLE: name, PIPELINE_PROFILE },
  };
  await putInputs(aws, ['0.ndjson', '1.ndjson', '2.ndjson']);
});

const SINCE = '2026-11-23T01:00:00Z';
const file = (name: string, status: string) =>
  rawFile(name, {
    status: { S: status },
    processing_start_time: { S: SINCE },
    updated_at: { S: SINCE },
    manifest_path: { S: 's3://manifests/batch-0001.json' },
  });
const STUCK = ['0', '1', '2'].map((shard) => file(`${shard}.ndjson`, `processing#eu-${shard}`));
// What proves that nothing converts them any more.
const ENDED = rawFile('MANIFEST#batch-0001.json', {
  status: { S: 'failed' },
  failed_time: { S: '2026-11-23T01:30:00Z' },
});
// Of a shard that this pipeline does not have, so that no listing looks for it before it is learnt.
const FOREIGN = UNTOUCHED;
const RECORDS = [...STUCK, file('done.ndjson', 'completed#eu-1'), ENDED, FOREIGN];

beforeEach(() => putRaw(aws, RECORDS));

const request = (operation: string, input: object = {}) => {
  const context = operationDeps(aws);
  const tracking = trackingTable(context.tracking.docs, aws.trackingTable, profile);
  return ask({ ...context, profile, tracking }, { operation, ...input });
};
const namesIn = (files: unknown) => (files as { file_key: string }[]).map(({ file_key }) => file_key).sort();
const ALL_STUCK = ['0.ndjson', '1.ndjson', '2.ndjson'];

test('files of all its shards are listed by status, by operations and by runbooks', async () => {
  expect(namesIn((await request('query_by_status', { status: 'processing' })).files)).toEqual(ALL_STUCK);
  const { code, stdout } = await runRunbook(
    'files',
    ['--status', 'processing', '--output', 'json'],
    aws.environment,
  );
  expect(code).toBe(0);
  for (const name of ALL_STUCK) expect(stdout).toContain(name);
  expect(stdout).not.toContain('untouched.ndjson');
});

test('they are found as stuck', async () => {
  const { orphans } = await request('find_orphans');
  expect(namesIn(Object.values(orphans as object).flat())).toEqual(ALL_STUCK);
});

test('they are reset, each in its shard, and nothing else is touched', async () => {
  const answer = await request('reset_stuck_files', { dry_run: false, reason: 'the job died' });
  expect(answer).toMatchObject({ stuck_files_found: 3, files_reset: 3 });
  const after = await scanRaw(aws);
  for (const shard of [0, 1, 2]) expect(after[`${shard}.ndjson`]?.status?.S).toBe(`pending#eu-${shard}`);
  for (const record of RECORDS.slice(STUCK.length)) expect(after[record.file_key?.S ?? '']).toEqual(record);
});

async function invoke(name: FunctionName, event: object): Promise<unknown> {
  const fn = startLambdaFunction({
    name,
    handlerFile: bundledHandler(name),
    environment: aws.environment,
    timeoutSeconds: 30,
    onOutput: () => undefined,
  });
  try {
    const { payload, functionError } = await fn.invoke(event);
    expect(functionError, JSON.stringify(payload)).toBeUndefined();
    return payload;
  } finally {
    await fn.stop();
  }
}

test('the deployed widget draws them', async () => {
  const drawn = await invoke('dashboard-widget', {
    view: 'files',
    status: 'processing',
    date: DATE,
    widgetContext: { theme: 'light' },
  });
  for (const name of ALL_STUCK) expect(drawn).toContain(name);
  expect(drawn).not.toContain('untouched.ndjson');
});

test('the deployed consumer learns a shard that others have and this pipeline has not, and listings then find it', async () => {
  const table = streamedTable();
  const Records = [
    table.write('0.ndjson', { ...uploaded(), status: 'processing#eu-0' }),
    table.write('untouched.ndjson', { ...uploaded(), status: 'processing#3' }),
  ];
  await invoke('stream-consumer', { Records });
  const { suffixes } = await readCounters({ docs: aws.documents, name: aws.projectionTable }, undefined);
  expect(suffixes).toEqual({ file: ['#3'], manifest: [], areMore: false });
  const { files } = await request('query_by_status', { status: 'processing' });
  expect(namesIn(files)).toEqual([...ALL_STUCK, 'untouched.ndjson']);
});
