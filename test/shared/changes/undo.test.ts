import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import type { ChangeDeps } from '../../../shared/changes/context.ts';
import { previewUndo, undoChange } from '../../../shared/changes/undo.ts';
import type { RawAttributes } from '../../../shared/pipeline/tracking-table.ts';
import {
  auditOf,
  CHANGED_AT,
  changeContext,
  changeRequest,
  DATE,
  FIELD_FILES,
  planOf,
  planReset,
  putRaw,
  scanRaw,
  UNTOUCHED,
  unmarked,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;
let context: ChangeDeps;
let later: ChangeDeps;
const allowed = { maxChanges: 10 };

beforeAll(async () => {
  aws = await localAws();
  context = changeContext(aws);
  later = changeContext(aws, CHANGED_AT + 3_600_000);
});

beforeEach(() => putRaw(aws, [...FIELD_FILES, UNTOUCHED]));

const file = (file_key: string) => ({ date_prefix: DATE, file_key });
const original = () => Object.fromEntries([...FIELD_FILES, UNTOUCHED].map((r) => [r.file_key?.S, r]));

test('an undo restores every attribute byte for byte, and leaves its own audit attributes', async () => {
  const additional_fields = { note: 'overwritten', blob: 1, names: [], added: { deep: [1.5, null] } };
  const requests = [
    { ...file('never-updated.ndjson'), new_status: 'completed', additional_fields },
    { ...file('sharded+name.ndjson'), new_status: 'pending', additional_fields: { file_size_mb: 1 } },
    { ...file('no-times.ndjson'), new_status: 'failed' },
    { ...file('plain.ndjson'), new_status: 'pending' },
  ];
  await applyPlan(context, await planOf(context, requests), changeRequest('done'), allowed);
  expect((await scanRaw(aws))['never-updated.ndjson']).toMatchObject({ note: { S: 'overwritten' } });
  const undo = await undoChange(later, 'done', changeRequest('undone', 'wrong files'), allowed);
  expect(undo).toMatchObject({ state: 'done', undoes: 'done', origin: 'undo', counts: { applied: 4 } });
  const now = await scanRaw(aws);
  expect(unmarked(now)).toEqual(original());
  expect(now['plain.ndjson']).toMatchObject({
    state_change_id: { S: 'undone' },
    state_change_reason: { S: 'wrong files' },
    state_change_time: { S: '2026-11-23T07:00:00.000Z' },
  });
  expect(now['untouched.ndjson']).toEqual(UNTOUCHED);
});

test('an undo removes numbers that the table spells otherwise than the change, whatever the size of its audit', async () => {
  // In the audit of this one, which is too large for an item, they stay as the change spelled them.
  const large = { ...(FIELD_FILES[1] as RawAttributes), error_message: { S: 'x'.repeat(310_000) } };
  await putRaw(aws, [large]);
  const more = { ratio: 0.0000001, rates: { list: [1e-130, -2.5e-8] }, file_size_mb: 1.5e-7 };
  const requests = ['never-updated.ndjson', 'sharded+name.ndjson'].map((name) => ({
    ...file(name),
    new_status: 'failed',
    additional_fields: { ...more, error_message: 'small' },
  }));
  await applyPlan(context, await planOf(context, requests), changeRequest('small'), allowed);
  // AWS spells all numbers anew; DynamoDB Local only does so when an item is put.
  const changed = await scanRaw(aws);
  await putRaw(
    aws,
    requests.map(({ file_key }) => changed[file_key] as RawAttributes),
  );
  expect((await scanRaw(aws))['sharded+name.ndjson']).toMatchObject({ ratio: { N: '0.0000001' } });
  expect(await undoChange(later, 'small', changeRequest('undo-small'), allowed)).toMatchObject({
    counts: { applied: 2, skipped: 0 },
  });
  expect(unmarked(await scanRaw(aws))).toEqual({ ...original(), 'sharded+name.ndjson': large });
});

test('files that are not as the change left them stay as they are, and are listed', async () => {
  await applyPlan(context, await planReset(context), changeRequest('half'), allowed);
  const reset = await scanRaw(aws);
  const completed: RawAttributes = {
    ...reset['plain.ndjson'],
    status: { S: 'completed' },
    updated_at: { S: '2026-11-23T06:30:00Z' },
  };
  await putRaw(aws, [completed]);
  const Key = { date_prefix: { S: DATE }, file_key: { S: 'no-times.ndjson' } };
  await aws.dynamoDb.send(new DeleteItemCommand({ TableName: aws.trackingTable, Key }));
  const other = await planOf(context, [{ ...file('sharded+name.ndjson'), new_status: 'manifested' }]);
  await applyPlan(context, other, changeRequest('other'), allowed);
  const before = await scanRaw(aws);

  const undo = await undoChange(later, 'half', changeRequest('undo-half'), allowed);
  expect(undo).toMatchObject({ state: 'done', counts: { applied: 1, skipped: 3, failed: 0 } });
  const audit = await auditOf(context, 'undo-half');
  expect(audit['plain.ndjson']?.result).toEqual({
    kind: 'skipped',
    became: { status: 'completed', updated_at: '2026-11-23T06:30:00Z', change_id: 'half' },
    differs: ['status', 'updated_at'],
    changes: [
      'status: "pending" → "completed"',
      'updated_at: "2026-11-23T06:00:00.000Z" → "2026-11-23T06:30:00Z"',
    ],
  });
  expect(audit['sharded+name.ndjson']?.result).toMatchObject({
    kind: 'skipped',
    became: { status: 'manifested', change_id: 'other' },
  });
  expect(audit['no-times.ndjson']?.result).toEqual({ kind: 'skipped', differs: [] });
  const now = await scanRaw(aws);
  expect(unmarked(now)).toEqual(
    unmarked({ ...before, 'never-updated.ndjson': FIELD_FILES[2] as RawAttributes }),
  );
});

test('an undo can be undone like any change, and so can that undo', async () => {
  await applyPlan(context, await planReset(context), changeRequest('first'), allowed);
  const changed = unmarked(await scanRaw(aws));
  await undoChange(later, 'first', changeRequest('second'), allowed);
  expect(unmarked(await scanRaw(aws))).toEqual(original());
  expect(await undoChange(later, 'second', changeRequest('third'), allowed)).toMatchObject({
    counts: { applied: 4 },
  });
  expect(unmarked(await scanRaw(aws))).toEqual(changed);
  await undoChange(later, 'third', changeRequest('fourth'), allowed);
  expect(unmarked(await scanRaw(aws))).toEqual(original());
});

test('what was undone is not undone a second time', async () => {
  await applyPlan(context, await planReset(context), changeRequest('twice'), allowed);
  await undoChange(later, 'twice', changeRequest('undo-1'), allowed);
  const again = await undoChange(later, 'twice', changeRequest('undo-2'), allowed);
  expect(again).toMatchObject({ counts: { applied: 0, skipped: 4 } });
  const { 'plain.ndjson': skipped } = await auditOf(context, 'undo-2');
  expect(skipped?.result).toMatchObject({ became: { change_id: 'undo-1' } });
  expect(unmarked(await scanRaw(aws))).toEqual(original());
});

test('an undo skips files that later changes have written, until those are undone too', async () => {
  await applyPlan(context, await planReset(context), changeRequest('a'), allowed);
  const afterA = unmarked(await scanRaw(aws));
  const onward = (new_status: string) =>
    planOf(
      context,
      ['plain.ndjson', 'no-times.ndjson'].map((name) => ({ ...file(name), new_status })),
    );
  await applyPlan(context, await onward('manifested'), changeRequest('b'), allowed);
  await applyPlan(context, await onward('failed'), changeRequest('c'), allowed);
  await undoChange(later, 'c', changeRequest('undo-c'), allowed);
  const early = await undoChange(later, 'a', changeRequest('too-early'), allowed);
  expect(early).toMatchObject({ counts: { applied: 2, skipped: 2 } });
  const { 'plain.ndjson': skipped } = await auditOf(context, 'too-early');
  expect(skipped?.result).toMatchObject({
    became: { status: 'manifested', change_id: 'undo-c' },
    changes: expect.arrayContaining(['status: "pending" → "manifested"']),
  });
  expect(await undoChange(later, 'b', changeRequest('undo-b'), allowed)).toMatchObject({
    counts: { applied: 2 },
  });
  const back = unmarked(await scanRaw(aws));
  expect(back['plain.ndjson']).toEqual(afterA['plain.ndjson']);
  expect(await undoChange(later, 'a', changeRequest('undo-a'), allowed)).toMatchObject({
    counts: { applied: 2, skipped: 2 },
  });
  expect(unmarked(await scanRaw(aws))).toEqual(original());
  // Its files are as they were before it: there is nothing left of it.
  expect(await undoChange(later, 'a', changeRequest('again'), allowed)).toMatchObject({
    counts: { applied: 0, skipped: 4 },
  });
  expect(unmarked(await scanRaw(aws))).toEqual(original());
});

test('a preview tells file by file what an undo would do, and writes nothing', async () => {
  await applyPlan(context, await planReset(context), changeRequest('previewed'), allowed);
  await putRaw(aws, [FIELD_FILES[0] as never]);
  const tables = async () => [await scanRaw(aws), await scanRaw(aws, aws.projectionTable)];
  const before = await tables();
  const previewed: Record<string, unknown> = {};
  for await (const { key, after, result } of previewUndo(context, 'previewed')) {
    previewed[key.file_key] = result?.kind ?? after.status;
  }
  expect(previewed).toEqual({
    'plain.ndjson': 'skipped',
    'sharded+name.ndjson': { S: 'processing#3' },
    'never-updated.ndjson': { S: 'processing#12' },
    'no-times.ndjson': { S: 'processing#0' },
  });
  expect(await tables()).toEqual(before);
});

test('an undo of nothing, of too much, or of another table is refused with nothing written', async () => {
  const plan = await planReset(context);
  await applyPlan(context, plan, changeRequest('whole'), allowed);
  await putRaw(
    aws,
    FIELD_FILES.map((record) => ({ ...record, status: { S: 'completed' } })),
  );
  await applyPlan(context, plan, changeRequest('skipped-all'), allowed);
  const tables = async () => [await scanRaw(aws), await scanRaw(aws, aws.projectionTable)];
  const before = await tables();
  const refused = (id: string, options = allowed, by = context) =>
    expect(undoChange(by, id, changeRequest('refused'), options)).rejects;
  await refused('unknown').toMatchObject({
    code: 'CHANGE_NOT_FOUND',
    message: 'There is no change unknown.',
  });
  await refused('skipped-all').toMatchObject({ code: 'NOTHING_TO_UNDO' });
  await refused('whole', { maxChanges: 3 }).toMatchObject({ code: 'TOO_MANY_CHANGES' });
  const elsewhere = { ...context, tracking: { ...context.tracking, name: 'tracking-prod' } };
  await refused('whole', allowed, elsewhere).toMatchObject({ code: 'OTHER_TABLE' });
  expect(await tables()).toEqual(before);
});
