import { parquetWriteBuffer } from 'hyparquet-writer';

/** A row of an input, as JSON has it. */
export type InputRow = Readonly<Record<string, unknown>>;

/** The rows of one input object, with its URI as the manifest spells it. */
export interface InputRows {
  readonly uri: string;
  readonly rows: readonly InputRow[];
}

/**
 * Rows as the job writes them: Parquet with snappy, every column a string, missing values as null, and two more columns: when a
 * row was converted, and where it came from.
 */
export function parquetOf(inputs: readonly InputRows[], processedAt: string): Uint8Array {
  const rows = inputs.flatMap((input) => input.rows);
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const columns = [...names].map((name) => ({ name, data: rows.map((row) => textOf(row[name])) }));
  const added = [
    { name: '_processing_timestamp', data: rows.map(() => processedAt) },
    { name: '_source_file', data: inputs.flatMap(({ uri, rows }) => rows.map(() => uri)) },
  ];
  const columnData = [...columns, ...added].map((column) => ({ ...column, type: 'STRING' as const }));
  return new Uint8Array(parquetWriteBuffer({ columnData, codec: 'SNAPPY' }));
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
