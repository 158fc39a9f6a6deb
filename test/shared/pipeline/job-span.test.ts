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

const CLAIM = { updated_at: '2026-11-23T12:00:00Z' };
const REGISTERED = { created_at: '2026-11-23T12:00:05Z' };
test.each([
  [
    'its own start',
    'processing#3',
    { ...CLAIM, processing_start_time: '2026-11-23T12:01:00Z' },
    {},
    '12:01:00',
  ],
  ["its manifest's record", 'manifested#3', CLAIM, REGISTERED, '12:00:05'],
  ['its claim', 'manifested#3', CLAIM, undefined, '12:00:00'],
  ['its claim', 'processing#3', CLAIM, undefined, '12:00:00'],
  ['its upload', 'pending#3', CLAIM, undefined, '05:00:00'],
  ['its upload', 'failed#3', CLAIM, undefined, '05:00:00'],
])('the job of a file in progress began no earlier than %s: %s', (_, status, fields, own, from) => {
  const waited = record({ status, ...fields });
  const registered = own && manifest({ status: 'pending', completed_time: undefined, ...own });
  expect(jobSpan(waited, registered, now)).toEqual({ from: at(from), to: now });
});

test('a claim from after the end of a job is not the claim for that job', () => {
  const done = manifest({ completed_time: '2026-11-23T11:00:00Z' });
  expect(jobSpan(record({ status: 'manifested#3', ...CLAIM }), done, now)).toEqual({
    from: at('05:00:00'),
    to: at('11:00:00'),
  });
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
