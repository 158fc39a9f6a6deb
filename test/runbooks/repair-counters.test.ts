import { DeleteCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { readCounters } from '../../shared/projection/counter-items.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { applyDeps } from '../support/projection.ts';
import { interruption, runRunbook } from '../support/runbook.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

const DATE = '2026-11-22';
const APPLY = ['--date', DATE, '--wait', '0', '--apply', '--yes', '--reason', 'test'];
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
});

/** Failed files with as many causes, in table and projection. */
async function fail(causes: number): Promise<void> {
  const table = streamedTable();
  const stream = Array.from({ length: causes }, (_, i) => {
    const word = [...String(100 + i)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
    const error_message = `Schema ${word}xyzq was not found by ${word}parser`;
    const name = `${DATE}-${i}.ndjson`;
    return [
      table.write(name, uploaded(1), DATE),
      table.write(name, { status: 'failed#1', error_message }, DATE),
    ];
  }).flat();
  for (const Item of table.items.values())
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  await consumeBatch(stream, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
}

async function counterItems() {
  const { Items = [] } = await aws.documents.send(
    new ScanCommand({ TableName: aws.projectionTable, ConsistentRead: true }),
  );
  return Items.filter(({ pk }) => pk === `STATS#${DATE}`);
}

const projection = () => ({ docs: aws.documents, name: aws.projectionTable });

test('a repair of more counters than a transaction takes goes on until all are right', async () => {
  await fail(120);
  const before = await counterItems();
  expect(before.length).toBeGreaterThan(100);
  for (const { pk, sk } of before)
    await aws.documents.send(new DeleteCommand({ TableName: aws.projectionTable, Key: { pk, sk } }));
  const { code, stderr } = await runRunbook('repair', APPLY, aws.environment);
  expect(code).toBe(0);
  expect(stderr.match(/were corrected by/g)).toHaveLength(2);
  expect((await readCounters(projection(), DATE)).file.failed).toBe(120);
  expect((await runRunbook('repair', ['--date', DATE, '--wait', '0'], aws.environment)).stderr).not.toContain(
    'need',
  );
});

test('a repair that is interrupted corrects nothing more', async () => {
  await fail(3);
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.projectionTable,
      Key: { pk: `STATS#${DATE}`, sk: '0' },
      UpdateExpression: 'ADD file_completed :wrong',
      ExpressionAttributeValues: { ':wrong': 50 },
    }),
  );
  const before = await counterItems();
  const { interrupt, press } = interruption();
  press();
  expect((await runRunbook('repair', APPLY, aws.environment, { interrupt })).code).toBe(130);
  expect(await counterItems()).toEqual(before);
  const { stderr } = await runRunbook('repair', APPLY, aws.environment);
  expect(stderr).toContain(`The counters of ${DATE} were corrected by file_completed -50.`);
});
