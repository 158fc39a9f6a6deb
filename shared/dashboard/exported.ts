import type { Cell } from '../text/csv.ts';

/** A view's list, for export as a file. */
export interface Exported {
  /** The names of the columns. */
  readonly columns: readonly string[];
  readonly rows: readonly ExportedRow[];
  /** How many rows of the list are not among these, as far as it can be told; left out where none is. */
  readonly missing?: number | 'unknown' | undefined;
}

export interface ExportedRow {
  readonly cells: readonly Cell[];
  /** The complete record: one line in NDJSON. */
  readonly record: object;
}
