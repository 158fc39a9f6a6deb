import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type AsyncBuffer, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { RangedObject } from '../../shared/data-proof/ranged-object.ts';
import { countSources } from '../../shared/data-proof/read-sources.ts';

/** The output of a date, as files in one folder. */
export interface ParquetDate {
  readonly folder: string;
  readonly rows: number;
  readonly bytes: number;
  remove(): Promise<void>;
}

const ROWS_PER_OBJECT = 100_000;
/** Per object: what a job processes at once. */
const FILES_PER_OBJECT = 10;

/**
 * Writes rows with DuckDB, with columns as wide as those of a small event: some 100 bytes that do not compress.
 *
 * @param order whether the rows of a file follow each other, as in the field, or are mixed within their object
 */
export async function writeParquetDate(rows: number, order: 'by file' | 'mixed'): Promise<ParquetDate> {
  const folder = await mkdtemp(join(tmpdir(), 'parquet-date-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const source = `'s3://input/pipeline/input/2026-11-22/2026-11-22-test-' || md5((i // ${ROWS_PER_OBJECT / FILES_PER_OBJECT})::VARCHAR) || '.ndjson'`;
  for (let from = 0; from < rows; from += ROWS_PER_OBJECT) {
    const to = Math.min(rows, from + ROWS_PER_OBJECT);
    const select = `SELECT i::VARCHAR AS id, md5(i::VARCHAR) AS user_id, md5('x' || i) AS session, (i % 97)::VARCHAR AS kind,
      '2026-11-23T05:22:53Z' AS _processing_timestamp, ${source} AS _source_file FROM range(${from}, ${to}) t(i) ORDER BY ${order === 'mixed' ? 'user_id' : 'i'}`;
    const path = join(folder, `part-${String(from).padStart(9, '0')}.snappy.parquet`);
    await connection.run(
      `COPY (${select}) TO '${path}' (FORMAT parquet, CODEC 'snappy', ROW_GROUP_SIZE 50000)`,
    );
  }
  connection.closeSync();
  instance.closeSync();
  const sizes = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
  return { folder, rows, bytes, remove: () => rm(folder, { recursive: true }) };
}

/** The cost of one way to count a date's rows by file. */
export interface CountCost {
  readonly seconds: number;
  readonly bytesRead: number;
  /** The most memory that the process used while counting, minus what it used before. */
  readonly megabytes: number;
  readonly files: number;
}

type Way = (
  date: ParquetDate,
  look: () => void,
) => Promise<{ readonly files: number; readonly bytesRead: number }>;

/** @throws Error if one way finds a different number of files */
export async function measureWay(date: ParquetDate, way: Way): Promise<CountCost> {
  const before = process.memoryUsage.rss();
  let most = before;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const begun = performance.now();
  const { files, bytesRead } = await way(date, look);
  look();
  const seconds = (performance.now() - begun) / 1_000;
  const expected = Math.ceil((date.rows * FILES_PER_OBJECT) / ROWS_PER_OBJECT);
  if (files !== expected) throw new Error(`${files} files were counted, and not ${expected}.`);
  return { seconds, bytesRead, files, megabytes: (most - before) / 1_048_576 };
}

/** Ours: footers, and the pages of one column. */
export const countPages: Way = (date, look) =>
  eachFile(date, look, async (path, add, size, read) => {
    const object = { bucket: '', key: path, size, modified: 0, etag: '' };
    const reading = await countSources(object, rangedFile(size, read));
    if (reading.state !== 'read') throw new Error(reading.detail);
    for (const [source, rows] of reading.sources) add(source, rows);
  });

/** The same library, reading all columns as rows. */
export const readWhole: Way = (date, look) =>
  eachFile(date, look, async (_, add, size, read) => {
    const slice = async (from: number, to = size) => {
      const bytes = await read(from, to);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    };
    const file: AsyncBuffer = { byteLength: size, slice };
    await parquetRead({
      file,
      compressors,
      rowFormat: 'object',
      onComplete: (rows) => {
        for (const { _source_file } of rows) add(String(_source_file), 1);
      },
    });
  });

/** DuckDB, with both cores; it does not report how many bytes it read. */
export const countByDuck: Way = async ({ folder }) => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT _source_file, count(*) FROM '${folder}/*.parquet' GROUP BY 1`,
  );
  const files = reader.currentRowCount;
  connection.closeSync();
  instance.closeSync();
  return { files, bytesRead: 0 };
};

type Read = (from: number, to: number) => Promise<Uint8Array>;

async function eachFile(
  { folder }: ParquetDate,
  look: () => void,
  count: (
    path: string,
    add: (source: string, rows: number) => void,
    size: number,
    read: Read,
  ) => Promise<void>,
) {
  const sources = new Map<string, number>();
  let bytesRead = 0;
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const file = await open(path);
    const { size } = await file.stat();
    const add = (source: string, rows: number) => sources.set(source, (sources.get(source) ?? 0) + rows);
    const read: Read = async (from, to) => {
      bytesRead += to - from;
      return (await file.read(new Uint8Array(to - from), 0, to - from, from)).buffer;
    };
    await count(path, add, size, read);
    await file.close();
    look();
  }
  return { files: sources.size, bytesRead };
}

function rangedFile(size: number, read: Read): RangedObject {
  let tail: Uint8Array = new Uint8Array();
  const object: RangedObject = {
    size,
    read: async (from, to) => {
      const kept = size - tail.length;
      return from >= kept ? tail.subarray(from - kept, to - kept) : read(from, to);
    },
    readTail: async (length) => {
      if (length > tail.length) tail = await object.read(Math.max(0, size - length), size);
      return tail;
    },
  };
  return object;
}
