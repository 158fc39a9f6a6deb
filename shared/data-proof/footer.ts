import { type FileMetaData, parquetMetadata } from 'hyparquet';
import type { CompressionCodec } from 'hyparquet-compressors';
import type { RangedObject } from './ranged-object.ts';
import { parsed, Unreadable } from './unreadable.ts';

/** The column that the pipeline's job adds to each row: the URI of the object that it came from. */
const SOURCE_COLUMN = '_source_file';

/** The pages of the source column in one row group. */
export interface SourceChunk {
  /** Bytes of the object: from here up to, but not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly codec: CompressionCodec;
  /** Rows, including those without a value. */
  readonly rows: number;
  /** Whether a row may have no value. */
  readonly isOptional: boolean;
}

/** What a footer says about the source column. */
export interface SourceColumn {
  /** Of the whole object. */
  readonly rows: number;
  readonly chunks: readonly SourceChunk[];
}

// Most footers fit; for others a second request brings the rest.
const FIRST_READ_BYTES = 16_384;
const MOST_FOOTER_BYTES = 64_000_000;
/** Length and magic. https://parquet.apache.org/docs/file-format/ */
const TRAILER_BYTES = 8;

/**
 * Reads the footer of a Parquet object, and where its source column lies.
 *
 * @throws Unreadable naming what it is instead
 */
export async function readSourceColumn(object: RangedObject, name: string): Promise<SourceColumn> {
  const tail = await object.readTail(Math.min(object.size, FIRST_READ_BYTES));
  const length = footerLength(tail, object.size, name);
  const footer = await object.readTail(Math.min(object.size, Math.max(tail.length, length + TRAILER_BYTES)));
  const metadata = parsed('The footer cannot be read', () => parquetMetadata(footer, { geoparquet: false }));
  return sourceColumnIn(metadata, object.size);
}

function footerLength(tail: Uint8Array, size: number, name: string): number {
  const magic = Buffer.from(tail.subarray(-4)).toString('latin1');
  if (magic === 'PARE') throw new Unreadable('encrypted', 'Its footer is encrypted.');
  if (magic !== 'PAR1') {
    if (!/\.parquet$|\.parq$/i.test(name)) throw new Unreadable('foreign', 'It is not Parquet.');
    throw new Unreadable('corrupt', 'It does not end like Parquet: it was cut off, or is something else.');
  }
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const length = tail.length < TRAILER_BYTES ? 0 : view.getUint32(tail.length - TRAILER_BYTES, true);
  if (length > 0 && length <= Math.min(MOST_FOOTER_BYTES, size - TRAILER_BYTES)) return length;
  throw new Unreadable('corrupt', `Its footer says that it has ${length} bytes.`);
}

function sourceColumnIn({ schema, row_groups, num_rows }: FileMetaData, size: number): SourceColumn {
  const groups = row_groups.filter(({ num_rows }) => num_rows > 0n);
  const rows = Number(num_rows);
  if (groups.length === 0) return { rows, chunks: [] };
  const element = schema.find(({ name }) => name === SOURCE_COLUMN);
  if (!element) throw new Unreadable('no_column', `It has no column ${SOURCE_COLUMN}.`);
  if (element.type !== 'BYTE_ARRAY' || element.repetition_type === 'REPEATED') {
    throw new Unreadable('unsupported', `Its column ${SOURCE_COLUMN} does not hold plain text.`);
  }
  const isOptional = element.repetition_type === 'OPTIONAL';
  return { rows, chunks: groups.map((group) => ({ ...chunkIn(group, size), isOptional })) };
}

function chunkIn({ columns, num_rows }: FileMetaData['row_groups'][number], size: number) {
  const column = columns.find(
    ({ meta_data }) =>
      meta_data?.path_in_schema.length === 1 && meta_data.path_in_schema[0] === SOURCE_COLUMN,
  );
  if (columns.some(({ crypto_metadata, meta_data }) => crypto_metadata || !meta_data) && !isPlain(column)) {
    throw new Unreadable('encrypted', `Its column ${SOURCE_COLUMN} is encrypted.`);
  }
  if (!column?.meta_data) {
    throw new Unreadable('unsupported', `Its column ${SOURCE_COLUMN} is not at the top of the schema.`);
  }
  const { data_page_offset, dictionary_page_offset, total_compressed_size, codec } = column.meta_data;
  // Some writers say 0 where there is no dictionary.
  const from = Number(dictionary_page_offset || data_page_offset);
  const to = from + Number(total_compressed_size);
  if (from < 4 || to <= from || to > size) throw new Unreadable('corrupt', 'Its pages are outside of it.');
  return { from, to, codec, rows: Number(num_rows) };
}

function isPlain(column: FileMetaData['row_groups'][number]['columns'][number] | undefined): boolean {
  return column?.meta_data !== undefined && !column.crypto_metadata;
}
