import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { applyPlan, resumeChange } from '../../../shared/changes/apply.ts';
import { closeChange } from '../../../shared/changes/close.ts';
import type { ChangeDeps } from '../../../shared/changes/context.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import {
  auditOf,
  changeContext,
  changeRequest,
  DATE,
  dyingClient,
  FIELD_FILES,
  planOf,
  planReset,
  putRaw,
  rawFile,
  scanRaw,
  UNTOUCHED,
  unmarked,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;
let context: ChangeDeps;
const allowed = { maxChanges: 100, concurrency: 1 };

beforeAll(async () => {
  aws = await localAws();
  context = changeContext(aws);
  await putRaw(aws, [UNTOUCHED]);
});

const named = (name: string, more: Record<string, AttributeValue> = {}) =>
  rawFile(name, { status: { S: 'failed' }, created_at: { S: '2026-11-23T01:00:00Z' }, ...more });
const fail = (name: string, additional_fields?: Record<string, string>) => ({
  date_prefix: DATE,
  file_key: name,
  new_status: 'quarantined',
  additional_fields,
});

test('files that can never be written are skipped, however many there are, and listed', async () => {
  // As large as a record may be: no mark of a change fits into it any more.
  const full = Array.from({ length: 12 }, (_, i) => `full-${i}.ndjson`);
  const small = ['small-1.ndjson', 'small-2.ndjson'];
  const records = full.map((name) => named(name, { note: { S: 'x'.repeat(409_450) } }));
  await putRaw(
    aws,
    small.map((name) => named(name)),
  );
  for (const record of records) await putRaw(aws, [record]);
  const plan = await planOf(
    context,
    [...full, ...small].map((name) => fail(name)),
  );
  const change = await applyPlan(context, plan, changeRequest('full'), allowed);
  expect(change).toMatchObject({ state: 'done', counts: { applied: 2, skipped: 0, failed: 12 } });
  const audit = await auditOf(context, 'full');
  for (const name of full) {
    expect(audit[name]?.result).toMatchObject({ kind: 'failed', forGood: true, error: expect.any(String) });
  }
  const after = await scanRaw(aws);
  for (const record of records) expect(after[record.file_key?.S ?? '']).toEqual(record);
  expect(after['small-2.ndjson']?.status).toEqual({ S: 'quarantined' });
  expect(after[UNTOUCHED.file_key?.S ?? '']).toEqual(UNTOUCHED);
  const again = await applyPlan(context, plan, changeRequest('full'), allowed);
  expect(again).toEqual(change);
});

test('an audit that is larger than an item is kept whole, read back and undone', async () => {
  const bytes = Uint8Array.from({ length: 30_000 }, (_, i) => i % 256);
  const record = named('large.ndjson', {
    error_message: { S: 'é'.repeat(150_000) },
    manifest_path: { B: bytes },
    updated_at: { NS: ['1', '12345678901234567890'] },
  });
  await putRaw(aws, [record]);
  const text = 'y'.repeat(60_000);
  const plan = await planOf(context, [
    fail('large.ndjson', { error_message: text, manifest_path: text.slice(0, 1_000) }),
  ]);
  const change = await applyPlan(context, plan, changeRequest('large'), allowed);
  expect(change).toMatchObject({ state: 'done', counts: { applied: 1 } });
  const { 'large.ndjson': audited } = await auditOf(context, 'large');
  const { error_message, manifest_path, updated_at } = record;
  expect(audited?.before).toMatchObject({ error_message, manifest_path, updated_at });
  expect(audited?.after).toMatchObject({ error_message: { S: text } });
  await undoChange(context, 'large', changeRequest('undo-large'), allowed);
  const { 'large.ndjson': back, [UNTOUCHED.file_key?.S ?? '']: untouched } = unmarked(await scanRaw(aws));
  expect(back).toEqual(record);
  expect(untouched).toEqual(UNTOUCHED);
});

test.each([
  ['preparing', 3],
  ['applying', 9],
])('a change that was cut off while %s can be ended, and does not go on then', async (state, write) => {
  await putRaw(aws, FIELD_FILES);
  const { client } = await dyingClient(aws, write, false);
  const dying = changeContext(aws, undefined, client);
  await applyPlan(dying, await planReset(dying), changeRequest(state), allowed).catch(() => undefined);
  const closed = await closeChange(context, state, changeRequest(state, 'not wanted'));
  expect(closed).toMatchObject({ state: 'closed', closedBy: { reason: 'not wanted', source: 'sts' } });
  const { actor } = changeRequest(state);
  await expect(resumeChange(context, state, actor, allowed)).rejects.toMatchObject({ code: 'CHANGE_CLOSED' });
  if (state === 'applying') await undoChange(context, state, changeRequest(`undo-${state}`), allowed);
  expect(unmarked(await scanRaw(aws))).toMatchObject(
    Object.fromEntries(FIELD_FILES.map((record) => [record.file_key?.S, record])),
  );
});

test('a change that is done has no other end', async () => {
  await putRaw(aws, FIELD_FILES);
  await applyPlan(context, await planReset(context), changeRequest('whole'), allowed);
  await expect(closeChange(context, 'whole', changeRequest('whole'))).rejects.toMatchObject({
    code: 'CHANGE_CLOSED',
  });
});
