import { expect, test } from 'vitest';
import { jobSpan, outputsWithin } from '../../../shared/pipeline/outputs.ts';

const at = (time: string) => Date.parse(`2026-11-23T${time}Z`);
const record = (fields: object) => ({
  date_prefix: '2026-11-23',
  file_key: 'a.ndjson',
  status: 'completed#3',
  created_at: '2026-11-23T05:00:00Z',
  completed_time: '2026-11-23T06:30:00Z',
  ...fields,
});
const manifest = (fields: object) => record({ status: 'completed', created_at: undefined, ...fields });
const now = at('23:00:00');

test("the manifest's record tells when the job ran", () => {
  const job = { processing_start_time: '2026-11-23T06:00:00Z', completed_time: '2026-11-23T06:31:00Z' };
  expect(jobSpan(record({}), manifest(job), now)).toEqual({ from: at('06:00:00'), to: at('06:31:00') });
});

test('without one, the job ran between upload and completion', () => {
  expect(jobSpan(record({}), undefined, now)).toEqual({ from: at('05:00:00'), to: at('06:30:00') });
});

test('a later run of the manifest says nothing about the run that completed the file', () => {
  const again = { processing_start_time: '2026-11-23T09:00:00Z', completed_time: '2026-11-23T09:30:00Z' };
  expect(jobSpan(record({}), manifest(again), now)).toEqual({ from: at('05:00:00'), to: at('09:30:00') });
});

test('the completion of an earlier attempt says nothing about a file that is in progress again', () => {
  const waiting = record({ status: 'manifested#3' });
  expect(jobSpan(waiting, undefined, now)).toEqual({ from: at('05:00:00'), to: now });
});

test('without any readable time, every output counts', () => {
  const blank = record({ created_at: 'long ago', completed_time: undefined });
  expect(jobSpan(blank, undefined, now)).toEqual({ from: 0, to: now });
});

const location = { bucket: 'out', key: 'merged-parquet-2026-11-23/' };
const span = { from: at('06:00:00'), to: at('06:30:00') };
test.each([
  ['in_time', [at('06:29:00')]],
  ['in_time', [at('05:56:00'), at('09:00:00')]],
  ['in_time', [at('06:34:00')]],
  ['at_other_times', [at('05:30:00'), at('09:00:00')]],
  ['none', []],
])('outputs are %s when they were written at %j', (found, written) => {
  expect(outputsWithin([{ location, listing: { found: 'yes', written } }], span).found).toBe(found);
});
