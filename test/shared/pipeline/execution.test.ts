import { expect, test } from 'vitest';
import { type ExecutionFacts, executionEnded } from '../../../shared/pipeline/execution.ts';
import { manifestName } from '../../../shared/pipeline/manifest.ts';
import type { TrackingRecord } from '../../../shared/pipeline/tracking-table.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-23T12:00:00Z');
const ago = (hours: number) => isoTime(now - hours * HOUR);
const ARN = 'arn:aws:states:us-east-1:123456789012:execution:processor:1';
const PATH = 's3://manifests/manifests/2026-11-23/m.json';
const key = { date_prefix: '2026-11-23', file_key: 'a.ndjson' };

function stateOf(
  file: object,
  manifest?: object,
  { report, isMissing }: Pick<ExecutionFacts, 'report' | 'isMissing'> = {},
) {
  const record: TrackingRecord = { ...key, status: 'manifested#1', updated_at: ago(3), ...file };
  const follower = manifest && { ...key, file_key: 'MANIFEST#m.json', ...manifest };
  const name = manifestName(record.manifest_path, 'manifests');
  return executionEnded(
    record,
    { name, manifest: follower, report, isMissing },
    { profile: FIELD_PROFILE, now },
  );
}

const named = { manifest_path: PATH };
const placeholder = { manifest_path: 'pending-manifest-2026-11-23-1-1795411381' };

test.each<[string, object, object | undefined]>([
  ['its manifest is completed', named, { status: 'completed' }],
  ['its manifest is failed', named, { status: 'failed', execution_arn: ARN }],
  ['its record names no manifest', { manifest_path: null }, undefined],
  ['its builder died before it wrote the manifest', placeholder, undefined],
  [
    'its manifest has been pending for longer than a job can run',
    named,
    { status: 'pending', created_at: ago(55), trigger_type: 'stream' },
  ],
  [
    'no record has named an execution for longer than a job can run',
    { ...named, updated_at: ago(55) },
    undefined,
  ],
  ['its manifest is completed', named, { file_key: 'MANIFEST', status: 'completed', manifest_path: PATH }],
])('it has ended, or never began: %s', (because, file, manifest) => {
  expect(stateOf(file, manifest)).toEqual({ ended: true, because });
});

const MAY_RUN = 'its manifest is pending, but its execution may still be running';

test.each<[string, object, object | undefined, string | undefined]>([
  ['its manifest is processing', named, { status: 'processing', execution_arn: ARN }, ARN],
  // The manifest's record is written after the start: its pending may mean "running", however old it is.
  [
    'its execution was started, and nothing shows that it has ended',
    named,
    { status: 'pending', created_at: ago(200), execution_arn: ARN },
    ARN,
  ],
  [MAY_RUN, named, { status: 'pending', created_at: ago(1) }, undefined],
  [MAY_RUN, named, { status: 'pending', created_at: ago(50), trigger_type: 'stream' }, undefined],
  [MAY_RUN, named, { status: 'pending', created_at: 'Tuesday' }, undefined],
  ['its builder may still be running', { ...placeholder, updated_at: ago(0.1) }, undefined, undefined],
  ['its builder may still be running', { ...placeholder, updated_at: 'Tuesday' }, undefined, undefined],
  ['no record says whether an execution has taken its manifest', named, undefined, undefined],
  [
    'no record says whether an execution has taken its manifest',
    { ...named, updated_at: ago(50) },
    undefined,
    undefined,
  ],
  [
    'no record names the execution that processes it',
    { ...named, status: 'processing', updated_at: ago(30) },
    undefined,
    undefined,
  ],
  ['its record names an execution', { ...named, execution_arn: ARN, updated_at: ago(30) }, undefined, ARN],
  [
    "the date's manifest record is about another manifest",
    { ...named, updated_at: ago(30) },
    {
      file_key: 'MANIFEST',
      status: 'completed',
      manifest_path: 's3://manifests/manifests/2026-11-23/other.json',
    },
    undefined,
  ],
])('nothing proves that it has ended: %s', (because, file, manifest, execution_arn) => {
  expect(stateOf(file, manifest)).toEqual({
    ...{ ended: false, because, first: expect.any(String) },
    ...(execution_arn && { execution_arn }),
  });
});

test('a report of its job proves that it has ended, whatever the records say', () => {
  expect(
    stateOf(named, { status: 'processing', execution_arn: ARN }, { report: { status: 'failed' } }),
  ).toMatchObject({
    ended: true,
  });
});

test.each<[RegExp, object, object | undefined]>([
  [/^stop its execution first/, named, { status: 'processing', execution_arn: ARN }],
  [/^find and stop its execution first/, { ...named, status: 'processing' }, undefined],
  [/^first make sure that no execution has it/, named, undefined],
  [/^give its builder 15 minutes first/, { ...placeholder, updated_at: ago(0.1) }, undefined],
])('the advice is something that can be done: %s', (first, file, manifest) => {
  expect(stateOf(file, manifest)).toMatchObject({ first: expect.stringMatching(first) });
});

test('no unknown execution can read a manifest that does not exist', () => {
  const missing = { isMissing: true };
  const because = 'its manifest does not exist, so no execution can read it';
  expect(stateOf({ ...named, updated_at: ago(7) }, undefined, missing)).toEqual({ ended: true, because });
  expect(stateOf({ ...named, updated_at: ago(1) }, undefined, missing).ended).toBe(false);
  expect(stateOf({ ...named, updated_at: ago(7) }, { status: 'processing' }, missing).ended).toBe(false);
  const processing = { ...named, status: 'processing', updated_at: ago(7) };
  expect(stateOf(processing, undefined, missing).ended).toBe(false);
});
