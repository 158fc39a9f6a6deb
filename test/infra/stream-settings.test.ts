import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventFilter } from '../../infra/local-lambda/event-filter.ts';
import { streamFilters } from '../../infra/stream-settings.ts';
import { recordKind } from '../../shared/pipeline/record.ts';
import { parseStreamRecord } from '../../shared/projection/stream-record.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

const passes = eventFilter(streamFilters().map(({ pattern }) => pattern));

const date_prefix = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const file_key = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.constantFrom('LOCK', 'LOCK.ndjson', 'LOCK#2026-11-23', 'MANIFEST#batch-0001-20261123-052254.json'),
);

test('no removal of a file or manifest is dropped, however it is named', () => {
  fc.assert(
    fc.property(date_prefix, file_key, (date, file) => {
      const table = streamedTable();
      table.write(file, uploaded(), date);
      expect(passes(table.remove(file, date))).toBe(true);
    }),
    { numRuns: 1_000, examples: [['2026-11-23', 'LOCK']] },
  );
});

test('of what the pipeline writes, only locks are dropped', () => {
  const anyDate = fc.oneof(
    date_prefix,
    date_prefix.map((date) => `LOCK#${date}`),
  );
  fc.assert(
    fc.property(anyDate, file_key, (date, file) => {
      const record = streamedTable().write(file, { ...uploaded(), owner: 'builder-1' }, date);
      if (!passes(record)) expect(parseStreamRecord(record).kind).toBe('no_transition');
    }),
    { numRuns: 2_000, examples: [['LOCK#2026-11-23', 'LOCK']] },
  );
});

test('of all else, only what is named LOCK and does not begin with a digit is dropped', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary' }), file_key, (date, file) => {
      const isDropped = !passes(streamedTable().write(file, uploaded(), date));
      expect(isDropped).toBe(file === 'LOCK' && !/^\d/.test(date));
    }),
    { numRuns: 2_000 },
  );
});

test('a lock costs no invocation, neither taken nor renewed nor released', () => {
  const table = streamedTable();
  const [date, file] = ['LOCK#2026-11-23', 'LOCK'];
  expect(recordKind({ date_prefix: date, file_key: file })).toBe('lock');
  expect(passes(table.write(file, { owner: 'builder-1' }, date))).toBe(false);
  expect(passes(table.write(file, { owner: 'builder-2' }, date))).toBe(false);
  expect(passes(table.remove(file, date))).toBe(false);
});
