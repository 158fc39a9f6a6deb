import { grouped } from '../files/number-text.ts';
import { type Paint, paintStatus } from './paint.ts';

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
  /** A table that is still too wide goes without it; the highest number goes first. */
  readonly spare?: number;
  /** Only in that form; without it, in both. */
  readonly only?: 'table' | 'csv';
  paint?(row: R, text: string, paint: Paint): string;
}

export function tableColumns<R>(columns: readonly Column<R>[]): Column<R>[] {
  return columns.filter(({ only }) => only !== 'csv');
}

export function csvColumns<R>(columns: readonly Column<R>[]): Column<R>[] {
  return columns.filter(({ only }) => only !== 'table');
}

export function cellText<R>(column: Column<R>, row: R): string {
  const text = column.text ? column.text(row) : (column.value(row) ?? '');
  // A line break or a control code in a datum must not break the table, nor reach the terminal.
  return String(text).replace(/\p{Cc}+/gu, ' ');
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
    paint: ({ status }, text, paint) => paintStatus(paint, status, text),
  };
}
