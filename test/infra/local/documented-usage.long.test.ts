/** @module-tag long */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scanCounts } from '../../../infra/local/compare-counts.ts';
import { startFeed } from '../../../infra/local/feed.ts';
import type { LocalSettings } from '../../../infra/local/settings.ts';
import { type LocalSystem, startLocalSystem } from '../../../infra/local/system.ts';
import { localFolders } from '../../support/bundles.ts';
import { busiestDate } from '../../support/busiest-date.ts';
import { freeLocalSettings } from '../../support/free-ports.ts';
import { SMALL_FEED } from '../../support/small-feed.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'state-manager-'));
let settings: LocalSettings;
let system: LocalSystem;
let date_prefix: string;
let file_key: string;

beforeAll(async () => {
  settings = await freeLocalSettings();
  system = await startLocalSystem(settings, localFolders(folder));
  await startFeed(SMALL_FEED, settings, system).done;
  await system.stream.idle();
  const documents = DynamoDBDocumentClient.from(system.dynamoDb);
  date_prefix = await busiestDate(documents, settings.names.trackingTable);
  const date_range = { start: date_prefix, end: date_prefix };
  const { files } = await ask({ operation: 'query_by_status', status: 'completed', date_range, limit: 1 });
  file_key = (files as { file_key: string }[])[0]?.file_key ?? '';
});

afterAll(() => system.stop());

/** As any client asks: through the Lambda API. */
async function ask(request: object): Promise<Record<string, unknown>> {
  const client = new LambdaClient({
    endpoint: system.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'anyone', secretAccessKey: 'local' },
  });
  const FunctionName = settings.names.operationsFunction;
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(request) }),
  );
  expect(FunctionError).toBeUndefined();
  return JSON.parse(Payload?.transformToString() ?? '');
}

const number = expect.any(Number);
const text = expect.any(String);
const list = expect.any(Array);
const object = expect.any(Object);

test('get_file_state returns one file, or the files of a date', async () => {
  expect(await ask({ operation: 'get_file_state', date_prefix, file_key })).toMatchObject({
    file: { date_prefix, file_key, status: text },
  });
  expect(await ask({ operation: 'get_file_state', date_prefix, limit: 10 })).toMatchObject({
    count: 10,
    files: list,
  });
});

test('query_by_status answers with status, count and files', async () => {
  const date_range = { start: '2026-01-01', end: '2099-12-31' };
  for (const extra of [{}, { limit: 50 }, { date_range }]) {
    const answer = await ask({ operation: 'query_by_status', status: 'completed', ...extra });
    expect(answer).toMatchObject({ status: 'completed', count: number, files: list });
  }
});

test('get_stats answers with the six statuses and their total, equal to a full scan by another client', async () => {
  const answer = await ask({ operation: 'get_stats' });
  expect(answer).toMatchObject({
    stats: {
      pending: number,
      manifested: number,
      processing: number,
      completed: number,
      failed: number,
      quarantined: number,
    },
    total: number,
  });
  const scanned = await scanCounts(
    DynamoDBDocumentClient.from(system.dynamoDb),
    settings.names.trackingTable,
  );
  const files = Object.entries(scanned).filter(([name]) => name.startsWith('file '));
  expect(answer.total).toBe(files.reduce((sum, [, count]) => sum + count, 0));
  expect(await ask({ operation: 'get_stats', date_prefix })).toMatchObject({ stats: object, total: number });
});

test('get_processing_timeline answers with events, durations and the total', async () => {
  expect(await ask({ operation: 'get_processing_timeline', date_prefix, file_key })).toMatchObject({
    file: `${date_prefix}/${file_key}`,
    current_status: text,
    timeline: expect.arrayContaining([{ event: 'uploaded', timestamp: text, status: 'pending' }]),
    durations_seconds: object,
    total_processing_time: expect.anything(),
  });
});

test('find_orphans answers with the documented three kinds and their sum', async () => {
  expect(await ask({ operation: 'find_orphans', max_processing_hours: 2 })).toMatchObject({
    total_orphans: number,
    orphans: { stuck_in_processing: list, missing_manifests: list, missing_outputs: list },
  });
});

test('reset_stuck_files is a dry run by default', async () => {
  const before = await ask({ operation: 'get_stats' });
  for (const extra of [{}, { max_processing_hours: 4, dry_run: true }]) {
    expect(await ask({ operation: 'reset_stuck_files', ...extra })).toMatchObject({
      dry_run: true,
      stuck_files_found: number,
      files_reset: 0,
      stuck_files: list,
    });
  }
  expect(await ask({ operation: 'get_stats' })).toMatchObject({ stats: before.stats as object });
});

test('validate_consistency answers with both counts and the issues', async () => {
  expect(await ask({ operation: 'validate_consistency', date_prefix })).toMatchObject({
    date_prefix,
    db_file_count: number,
    s3_file_count: number,
    issues_found: number,
    issues: list,
  });
});

test('update_state changes one file and answers with it; another file stays as it was', async () => {
  const { files } = await ask({ operation: 'get_file_state', date_prefix, limit: 2 });
  const other = (files as { file_key: string }[])[1]?.file_key;
  const before = await ask({ operation: 'get_file_state', date_prefix, file_key: other });
  const answer = await ask({
    operation: 'update_state',
    date_prefix,
    file_key,
    new_status: 'failed',
    additional_fields: { error_message: 'checked by hand' },
    force: true,
  });
  expect(answer).toMatchObject({
    message: text,
    updated_item: { date_prefix, file_key, status: 'failed', error_message: 'checked by hand' },
  });
  expect(await ask({ operation: 'get_file_state', date_prefix, file_key: other })).toEqual(before);
});

test('batch_update answers with how many it changed, and why not the others', async () => {
  const files = [
    { date_prefix, file_key, new_status: 'pending' },
    { date_prefix, file_key: 'no-such-file.ndjson', new_status: 'failed' },
  ];
  expect(await ask({ operation: 'batch_update', files })).toMatchObject({
    total: 2,
    successful: 1,
    failed: 1,
    errors: [{ file: expect.stringContaining('no-such-file.ndjson'), error: text }],
  });
});

test('the AWS CLI works as documented, if it is installed', async (context) => {
  const version = await run('aws', ['--version']).catch(() => undefined);
  if (!version) return context.skip('no AWS CLI on this machine');
  const out = join(folder, 'out.json');
  const payload = '{"operation":"get_stats"}';
  const isFirst = /aws-cli\/1\./.test(version.stdout + version.stderr);
  const binary = isFirst ? [] : ['--cli-binary-format', 'raw-in-base64-out'];
  const target = ['--endpoint-url', system.url, '--function-name', settings.names.operationsFunction];
  const env = { ...process.env, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  await run(
    'aws',
    ['lambda', 'invoke', '--region', 'us-east-1', ...target, '--payload', payload, ...binary, out],
    { env },
  );
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ stats: object, total: number });
});
