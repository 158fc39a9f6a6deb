import { expect, test } from 'vitest';
import { readIndexProfile, usualSuffixesOf } from '../../../shared/settings/index-profile.ts';
import { readProfile } from '../../../shared/settings/pipeline-profile.ts';

test.each([
  '{}',
  '{"records":{},"shards":{}}',
  '{"records":{"status_index":"by-status","settled_days":3}}',
  '{"shards":{"count":0},"builder":{"max_files":3}}',
  '{"shards":{"count":3,"suffix":"#eu-{shard}"}}',
])('reading without the schema gives the same result as with it: %s', (text) => {
  const { records, shards } = readProfile(text);
  expect(readIndexProfile(text)).toEqual({ records: { status_index: records.status_index }, shards });
});

test('usual suffixes number the shards from zero; without shards there are none', () => {
  const suffixesOf = (count: number, suffix = '#{shard}') => usualSuffixesOf({ shards: { count, suffix } });
  expect(suffixesOf(10)).toEqual(['#0', '#1', '#2', '#3', '#4', '#5', '#6', '#7', '#8', '#9']);
  expect(suffixesOf(2, '#eu-{shard}/{shard}')).toEqual(['#eu-0/0', '#eu-1/1']);
  expect(suffixesOf(0)).toEqual([]);
});
