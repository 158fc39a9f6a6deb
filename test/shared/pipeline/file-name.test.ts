import { expect, test } from 'vitest';
import { keysOfName } from '../../../shared/pipeline/names.ts';

const keys = (name: string, date?: string) => keysOfName(name, date, '2026-12-31');

test("an object's address gives the bare name as S3 events spell it, and the first date in its key", () => {
  const [, spelled] = keys('s3://input/pipeline/2026-11-23/a b+c 2025-01-01.ndjson');
  expect(spelled).toEqual({ date_prefix: '2026-11-23', file_key: 'a+b%2Bc+2025-01-01.ndjson' });
});

test('a name as the table has it comes first, unchanged', () => {
  expect(keys('2026-11-23-caf%C3%A9+x.ndjson')[0]).toEqual({
    date_prefix: '2026-11-23',
    file_key: '2026-11-23-caf%C3%A9+x.ndjson',
  });
});

test('a plain name has one spelling', () => {
  expect(keys('dt=2026-11-23/x.ndjson')).toEqual([{ date_prefix: '2026-11-23', file_key: 'x.ndjson' }]);
});

test('the date that is given wins; without any it is today', () => {
  expect(keys('2026-11-23-x.ndjson', '2026-11-24')[0]?.date_prefix).toBe('2026-11-24');
  expect(keys('x.ndjson')[0]?.date_prefix).toBe('2026-12-31');
});

test('the key of a manifest stays as it is', () => {
  expect(keys('MANIFEST#batch-1.json', '2026-11-23')[0]?.file_key).toBe('MANIFEST#batch-1.json');
});
