import stringWidth from 'string-width';
import { type Column, cellText, tableColumns } from './column.ts';
import type { Paint } from './paint.ts';
import { padTo, shortenMiddle } from './width.ts';

/** Where a table is shown. */
export interface Screen {
  /** In columns; undefined where lines may have any length, as in a file. */
  readonly width: number | undefined;
  readonly paint: Paint;
}

const GAP = 2;
const LEAST_SHORTENED = 36;

interface Fitted<R> {
  readonly column: Column<R>;
  readonly width: number;
}

/** Lays rows out under a heading; the widths are those of the first rows, and later ones are fitted to them. */
export function tableLayout<R>(columns: readonly Column<R>[], first: readonly R[], screen: Screen) {
  const fitted = fitColumns(tableColumns(columns), first, screen.width);
  return {
    heading: (): string => {
      const names = fitted.map(({ column, width }) => padTo(titleOf(column), width, column.align));
      return screen.paint('heading', joined(names));
    },
    line: (row: R): string => joined(fitted.map((cell) => shownCell(cell, row, screen.paint))),
  };
}

/** A whole table, as lines. */
export function tableLines<R>(columns: readonly Column<R>[], rows: readonly R[], screen: Screen): string[] {
  const layout = tableLayout(columns, rows, screen);
  return [layout.heading(), ...rows.map(layout.line)];
}

function titleOf<R>({ title, name }: Column<R>): string {
  return (title ?? name).replaceAll('_', ' ').toUpperCase();
}

function shownCell<R>({ column, width }: Fitted<R>, row: R, paint: Paint): string {
  const whole = cellText(column, row);
  const text = padTo(column.shorten ? shortenMiddle(whole, width) : whole, width, column.align);
  return column.paint ? column.paint(row, text, paint) : text;
}

function joined(cells: readonly string[]): string {
  return cells.join(' '.repeat(GAP)).trimEnd();
}

function fitColumns<R>(
  columns: readonly Column<R>[],
  rows: readonly R[],
  width: number | undefined,
): Fitted<R>[] {
  const natural = columns.map((column) => ({ column, width: naturalWidth(column, rows) }));
  if (width === undefined) return natural;
  return shortened(withoutSpare(natural, width), width);
}

function naturalWidth<R>(column: Column<R>, rows: readonly R[]): number {
  return rows.reduce(
    (most, row) => Math.max(most, stringWidth(cellText(column, row))),
    stringWidth(titleOf(column)),
  );
}

/** Leaves columns out until the others fit, those that can be shortened cut to what is still readable. */
function withoutSpare<R>(fitted: readonly Fitted<R>[], width: number): readonly Fitted<R>[] {
  const least = fitted.map((cell) =>
    cell.column.shorten ? { ...cell, width: Math.min(cell.width, LEAST_SHORTENED) } : cell,
  );
  const [spare] = fitted
    .filter(({ column }) => column.spare)
    .sort((a, b) => (b.column.spare ?? 0) - (a.column.spare ?? 0));
  if (!spare || totalWidth(least) <= width) return fitted;
  return withoutSpare(
    fitted.filter((cell) => cell !== spare),
    width,
  );
}

/** Takes what is too much from the widest column that can be shortened, again and again. */
function shortened<R>(fitted: readonly Fitted<R>[], width: number): Fitted<R>[] {
  const cells = fitted.map((cell) => ({ ...cell }));
  for (let surplus = totalWidth(cells) - width; surplus > 0; surplus--) {
    const [widest] = cells.filter(({ column }) => column.shorten).sort((a, b) => b.width - a.width);
    if (!widest || widest.width <= 1) break;
    widest.width--;
  }
  return cells;
}

function totalWidth<R>(cells: readonly Fitted<R>[]): number {
  return cells.reduce((sum, { width }) => sum + width, GAP * (cells.length - 1));
}
