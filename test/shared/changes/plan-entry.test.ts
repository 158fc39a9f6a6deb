import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { type FileRequest, planFile } from '../../../shared/changes/plan-entry.ts';
import { versionOf } from '../../../shared/pipeline/version.ts';

const key = { date_prefix: '2026-11-23', file_key: 'a.ndjson' };
const TIMES = { created_at: '2026-11-23T01:00:00Z' };
const recordWith = (attributes: object) => marshall({ ...key, ...TIMES, ...attributes });
const plan = (request: Partial<FileRequest>, attributes: object | undefined) =>
  planFile({ ...key, new_status: 'pending', ...request }, attributes && recordWith(attributes));

test('an entry holds what the table stores, and the new status without suffix', () => {
  const updated_at = '2026-11-23T01:10:00.532494+00:00';
  expect(plan({ why: 'stuck' }, { status: 'processing#3', updated_at })).toEqual({
    kind: 'planned',
    entry: {
      ...key,
      expected: {
        status: 'processing#3',
        attributes: {
          date_prefix: 'S:2026-11-23',
          file_key: 'S:a.ndjson',
          created_at: 'S:2026-11-23T01:00:00Z',
          status: 'S:processing#3',
          updated_at: `S:${updated_at}`,
        },
      },
      new_status: 'pending',
      why: 'stuck',
    },
  });
});

test('what is absent, or no text, is expected to be so', () => {
  const { entry } = plan({ force: true }, { updated_at: null }) as { entry: object };
  expect(entry).toMatchObject({
    expected: { status: null, attributes: { updated_at: 'NULL' } },
    forced: true,
  });
});

test('a time that is a number is told from one that is text, to its last digit', () => {
  const attributes = { status: { S: 'failed' }, updated_at: { N: '1795644900123456789' } };
  const raw = { ...marshall(key), ...attributes };
  expect(planFile({ ...key, new_status: 'pending' }, raw)).toMatchObject({
    entry: { expected: { attributes: { updated_at: 'N:1795644900123456789' } } },
  });
  expect(versionOf(raw)).not.toBe(versionOf({ ...raw, updated_at: { S: '1795644900123456789' } }));
});

test('sets and maps have the same version in whatever order they come', () => {
  const raw = (names: string[], map: object) => ({ names: { SS: names }, map: { M: marshall(map) } });
  expect(versionOf(raw(['a', 'b'], { x: 1, y: 2 }))).toBe(versionOf(raw(['b', 'a'], { y: 2, x: 1 })));
});

test('a version that cannot be distinguished from the next is refused, except with force', () => {
  const bare = marshall({ ...key, status: 'failed', updated_at: null, note: 'x' });
  const request = { ...key, new_status: 'quarantined', expected_version: versionOf(bare) };
  expect(planFile(request, bare)).toMatchObject({ refusal: { code: 'VERSION_UNKNOWN' } });
  expect(planFile({ ...request, force: true }, bare)).toMatchObject({ entry: { forced: true } });
});

test('a version other than the expected one is refused', () => {
  const record = { status: 'failed' };
  const expected_version = versionOf(recordWith(record));
  expect(plan({ expected_version }, record)).toMatchObject({ kind: 'planned' });
  expect(plan({ expected_version }, { ...record, file_size_mb: 3 })).toMatchObject({
    refusal: { code: 'VERSION_CONFLICT' },
  });
});

test('a file that already has the status is left alone, unless there is something else to set', () => {
  expect(plan({ new_status: 'failed' }, { status: 'failed#2' })).toEqual({
    kind: 'unchanged',
    key,
    status: 'failed',
  });
  const additional_fields = { error_message: 'known' };
  expect(plan({ new_status: 'failed', additional_fields }, { status: 'failed#2' })).toMatchObject({
    kind: 'planned',
    entry: { additional_fields },
  });
});

test.each([
  ['out of completed', 'completed', 'pending'],
  ['past processing', 'pending', 'completed'],
  ['to an unknown status', 'failed', 'archived'],
  ['from an unknown status', 'archived', 'pending'],
])('a transition %s needs force, and is recorded as forced', (_name, status, new_status) => {
  expect(plan({ new_status }, { status })).toMatchObject({
    kind: 'refused',
    refusal: { code: 'FORCE_NEEDED', message: expect.stringContaining(`"${status}" to "${new_status}"`) },
  });
  expect(plan({ new_status, force: true }, { status })).toMatchObject({ entry: { forced: true } });
});

test('force that was not needed is not recorded', () => {
  expect(plan({ force: true }, { status: 'failed' })).not.toHaveProperty('entry.forced');
});

test('the status may be expected with or without its suffix', () => {
  for (const expected_status of ['failed', 'failed#2']) {
    expect(plan({ expected_status }, { status: 'failed#2' })).toMatchObject({ kind: 'planned' });
  }
  for (const expected_status of ['processing', 'failed#3', 'failed#']) {
    expect(plan({ expected_status }, { status: 'failed#2' })).toMatchObject({
      refusal: { code: 'STATUS_CONFLICT', message: expect.stringContaining('is "failed"') },
    });
  }
});

test('there is no plan for a file without a record, nor for a record that is not a file', () => {
  expect(plan({}, undefined)).toMatchObject({ refusal: { code: 'FILE_NOT_FOUND' } });
  const manifest = { file_key: 'MANIFEST#batch-0001.json' };
  expect(plan(manifest, { status: 'failed' })).toMatchObject({ refusal: { code: 'NOT_A_FILE' } });
});
