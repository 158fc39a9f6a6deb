import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { failureClass } from '../../shared/pipeline/failure-class.ts';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ask, operationDeps } from '../support/operations.ts';
import { applyDeps } from '../support/projection.ts';
import { runRunbook } from '../support/runbook.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

let aws: LocalAws;
const HEAP = failureClass('Java heap space').id;

beforeAll(async () => {
  aws = await localAws();
  const table = streamedTable();
  const fail = (key: string, error_message: string, date?: string) =>
    table.write(key, { ...uploaded(), status: 'failed#3', error_message }, date);
  const records = [
    fail('a.ndjson', 'Java heap space'),
    fail('b.ndjson', 'Java heap space'),
    fail('c.ndjson', 'Access Denied', '2026-11-22'),
  ];
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  for (const [key, Item] of table.items) {
    const put = { TableName: aws.trackingTable, Item: { ...Item, ...JSON.parse(key) } };
    await aws.documents.send(new PutCommand(put));
  }
});

test('the runbook and the operation tell the same, in all and of a date', async () => {
  const { code, stdout } = await runRunbook('failures', ['--json'], aws.environment);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([
    { class: HEAP, failed: 2, text: 'Java heap space' },
    { failed: 1 },
  ]);
  const dated = await runRunbook('failures', ['--date', '2026-11-22', '--json'], aws.environment);
  expect(JSON.parse(dated.stdout)).toMatchObject([{ failed: 1, quarantined: 0 }]);
  const answer = await ask(operationDeps(aws), { operation: 'get_failures', class: HEAP });
  expect(answer).toMatchObject({ failed: 2, failures: [{ class: HEAP }] });
  expect(answer).toHaveProperty('samples.length', 2);
});

test('a class selects its files for a listing and a plan, and no others', async () => {
  const args = ['--status', 'failed', '--class', HEAP];
  const { stdout } = await runRunbook('files', [...args, '--json'], aws.environment);
  expect(JSON.parse(stdout).map((file: { file_key: string }) => file.file_key)).toEqual([
    'a.ndjson',
    'b.ndjson',
  ]);
  const plan = await runRunbook('batch-update', [...args, '--new-status', 'quarantined'], aws.environment);
  expect(plan.stdout + plan.stderr).toContain('b.ndjson');
  expect(plan.stdout + plan.stderr).not.toContain('c.ndjson');
});
