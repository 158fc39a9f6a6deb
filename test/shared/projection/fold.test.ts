import { expect, test } from 'vitest';
import { fold } from '../../../shared/projection/fold.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';
import { transitionsOf } from '../../support/transitions.ts';

test('the transitions of one file become one fold in stream order, across a change of width', () => {
  const table = streamedTable({ first: 999_999_999_999_999_999_998n });
  const records = [
    table.write('a.ndjson', uploaded()),
    table.write('b.ndjson', uploaded()),
    table.write('a.ndjson', { status: 'manifested#3' }),
    table.write('a.ndjson', { status: 'completed#3' }),
  ];
  const folds = fold(transitionsOf([...records].reverse()));
  const a = folds.find(({ file_key }) => file_key === 'a.ndjson');
  expect(folds).toHaveLength(2);
  expect(a?.transitions.map(({ to }) => to)).toEqual(['pending', 'manifested', 'completed']);
});

test('a record that appears twice in one batch is one transition', () => {
  const record = streamedTable().write('a.ndjson', uploaded());
  expect(fold(transitionsOf([record, record]))[0]?.transitions).toHaveLength(1);
});

test('equal keys of two dates, and keys that are equal when joined, stay separate', () => {
  const table = streamedTable();
  const records = [
    table.write('a.ndjson', uploaded(), '2026-11-22'),
    table.write('a.ndjson', uploaded(), '2026-11-23'),
    table.write('1a.ndjson', uploaded(), '2026-11-2'),
    table.write('a.ndjson', uploaded(), '2026-11-21'),
  ];
  expect(fold(transitionsOf(records))).toHaveLength(4);
});

test('folds of one date are next to each other', () => {
  const table = streamedTable();
  const dates = ['2026-11-23', '2026-11-21', '2026-11-23', '2026-11-21'];
  const records = dates.map((date, i) => table.write(`${i}.ndjson`, uploaded(), date));
  expect(fold(transitionsOf(records)).map(({ date_prefix }) => date_prefix)).toEqual([...dates].sort());
});
