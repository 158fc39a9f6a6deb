import { expect, test } from 'vitest';
import { dateOfName, keysOfName } from '../../../shared/pipeline/names.ts';

const keys = (name: string, date?: string) => keysOfName(name, date, '2026-12-31');

test("an object's address gives the bare name as S3 events spell it, and the first date in its key", () => {
  const [, spelled] = keys('s3://input/pipeline/2026-11-23/a b+c 2025-01-01.ndjson');
  expect(spelled).toEqual({ date_prefix: '2026-11-23', file_key: 'a+b%2Bc+2025-01-01.ndjson' });
});

test('a name as it is in the table comes first, unchanged', () => {
  expect(keys('2026-11-23-caf%C3%A9+x.ndjson')[0]).toEqual({
    date_prefix: '2026-11-23',
    file_key: '2026-11-23-caf%C3%A9+x.ndjson',
  });
});

test('a plain name has one spelling', () => {
  expect(keys('dt=2026-11-23/x.ndjson')).toEqual([{ date_prefix: '2026-11-23', file_key: 'x.ndjson' }]);
});

test('a given date wins; without any date it is today', () => {
  expect(keys('2026-11-23-x.ndjson', '2026-11-24')[0]?.date_prefix).toBe('2026-11-24');
  expect(keys('x.ndjson')[0]?.date_prefix).toBe('2026-12-31');
});

test('the key of a manifest stays as it is', () => {
  expect(keys('MANIFEST#batch-1.json', '2026-11-23')[0]?.file_key).toBe('MANIFEST#batch-1.json');
});

const keyNames = (name: string) => keys(name, '2026-11-23').map(({ file_key }) => file_key);

test('a name that looks encoded is tried as a key, then as a real name, then as another spelling', () => {
  expect(keyNames('100%25.ndjson')).toEqual(['100%25.ndjson', '100%2525.ndjson', '100%.ndjson']);
  expect(keyNames('a+b.ndjson')).toEqual([
    'a+b.ndjson',
    'a%2Bb.ndjson',
    'a%2bb.ndjson',
    'a%20b.ndjson',
    'a b.ndjson',
  ]);
});

test('half a surrogate pair is looked up as it is, and an impossible name not at all', () => {
  expect(keyNames('half\ud800.ndjson')).toEqual(['half\ud800.ndjson']);
  expect(keyNames('half%ED%A0%80.ndjson')[0]).toBe('half%ED%A0%80.ndjson');
  expect(keyNames('x'.repeat(1_024))).toHaveLength(1);
  expect(keyNames('x'.repeat(1_025))).toEqual([]);
  expect(keyNames('folder/')).toEqual([]);
});

test('a date need not be a calendar date', () => {
  expect(dateOfName('s3://b/pipeline/input/x-2026-11-31/2026-11-23.ndjson')).toBe('2026-11-31');
  expect(dateOfName('4711-00-01-x.ndjson')).toBe('4711-00-01');
  expect(dateOfName('20261123.ndjson')).toBeUndefined();
});
