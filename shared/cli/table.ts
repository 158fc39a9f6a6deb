import stringWidth from 'string-width';
import { grouped } from '../text/number-text.ts';
import { visibleText } from '../text/visible-text.ts';
import { padTo, shortenMiddle } from '../text/width.ts';
import { type Colorize, colorizeStatus } from './terminal.ts';

/** Where a table is shown. */
export interface Screen {
  /** In columns; undefined where lines may have any length, as in a file. */
  readonly width: number | undefined;
  readonly colorize: Colorize;
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
      return screen.colorize('heading', joined(names));
    },
    line: (row: R): string => joined(fitted.map((cell) => shownCell(cell, row, screen.colorize))),
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

function shownCell<R>({ column, width }: Fitted<R>, row: R, colorize: Colorize): string {
  const whole = cellText(column, row);
  const text = padTo(column.shorten ? shortenMiddle(whole, width) : whole, width, column.align);
  return column.color ? column.color(row, text, colorize) : text;
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
  return shortened(withoutLeastImportant(natural, width), width);
}

function naturalWidth<R>(column: Column<R>, rows: readonly R[]): number {
  return rows.reduce(
    (most, row) => Math.max(most, stringWidth(cellText(column, row))),
    stringWidth(titleOf(column)),
  );
}

/** Leaves columns out until the others fit, those that can be shortened cut to what is still readable. */
function withoutLeastImportant<R>(fitted: readonly Fitted<R>[], width: number): readonly Fitted<R>[] {
  const narrowest = fitted.map((cell) =>
    cell.column.shorten ? { ...cell, width: Math.min(cell.width, LEAST_SHORTENED) } : cell,
  );
  const [leastImportant] = fitted
    .filter(({ column }) => column.priority)
    .sort((a, b) => (b.column.priority ?? 0) - (a.column.priority ?? 0));
  if (!leastImportant || totalWidth(narrowest) <= width) return fitted;
  return withoutLeastImportant(
    fitted.filter((cell) => cell !== leastImportant),
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

/** One datum of a row. */
export type Cell = string | number | boolean | undefined;

/** One column of a list, in a table and in CSV. */
export interface Column<R> {
  readonly name: string;
  /** What a table calls it, where that is shorter. */
  readonly title?: string;
  /** The datum: CSV has it as it is. */
  value(row: R): Cell;
  /** How a table shows it; without it, the datum. */
  text?(row: R): string;
  readonly align?: 'left' | 'right';
  /** A table that is too wide for the terminal cuts the middle out of it. */
  readonly shorten?: boolean;
  /**
   * 1 is the most important. A table that is still too wide leaves columns out, the highest number first; one
   * without a number is always shown.
   */
  readonly priority?: number;
  /** Only in that form; without it, in both. */
  readonly only?: 'table' | 'csv';
  color?(row: R, text: string, colorize: Colorize): string;
}

function tableColumns<R>(columns: readonly Column<R>[]): Column<R>[] {
  return columns.filter(({ only }) => only !== 'csv');
}

export function csvColumns<R>(columns: readonly Column<R>[]): Column<R>[] {
  return columns.filter(({ only }) => only !== 'table');
}

function cellText<R>(column: Column<R>, row: R): string {
  const text = column.text ? column.text(row) : (column.value(row) ?? '');
  // A line break or a control code in a datum must not break the table, nor reach the terminal.
  return visibleText(String(text));
}

/** A column of counts; one that is not known is empty. */
export function countColumn<R>(name: string, value: (row: R) => number | undefined, title = name): Column<R> {
  return {
    name,
    title,
    value,
    text: (row) => {
      const count = value(row);
      return count === undefined ? '' : grouped(count);
    },
    align: 'right',
  };
}

/** A column of statuses, in their colours. */
export function statusColumn<R extends { readonly status: string }>(): Column<R> {
  return {
    name: 'status',
    value: ({ status }) => status,
    color: ({ status }, text, colorize) => colorizeStatus(colorize, status, text),
  };
}
