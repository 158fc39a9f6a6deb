/** One datum of a row. */
export type Cell = string | number | boolean | undefined;

/** A line of CSV by RFC 4180, but with a bare line feed, which shell tools expect. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

function csvCell(cell: Cell): string {
  const text = typeof cell === 'string' ? withFormulaGuard(cell) : String(cell ?? '');
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A file's name comes from whoever uploads it, and CSV is opened in spreadsheets: text that one would take for
 * a formula gets an apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection), and so does text
 * that begins with one, so that it can be taken off again. JSON and NDJSON have the bare text.
 */
function withFormulaGuard(text: string): string {
  return /^['=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** The text behind a guard of ours. */
export function withoutFormulaGuard(text: string): string {
  return /^'['=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}

/** A value of a record as it is; anything but a plain value, such as a list, is left out of CSV. */
export function cellOf(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}
