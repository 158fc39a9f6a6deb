import { expect, test } from 'vitest';
import { listerFor, OUTPUT_FORMS, type OutputForm } from '../../../shared/cli/forms.ts';
import type { Column } from '../../../shared/cli/table.ts';
import { plain } from '../../../shared/cli/terminal.ts';
import { jsonText } from '../../../shared/text/plain-value.ts';

interface Row {
  readonly name: string;
  readonly size?: number;
}

const COLUMNS: Column<Row>[] = [
  { name: 'name', value: ({ name }) => name, text: () => 'shown' },
  { name: 'size', value: ({ size }) => size },
];

function printed(form: OutputForm, rows: readonly Row[]): string {
  const lister = listerFor(form, COLUMNS, { width: undefined, colorize: plain });
  return rows.map((row) => lister.row(row)).join('') + lister.end();
}

test('JSON is an array, whatever the number of rows', () => {
  expect(printed('json', [])).toBe('[]\n');
  expect(JSON.parse(printed('json', [{ name: 'a' }]))).toEqual([{ name: 'a' }]);
  expect(JSON.parse(printed('json', [{ name: 'a' }, { name: 'b', size: 1 }]))).toHaveLength(2);
});

test('NDJSON has one row per line', () => {
  expect(printed('ndjson', [{ name: 'a\nb' }, { name: 'c' }])).toBe('{"name":"a\\nb"}\n{"name":"c"}\n');
});

test('CSV has the data and not what a table shows, and a heading even without rows', () => {
  expect(printed('csv', [{ name: 'a', size: 1 }])).toBe('name,size\na,1\n');
  expect(printed('csv', [])).toBe('name,size\n');
});

test.each([
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['plain', 'plain'],
  ['=cmd|x', "'=cmd|x"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['=a,b', `"'=a,b"`],
])('%j in CSV is %j', (name, cell) => {
  expect(printed('csv', [{ name }])).toBe(`name,size\n${cell},\n`);
});

test('a negative number in CSV is not treated as a formula', () => {
  expect(printed('csv', [{ name: 'a', size: -1 }])).toBe('name,size\na,-1\n');
});

test('a table shows every row, including those after the ones that set its widths', () => {
  const rows = Array.from({ length: 1_200 }, (_, i) => ({ name: `${i}` }));
  expect(printed('table', rows).trim().split('\n')).toHaveLength(1_201);
  expect(printed('table', [])).toBe('');
});

test('sets and bytes, as a table may hold them, are printed as JSON', () => {
  expect(jsonText({ set: new Set(['a']), bytes: new Uint8Array([1, 2]) })).toBe(
    '{"set":["a"],"bytes":"AQI="}',
  );
  expect(OUTPUT_FORMS).toEqual(['table', 'json', 'ndjson', 'csv']);
});
