import stringWidth from 'string-width';
import type { Cell } from '../text/csv.ts';
import { grouped } from '../text/number-text.ts';
import { visibleText } from '../text/visible-text.ts';
import { padTo } from '../text/width.ts';
import { type Colorize, colorizeStatus } from './terminal.ts';

/** Where a table is shown. */
export interface Screen {
  /** In columns; undefined where lines may have any length, as in a file. */
  readonly width: number | undefined;
  readonly colorize: Colorize;
}

const GAP = 2;

interface Fitted<R> {
  readonly column: Column<R>;
  readonly width: number;
}

/** Lays rows out under a heading; the widths are those of the first rows, and later ones are fitted to them. */
export function tableLayout<R>(columns: readonly Column<R>[], first: readonly R[], screen: Screen) {
  const { beside, beneath } = fitColumns(tableColumns(columns), first, screen.width);
  const below = (cells: readonly string[]) => linesBeneath(cells, screen.width);
  return {
    heading: (): string => {
      const names = beside.map(({ column, width }) => padTo(titleOf(column), width, column.align));
      const lines = [joined(names), ...below(beneath.map(titleOf))];
      return lines.map((line) => screen.colorize('heading', line)).join('\n');
    },
    /** Several lines where names stand below the rest of their row. */
    line: (row: R): string => {
      const cells = beside.map((cell) => shownCell(cell, row, screen.colorize));
      return [joined(cells), ...below(beneath.map((column) => cellText(column, row)))].join('\n');
    },
  };
}

const INDENT = '  ';

/** Together on one line if they fit, otherwise one line each; empty ones have none. */
function linesBeneath(cells: readonly string[], width: number | undefined): string[] {
  const filled = cells.filter((cell) => cell !== '');
  if (filled.length === 0) return [];
  const together = INDENT + joined(filled);
  const fits = width === undefined || stringWidth(together) <= width;
  return fits ? [together] : filled.map((cell) => INDENT + cell);
}

/** A whole table, as lines. */
export function tableLines<R>(columns: readonly Column<R>[], rows: readonly R[], screen: Screen): string[] {
  const layout = tableLayout(columns, rows, screen);
  return [layout.heading(), ...rows.map(layout.line)].flatMap((text) => text.split('\n'));
}

function titleOf<R>({ title, name }: Column<R>): string {
  return (title ?? name).replaceAll('_', ' ').toUpperCase();
}

function shownCell<R>({ column, width }: Fitted<R>, row: R, colorize: Colorize): string {
  const text = padTo(cellText(column, row), width, column.align);
  return column.color ? column.color(row, text, colorize) : text;
}

function joined(cells: readonly string[]): string {
  return cells.join(' '.repeat(GAP)).trimEnd();
}

/** The columns of a table: those side by side, and those on lines of their own below each row. */
interface FittedTable<R> {
  readonly beside: readonly Fitted<R>[];
  readonly beneath: readonly Column<R>[];
}

/**
 * A table that is too wide leaves out its less important columns first. If the names still do not fit beside the
 * others, they stand below: cut, they could not be copied.
 */
function fitColumns<R>(
  columns: readonly Column<R>[],
  rows: readonly R[],
  width: number | undefined,
): FittedTable<R> {
  const natural = columns.map((column) => ({ column, width: naturalWidth(column, rows) }));
  if (width === undefined || totalWidth(natural) <= width) return { beside: natural, beneath: [] };
  const important = natural.filter(({ column }) => (column.priority ?? 0) < LESSER);
  if (totalWidth(important) <= width) return { beside: withoutLeastImportant(natural, width), beneath: [] };
  const short = natural.filter(({ column }) => !column.whole);
  return {
    beside: withoutLeastImportant(short, width),
    beneath: columns.filter(({ whole }) => whole),
  };
}

/** From this priority on, a column is given up before names leave their row. */
const LESSER = 2;

function naturalWidth<R>(column: Column<R>, rows: readonly R[]): number {
  return rows.reduce(
    (most, row) => Math.max(most, stringWidth(cellText(column, row))),
    stringWidth(titleOf(column)),
  );
}

/** Leaves columns out until the others fit, or until none can be left out. */
function withoutLeastImportant<R>(fitted: readonly Fitted<R>[], width: number): readonly Fitted<R>[] {
  const [leastImportant] = fitted
    .filter(({ column }) => column.priority)
    .sort((a, b) => (b.column.priority ?? 0) - (a.column.priority ?? 0));
  if (!leastImportant || totalWidth(fitted) <= width) return fitted;
  return withoutLeastImportant(
    fitted.filter((cell) => cell !== leastImportant),
    width,
  );
}

function totalWidth<R>(cells: readonly Fitted<R>[]): number {
  return cells.reduce((sum, { width }) => sum + width, GAP * (cells.length - 1));
}

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
  /** What has to be copied or read to its end: it is never cut, and stands below its row where there is no room. */
  readonly whole?: boolean;
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

/** A column of counts; an unknown count is empty. */
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
