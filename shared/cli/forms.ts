import { csvLine } from '../text/csv.ts';
import { jsonText } from '../text/plain-value.ts';
import { visibleText } from '../text/visible-text.ts';
import { type Column, csvColumns, type Screen, tableLayout } from './table.ts';

/** The forms an answer is printed in. */
export const OUTPUT_FORMS = ['table', 'json', 'ndjson', 'csv'] as const;
export type OutputForm = (typeof OUTPUT_FORMS)[number];

/** Turns the rows of a list into text, one at a time; either may be empty until there is enough to show. */
export interface Lister<R> {
  row(row: R): string;
  /** What is printed after the last row. */
  end(): string;
}

/** A table's widths are taken from this many first rows. */
const MEASURED_ROWS = 100;

export function listerFor<R>(form: OutputForm, columns: readonly Column<R>[], screen: Screen): Lister<R> {
  if (form === 'json') return jsonLister();
  if (form === 'ndjson') return { row: (row) => `${jsonText(row)}\n`, end: () => '' };
  return form === 'csv' ? csvLister(columns, screen) : tableLister(columns, screen);
}

/** One array, with one row per line. */
function jsonLister<R>(): Lister<R> {
  let before = '[\n';
  return {
    row: (row) => {
      const text = `${before}  ${jsonText(row)}`;
      before = ',\n';
      return text;
    },
    end: () => (before === ',\n' ? '\n]\n' : '[]\n'),
  };
}

/** Exact for programs; on a terminal, invisible characters are shown. */
function csvLister<R>(columns: readonly Column<R>[], { width }: Screen): Lister<R> {
  const seen = (line: string) => (width === undefined ? line : `${visibleText(line.slice(0, -1))}\n`);
  let heading = csvHeader(columns);
  const withHeading = (line: string) => {
    const text = heading + line;
    heading = '';
    return text;
  };
  return { row: (row) => withHeading(seen(csvRow(columns, row))), end: () => withHeading('') };
}

function tableLister<R>(columns: readonly Column<R>[], screen: Screen): Lister<R> {
  const measured: R[] = [];
  let line: ((row: R) => string) | undefined;
  const start = () => {
    const layout = tableLayout(columns, measured, screen);
    line = layout.line;
    return [layout.heading(), ...measured.map(layout.line)].map((text) => `${text}\n`).join('');
  };
  return {
    row: (row) => {
      if (line) return `${line(row)}\n`;
      measured.push(row);
      return measured.length < MEASURED_ROWS ? '' : start();
    },
    end: () => (line || measured.length === 0 ? '' : start()),
  };
}

/** The header line and a line for each row. */
function csvHeader<R>(columns: readonly Column<R>[]): string {
  return csvLine(csvColumns(columns).map(({ name }) => name));
}

function csvRow<R>(columns: readonly Column<R>[], row: R): string {
  return csvLine(csvColumns(columns).map((column) => column.value(row)));
}
