import { type Cell, type Column, csvColumns } from './column.ts';

/** The header line and a line for each row, by RFC 4180 but with a bare line feed, which shell tools expect. */
export function csvHeader<R>(columns: readonly Column<R>[]): string {
  return csvLine(csvColumns(columns).map(({ name }) => name));
}

export function csvRow<R>(columns: readonly Column<R>[], row: R): string {
  return csvLine(csvColumns(columns).map((column) => column.value(row)));
}

function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(cell: Cell): string {
  const text = typeof cell === 'string' ? withoutFormula(cell) : String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A file's name comes from whoever uploads, and CSV is what spreadsheets open: text that one would take for
 * a formula gets an apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection). JSON and
 * NDJSON have the bare text.
 */
function withoutFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}
