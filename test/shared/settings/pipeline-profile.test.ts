import { expect, test } from 'vitest';
import { readProfile } from '../../../shared/settings/pipeline-profile.ts';

test('what a profile leaves out is as in the field', () => {
  const profile = readProfile('{"outputs": {"prefixes": ["pipeline/output/"]}}');
  expect(profile.outputs).toEqual({ prefixes: ['pipeline/output/'], folder: 'merged-parquet-{date}/' });
  expect(profile.input).toEqual({ prefix: 'pipeline/input/', suffix: '.ndjson', expire_days: 7 });
  expect(profile.manifests).toEqual({ prefix: 'manifests/', expire_days: 3 });
  expect(profile.quarantine).toEqual({ prefix: '', expire_days: 30 });
  expect(profile.shards).toEqual({ count: 10, suffix: '#{shard}' });
  expect(profile.builder).toMatchObject({ max_files: 10, literal_uris: true });
});

test.each([
  ['no JSON', '{', 'expected object'],
  ['a name that is none', '{"inputs": {}}', 'Unrecognized key: "inputs"'],
  [
    'a prefix without its slash',
    '{"input": {"prefix": "in"}}',
    'an empty prefix, or one that ends with a slash',
  ],
  [
    'a prefix that begins with one',
    '{"input": {"prefix": "/in/"}}',
    'an empty prefix, or one that ends with a slash',
  ],
  ['no place for outputs', '{"outputs": {"prefixes": []}}', 'outputs.prefixes'],
  ['an output folder without a date', '{"outputs": {"folder": "out/"}}', 'a folder that contains {date}'],
  [
    'a shard suffix that no status could have',
    '{"shards": {"suffix": "-{shard}"}}',
    'a suffix that begins with #',
  ],
  ['an index without a name', '{"records": {"status_index": ""}}', 'records.status_index'],
  ['a key that is fixed', '{"records": {"lock_key": "LOCK"}}', 'Unrecognized key: "lock_key"'],
  ['a grace of two hours', '{"limits": {"grace_hours": 2}}', 'limits.grace_hours'],
])('%s is refused, with its place and where to find the documentation', (_, text, expected) => {
  expect(() => readProfile(text)).toThrow(expected);
  expect(() => readProfile(text)).toThrow(/^The profile of the pipeline \(PIPELINE_PROFILE\)/);
  expect(() => readProfile(text)).toThrow('docs/pipeline.md');
});
