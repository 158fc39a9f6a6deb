import type { Cell } from '../text/csv.ts';

/** What a view lists, to be taken along as a file. */
export interface Exported {
  /** The names of the columns. */
  readonly columns: readonly string[];
  readonly rows: readonly ExportedRow[];
}

export interface ExportedRow {
  readonly cells: readonly Cell[];
  /** The whole of it, which NDJSON has a line of. */
  readonly record: object;
}
