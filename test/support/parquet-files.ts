import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetWriteBuffer } from 'hyparquet-writer';

/** Consecutive rows that come from one object; with null as their source, the rows do not name any. */
export type Rows = readonly [source: string | null, rows: number];

/** A Parquet object like those of the pipeline's job, written by hyparquet-writer. */
export function parquetFile(
  parts: readonly Rows[],
  options: Partial<Parameters<typeof parquetWriteBuffer>[0]> = {},
): Uint8Array {
  const sources = parts.flatMap(([source, rows]) => Array.from({ length: rows }, () => source));
  const columnData = [
    { name: 'id', data: sources.map((_, index) => String(index)), type: 'STRING' as const },
    { name: '_source_file', data: sources, type: 'STRING' as const },
  ];
  return new Uint8Array(parquetWriteBuffer({ codec: 'SNAPPY', ...options, columnData }));
}

/**
 * The same, written by DuckDB.
 *
 * @param options of `COPY … TO`, such as `CODEC 'zstd', ROW_GROUP_SIZE 2048`
 */
export async function duckParquetFile(
  parts: readonly Rows[],
  options: string,
  order = '',
): Promise<Uint8Array> {
  const path = join(tmpdir(), `parquet-${randomUUID()}.parquet`);
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const selects = parts.map(
      ([source, rows], part) =>
        `SELECT ${part} AS part, i, md5((i + ${part} * 1000000)::VARCHAR) AS text, ${source === null ? 'NULL' : quoted(source)} AS _source_file FROM range(${rows}) t(i)`,
    );
    const all = `SELECT text, _source_file FROM (${selects.join(' UNION ALL ')}) ${order || 'ORDER BY part, i'}`;
    await connection.run(`COPY (${all}) TO ${quoted(path)} (FORMAT parquet, ${options})`);
    return new Uint8Array(await readFile(path));
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(path, { force: true });
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
