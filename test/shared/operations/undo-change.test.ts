import { beforeAll, beforeEach, expect, test } from 'vitest';
import { DATE, FIELD_FILES, putRaw, scanRaw, UNTOUCHED, unmarked } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

let aws: LocalAws;
const records = [...FIELD_FILES, UNTOUCHED];

beforeAll(async () => {
  aws = await localAws();
});

beforeEach(() => putRaw(aws, records));

const original = () => Object.fromEntries(records.map((record) => [record.file_key?.S, record]));
const send = (operation: string, input: object) => ask(operationDeps(aws), { operation, ...input });
const failAll = async () => {
  const files = FIELD_FILES.map((record) => ({
    date_prefix: DATE,
    file_key: record.file_key?.S,
    new_status: 'failed',
  }));
  return (await send('batch_update', { files })).change_id;
};

test('unless told otherwise, it says what it would put back and writes nothing', async () => {
  const change_id = await failAll();
  await putRaw(aws, [{ ...FIELD_FILES[0], status: { S: 'completed' } }]);
  const before = await scanRaw(aws);
  const answer = await send('undo_change', { change_id });
  expect(answer).toMatchObject({
    dry_run: true,
    undoes: change_id,
    files_found: 4,
    files_restored: 0,
    would_be_restored: 3,
  });
  expect(answer.files).toContainEqual(
    expect.objectContaining({ file_key: 'plain.ndjson', result: 'skipped', became: expect.anything() }),
  );
  expect(answer.files).toContainEqual(
    expect.objectContaining({ file_key: 'sharded+name.ndjson', result: 'planned' }),
  );
  expect(await scanRaw(aws)).toEqual(before);
});

test('it puts back what the change touched, under an id of its own', async () => {
  const change_id = await failAll();
  const answer = await send('undo_change', { change_id, dry_run: false, reason: 'wrong day' });
  expect(answer).toMatchObject({
    dry_run: false,
    undoes: change_id,
    files_found: 4,
    files_restored: 4,
    state: 'done',
  });
  expect(answer.change_id).not.toBe(change_id);
  expect(unmarked(await scanRaw(aws))).toEqual(original());
  const again = await send('undo_change', { change_id: answer.change_id, dry_run: false });
  expect(again).toMatchObject({ files_restored: 4 });
  expect((await scanRaw(aws))['plain.ndjson']?.status).toEqual({ S: 'failed' });
});

test('a change of more files than allowed is refused, and so is one that nobody made', async () => {
  const change_id = await failAll();
  const before = await scanRaw(aws);
  expect(await send('undo_change', { change_id, dry_run: false, max_changes: 3 })).toMatchObject({
    statusCode: 400,
    error: { code: 'TOO_MANY_CHANGES' },
  });
  for (const dry_run of [true, false]) {
    expect(await send('undo_change', { change_id: '20261123T060000000Z-unknown', dry_run })).toMatchObject({
      statusCode: 404,
      error: { code: 'CHANGE_NOT_FOUND' },
    });
  }
  expect(await scanRaw(aws)).toEqual(before);
});
