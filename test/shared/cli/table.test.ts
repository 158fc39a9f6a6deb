import { expect, test } from 'vitest';
import { type Column, countColumn, tableLines } from '../../../shared/cli/table.ts';
import { plain } from '../../../shared/cli/terminal.ts';

interface Row {
  readonly key: string;
  readonly count: number;
  readonly note?: string;
}

const COLUMNS: Column<Row>[] = [
  { name: 'file_key', value: ({ key }) => key, whole: true },
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

test('a name is never cut: if there is no room beside the others, it stands below its row', () => {
  expect(lines([{ key: long, count: 1, note: 'x' }], 50)).toEqual([
    'COUNT  NOTE',
    '  FILE KEY',
    '    1  x',
    `  ${long}`,
  ]);
});

test('a less important column is left out before a name leaves its row', () => {
  const lesser = COLUMNS.map((column) => (column.name === 'note' ? { ...column, priority: 2 } : column));
  const row = { key: long, count: 1, note: 'a note that is long' };
  const shown = tableLines(lesser, [row], { width: 80, colorize: plain });
  expect(shown).toEqual([`${'FILE KEY'.padEnd(long.length)}  COUNT`, `${long}      1`]);
});

test('names below a row that do not fit on one line have a line each, and empty ones none', () => {
  const both: Column<Row>[] = [
    countColumn('count', ({ count }) => count),
    { name: 'file', value: ({ key }) => key, whole: true },
    { name: 'reason', value: ({ note }) => note, whole: true },
  ];
  const rows = [
    { key: long, count: 1, note: 'Glue was down' },
    { key: 'a', count: 2 },
  ];
  expect(tableLines(both, rows, { width: 70, colorize: plain })).toEqual([
    'COUNT',
    '  FILE  REASON',
    '    1',
    `  ${long}`,
    '  Glue was down',
    '    2',
    '  a',
  ]);
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
