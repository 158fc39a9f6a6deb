import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import type { ChangeDeps, Progress } from '../../../shared/changes/context.ts';
import type { Plan } from '../../../shared/changes/plan.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import { isSameValue } from '../../../shared/pipeline/version.ts';
import {
  auditOf,
  changeContext,
  changeRequest,
  DATE,
  planOf,
  putRaw,
  rawFile,
  scanRaw,
  UNTOUCHED,
  unmarked,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;
let context: ChangeDeps;
const NAME = 'corrected.ndjson';

beforeAll(async () => {
  aws = await localAws();
  context = changeContext(aws);
});

beforeEach(() => putRaw(aws, [UNTOUCHED]));

type Attributes = Record<string, AttributeValue>;

/** What the pipeline writes of an upload: it has no updated_at. */
function fresh(created: AttributeValue, more: Attributes = {}): Attributes {
  return rawFile(NAME, {
    status: { S: 'pending#3' },
    created_at: created,
    manifest_path: { NULL: true },
    file_path: { S: `s3://input/pipeline/input/${DATE}/${NAME}` },
    ...more,
  });
}

const BAD = fresh({ S: '2026-11-23T01:00:00.532494+00:00' }, { file_size_mb: { N: '3.25' } });
const quarantine = () => planOf(context, [{ date_prefix: DATE, file_key: NAME, new_status: 'quarantined' }]);

/** Applies a plan to a record that has become another one, and tells what was said of it. */
async function applyTo(plan: Plan, record: Attributes, id: string, isKept = true) {
  await putRaw(aws, [record]);
  const change = await applyPlan(context, plan, changeRequest(id), { maxChanges: 1, isKept });
  const { [NAME]: left, [UNTOUCHED.file_key?.S ?? '']: untouched } = await scanRaw(aws);
  expect(untouched).toEqual(UNTOUCHED);
  return { change, left, result: (await auditOf(context, id))[NAME]?.result };
}

test.each<[string, Attributes, Attributes, string[]]>([
  [
    'uploaded again, its record put again without updated_at',
    BAD,
    fresh({ S: '2026-11-23T04:00:00.123456+00:00' }, { file_size_mb: { N: '3.5' } }),
    ['created_at: "2026-11-23T01:00:00.532494+00:00" → "2026-11-23T04:00:00.123456+00:00"'],
  ],
  [
    'uploaded again, and the older builder replaces the whole record',
    { ...BAD, updated_at: { S: '2026-11-23T01:10:00Z' }, reset_count: { N: '1' } },
    fresh({ S: '2026-11-23T04:00:00Z' }),
    ['updated_at: "2026-11-23T01:10:00Z" → absent', 'reset_count: 1 → absent', 'file_size_mb: 3.25 → absent'],
  ],
  [
    'uploaded again where times are numbers',
    fresh({ N: '1795395600' }, { updated_at: { N: '1795395600' } }),
    fresh({ N: '1795395600' }, { updated_at: { N: '1795406400' } }),
    ['updated_at: 1795395600 → 1795406400'],
  ],
  [
    'written with the same digits as text',
    fresh({ N: '1795395600123456789' }),
    fresh({ S: '1795395600123456789' }),
    ['created_at: 1795395600123456789 → "1795395600123456789"'],
  ],
  [
    'attempted again and back where it was',
    BAD,
    { ...BAD, manifest_time: { S: '2026-11-23T05:00:00Z' }, reset_count: { N: '1' } },
    ['manifest_time: absent → "2026-11-23T05:00:00Z"', 'reset_count: absent → 1'],
  ],
  ['of another size', BAD, { ...BAD, file_size_mb: { N: '3.26' } }, ['file_size_mb: 3.25 → 3.26']],
  [
    'the same but for an ETag',
    { ...BAD, etag: { S: 'a' } },
    { ...BAD, etag: { S: 'b' } },
    ['etag: "a" → "b"'],
  ],
])('a file that was %s is left as it is, with what had changed', async (name, planned, found, changes) => {
  await putRaw(aws, [planned]);
  const { left, result } = await applyTo(await quarantine(), found, name);
  expect(left).toEqual(found);
  expect(result).toMatchObject({ kind: 'skipped', changes: expect.arrayContaining(changes) });
});

test.each([
  ['prepared and then uploaded again', { created_at: { S: '2026-11-23T04:00:00Z' } }, ['created_at']],
  [
    'prepared and then attempted once more',
    { manifest_time: { S: '2026-11-23T04:00:00Z' } },
    ['manifest_time'],
  ],
])('a file that is %s is left as it is', async (id, changed, differs) => {
  await putRaw(aws, [BAD]);
  const found: Attributes = { ...BAD, ...changed };
  let written = Promise.resolve();
  const onProgress = ({ phase }: Progress) => {
    if (phase === 'preparing') written = putRaw(aws, [found]);
  };
  const options = { maxChanges: 1, ratePerSecond: 1_000, onProgress };
  await applyPlan({ ...context, sleep: () => written }, await quarantine(), changeRequest(id), options);
  expect((await auditOf(context, id))[NAME]?.result).toMatchObject({ kind: 'skipped', differs });
  expect((await scanRaw(aws))[NAME]).toEqual(found);
});

test.each([
  ['19 digits', { N: '1795395600123456789' }],
  ['38 digits', { N: '12345678901234567890123456789012345678' }],
  ['a fraction that a number rounds', { N: '0.1234567890123456789' }],
  ['no time that can be read', { M: { at: { S: 'today' } } }],
  ['a set', { SS: ['a', 'b'] }],
  ['bytes', { B: Uint8Array.from([0, 255]) }],
  ['a boolean', { BOOL: true }],
  ['a text of 3,000 characters', { S: 'x'.repeat(3_000) }],
])('a record whose times have %s can be changed, and is given back by an undo', async (id, updated_at) => {
  const record: Attributes = { ...BAD, updated_at, processing_start_time: updated_at };
  await putRaw(aws, [record]);
  const { change, left } = await applyTo(await quarantine(), record, `of ${id}`);
  expect(change).toMatchObject({ state: 'done', counts: { applied: 1 } });
  expect(left).toMatchObject({ status: { S: 'quarantined#3' } });
  expect((await auditOf(context, `of ${id}`))[NAME]?.before).toMatchObject({ updated_at });
  await undoChange(context, `of ${id}`, changeRequest(`undo of ${id}`), { maxChanges: 1 });
  expect(unmarked(await scanRaw(aws))[NAME]).toEqual(record);
});

test('a saved plan leaves out files whose version cannot be told; a plan that is applied at once includes them', async () => {
  const bare = rawFile(NAME, { status: { S: 'pending' } });
  await putRaw(aws, [bare]);
  const plan = await planOf(context, [
    { date_prefix: DATE, file_key: NAME, new_status: 'quarantined', force: false },
  ]);
  const kept = await applyTo(plan, bare, 'kept');
  expect(kept.left).toEqual(bare);
  expect(kept.result).toMatchObject({ kind: 'skipped', leftOut: { code: 'VERSION_UNKNOWN' } });
  const atOnce = await applyTo(plan, bare, 'at once', false);
  expect(atOnce.left).toMatchObject({ status: { S: 'quarantined' } });
});

test.each([
  ['1e-7', '0.0000001', true],
  ['1e-7', '1E-7', true],
  ['-2.5e-8', '-0.000000025', true],
  ['100', '1E+2', true],
  ['1.50', '1.5', true],
  ['-0', '0', true],
  ['12345678901234567890123456789012345678', '12345678901234567890123456789012345679', false],
  ['1e-7', '1e-8', false],
  ['-1', '1', false],
  ['10', '1', false],
])('of numbers the value is compared, however it is spelled: %s and %s', (one, other, isSame) => {
  expect(isSameValue({ N: one }, { N: other })).toBe(isSame);
  expect(isSameValue({ M: { list: { L: [{ N: one }] } } }, { M: { list: { L: [{ N: other }] } } })).toBe(
    isSame,
  );
  expect(isSameValue({ NS: ['7', one] }, { NS: [other, '7'] })).toBe(isSame);
  expect(isSameValue({ S: one }, { S: other })).toBe(false);
});
