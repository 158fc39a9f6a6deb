import { expect, test } from 'vitest';
import { type Column, countColumn, tableLines } from '../../../shared/cli/table.ts';
import { plain } from '../../../shared/cli/terminal.ts';

interface Row {
  readonly key: string;
  readonly count: number;
  readonly note?: string;
}

const COLUMNS: Column<Row>[] = [
  { name: 'file_key', value: ({ key }) => key, shorten: true },
  countColumn('count', ({ count }) => count),
  { name: 'note', value: ({ note }) => note, priority: 1 },
  { name: 'raw', value: ({ key }) => key, only: 'csv' },
];

const long = `${'a'.repeat(30)}-${'b'.repeat(30)}.ndjson`;
const lines = (rows: readonly Row[], width?: number) => tableLines(COLUMNS, rows, { width, colorize: plain });

test('text is aligned left, counts right and in groups, and CSV columns are left out', () => {
  expect(
    lines([
      { key: 'a', count: 1_234, note: 'x' },
      { key: 'bbb', count: 5 },
    ]),
  ).toEqual(['FILE KEY  COUNT  NOTE', 'a         1,234  x', 'bbb           5']);
});

test('what is too wide for the terminal loses its middle', () => {
  const [, line = ''] = lines([{ key: long, count: 1 }], 50);
  expect(line).toHaveLength(50 - 'NOTE'.length - 2);
  expect(line).toMatch(/^a+…b+\.ndjson +1$/);
});

test('a column that is not needed goes before a key becomes unreadable', () => {
  const row = { key: long, count: 1, note: 'a note that is long' };
  expect(lines([row], 70)[0]).toMatch(/NOTE$/);
  expect(lines([row], 60)[0]).not.toMatch(/NOTE/);
});

test('where there is no terminal nothing is cut', () => {
  expect(lines([{ key: long.repeat(5), count: 1 }])[1]).toContain(long.repeat(5));
});

test('wide characters take two columns', () => {
  expect(
    lines([
      { key: '日本', count: 1 },
      { key: 'abcdefghi', count: 2 },
    ]),
  ).toEqual(['FILE KEY   COUNT  NOTE', '日本           1', 'abcdefghi      2']);
});

test('control codes in a datum do not reach the terminal', () => {
  expect(lines([{ key: 'a\u001b[31m\nb', count: 1 }])[1]).toBe('a␛[31m␊b      1');
});
