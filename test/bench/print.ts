import Table from 'cli-table3';

/** Prints a table with a heading; digits are grouped, and numbers are aligned to the right. */
export function printTable(
  heading: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const colAligns = head.map((_, i) => (rows.some((row) => isText(row[i])) ? 'left' : 'right'));
  const table = new Table({ head: [...head], colAligns, style: { head: [], border: [], compact: true } });
  table.push(...rows.map((row) => row.map(shown)));
  process.stdout.write(`\n${heading}\n${table.toString()}\n`);
}

function isText(value: string | number | undefined): boolean {
  return typeof value === 'string' && Number.isNaN(Number(value.replaceAll(',', '')));
}

function shown(value: string | number): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : value;
}
