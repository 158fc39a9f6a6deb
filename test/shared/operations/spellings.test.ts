import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { search } from '../../../shared/dashboard/search.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { runRunbook } from '../../support/runbook.ts';
import { uploaded } from '../../support/stream-records.ts';
import { NAME_KEYS } from '../../support/unusual-names.ts';

const DATE = '2026-11-23';
const NAME = "report (1) caf\u00e9's.ndjson";
const KEY = 'report+%281%29+caf%C3%A9%27s.ndjson';
const SPELLINGS = [
  NAME,
  KEY,
  `s3://etl-input/pipeline/input/${DATE}/${NAME}`,
  `s3://etl-input/pipeline/input/${DATE}/${KEY}`,
  `pipeline/input/${DATE}/${NAME}`,
  "report%20(1)%20caf%c3%a9's.ndjson",
];
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  for (const [, key] of NAME_KEYS) await write(DATE, key);
  await write(DATE, KEY);
  await write(DATE, 'other+%281%29.ndjson');
});

const write = (date_prefix: string, file_key: string) =>
  aws.documents.send(
    new PutCommand({ TableName: aws.trackingTable, Item: { ...uploaded(), date_prefix, file_key } }),
  );
const request = (operation: string, input: object) => ask(operationDeps(aws), { operation, ...input });
const state = (file_key: string, date_prefix = DATE) => request('get_file_state', { date_prefix, file_key });

test.each(NAME_KEYS)('%s is found by its key, its address and another spelling', async (name, file_key) => {
  // `100%25` is the key of `100%`, which wins: what is printed anywhere is a key.
  const isKeyOfAnother = NAME_KEYS.some(([, key]) => key === name && key !== file_key);
  for (const given of [file_key, ...(isKeyOfAnother ? [] : [name, `s3://etl-input/${DATE}/${name}`])]) {
    expect((await state(given)).file.file_key).toBe(file_key);
  }
});

test.each([
  ['2026-11-01', 'caf%c3%a9+%281%29.ndjson'],
  ['2026-11-02', 'caf%C3%A9%20(1).ndjson'],
  ['2026-11-03', 'caf\u00e9 (1).ndjson'],
  ['2026-11-04', 'caf%C3%A9%20%281%29.ndjson'],
])('on %s a record that another encoder keyed %s is found by the name', async (date, file_key) => {
  await write(date, file_key);
  expect((await state('caf\u00e9 (1).ndjson', date)).file.file_key).toBe(file_key);
  expect((await state('caf%C3%A9+%281%29.ndjson', date)).file.file_key).toBe(file_key);
});

test('a name that no key can have is refused or not found, and no fault', async () => {
  for (const name of ['half\ud800.ndjson', '\u00e9'.repeat(512), 'x'.repeat(1_100), 'folder/']) {
    expect([400, 404]).toContain((await state(name)).statusCode);
  }
});

describe.each(SPELLINGS)('by %s', (given) => {
  const named = { date_prefix: DATE, file_key: given };

  test('every operation finds the file, and answers with its key', async () => {
    expect(await request('explain_file', named)).toMatchObject({ file_key: KEY, status: 'pending' });
    expect(await request('get_processing_timeline', named)).toMatchObject({ file: `${DATE}/${KEY}` });
    const change = { ...named, new_status: 'manifested', dry_run: true };
    expect(await request('update_state', change)).toMatchObject({ updated_item: { file_key: KEY } });
    const { dry_run, ...one } = change;
    expect(await request('batch_update', { files: [one], dry_run })).toMatchObject({
      successful: 1,
      changes: [{ file_key: KEY }],
    });
  });

  test("the page's search finds it", async () => {
    const { tracking, projection, now } = operationDeps(aws);
    const source = { tracking, projection, now, timeRange: undefined, noteFault: expect.fail };
    const found = await search({ name: given, date: DATE }, source as never);
    expect(found).toEqual({ kind: 'file', key: { date_prefix: DATE, file_key: KEY }, by: 'name' });
  });

  test.each(['file', 'explain', 'timeline'])('the runbook %s finds it', async (runbook) => {
    const { stdout } = await runRunbook(runbook, [given, '--date', DATE, '--json'], aws.environment);
    expect(JSON.parse(stdout)).toMatchObject(
      runbook === 'timeline' ? { file: `${DATE}/${KEY}` } : { file_key: KEY },
    );
  });

  test('the runbooks update-state and batch-update plan for it', async () => {
    const args = [given, '--date', DATE, '--new-status', 'manifested', '--json'];
    const one = await runRunbook('update-state', args, aws.environment);
    expect(JSON.parse(one.stdout)).toMatchObject([{ file_key: KEY }]);
    const list = JSON.stringify([named]);
    const many = await runRunbook(
      'batch-update',
      ['--list=-', '--new-status', 'manifested', '--json'],
      aws.environment,
      { stdin: list },
    );
    expect(JSON.parse(many.stdout)).toMatchObject([{ file_key: KEY }]);
  });
});

test('one file in two spellings is refused in a batch, and nothing is written', async () => {
  const files = [KEY, NAME].map((file_key) => ({ date_prefix: DATE, file_key, new_status: 'manifested' }));
  expect(await request('batch_update', { files })).toMatchObject({
    statusCode: 400,
    error: { code: 'INVALID_INPUT' },
  });
  expect((await state(KEY)).file.status).toBe('pending');
});

test('an update in another spelling writes the file and leaves its neighbour', async () => {
  const given = "report%20%281%29%20caf%C3%A9's.ndjson";
  const change = { date_prefix: DATE, file_key: given, new_status: 'manifested' };
  expect(await request('update_state', change)).toMatchObject({ updated_item: { file_key: KEY } });
  expect((await state(KEY)).file.status).toBe('manifested');
  expect((await state('other (1).ndjson')).file.status).toBe('pending');
});
