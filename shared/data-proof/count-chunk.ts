import type { PageHeader } from 'hyparquet';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { compressors } from 'hyparquet-compressors';
import { countRuns } from './count-runs.ts';
import type { SourceChunk } from './footer.ts';
import { pagesOfChunk, type StoredPage } from './pages-of-chunk.ts';
import type { RangedObject } from './ranged-object.ts';
import { parsed, Unreadable } from './unreadable.ts';

/** Adds a number of rows that have this value; undefined: no value. */
export type AddRows = (value: string | undefined, rows: number) => void;

/** The dictionary of a column chunk, and how many rows have each of its values. */
interface Dictionary {
  readonly values: readonly string[];
  readonly counts: Float64Array;
}

/** A data page in one form, whatever version its header has. */
interface DataPage {
  /** Of all rows of the page that have a value. */
  readonly values: number;
  readonly nulls: number;
  readonly encoding: string | undefined;
  readonly bytes: Uint8Array;
}

/** Counts the rows of a column chunk by their value, holding one page. @throws Unreadable */
export async function countChunk(object: RangedObject, chunk: SourceChunk, add: AddRows): Promise<void> {
  let dictionary: Dictionary = { values: [], counts: new Float64Array() };
  let rows = 0;
  for await (const page of pagesOfChunk(object, chunk)) {
    if (page.header.type === 'DICTIONARY_PAGE') {
      flush(dictionary, add);
      dictionary = parsed('A dictionary cannot be read', () => readDictionary(page, chunk));
    } else if (page.header.type !== 'INDEX_PAGE') {
      const data = parsed('A page cannot be read', () => openPage(page, chunk));
      parsed('A page cannot be read', () => countValues(data, dictionary, add));
      if (data.nulls > 0) add(undefined, data.nulls);
      rows += data.values + data.nulls;
    }
    if (rows >= chunk.rows) break;
  }
  flush(dictionary, add);
  if (rows !== chunk.rows) throw new Unreadable('corrupt', `Its pages hold ${rows} of ${chunk.rows} rows.`);
}

function flush({ values, counts }: Dictionary, add: AddRows): void {
  for (const [index, value] of values.entries()) {
    const rows = counts[index] ?? 0;
    if (rows > 0) add(value, rows);
  }
}

function readDictionary({ header, body }: StoredPage, { codec }: SourceChunk): Dictionary {
  const count = header.dictionary_page_header?.num_values ?? 0;
  const bytes = decompressPage(body, header.uncompressed_page_size, codec, compressors);
  const values: string[] = [];
  eachPlain(bytes, count, (value) => values.push(decode(value)));
  return { values, counts: new Float64Array(count) };
}

function openPage(page: StoredPage, chunk: SourceChunk): DataPage {
  if (page.header.data_page_header_v2) return openSecond(page, page.header.data_page_header_v2, chunk);
  if (page.header.data_page_header) return openFirst(page, page.header.data_page_header, chunk);
  throw new Unreadable('unsupported', `It has a page of type ${page.header.type}.`);
}

/** Version 1: levels and values are compressed together; the levels give the number of values. */
function openFirst(
  { header, body }: StoredPage,
  { num_values, encoding, definition_level_encoding }: NonNullable<PageHeader['data_page_header']>,
  { codec, isOptional }: SourceChunk,
): DataPage {
  const bytes = decompressPage(body, header.uncompressed_page_size, codec, compressors);
  if (!isOptional) return { values: num_values, nulls: 0, encoding, bytes };
  if (definition_level_encoding !== 'RLE') {
    throw new Unreadable('unsupported', `Its levels are encoded as ${definition_level_encoding}.`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const levels = new Float64Array(2);
  countRuns(bytes.subarray(4, 4 + length), 1, num_values, levels);
  const [nulls = 0, values = 0] = levels;
  return { values, nulls, encoding, bytes: bytes.subarray(4 + length) };
}

/** Version 2: levels are never compressed, and the header counts the rows without a value. */
function openSecond(
  { header, body }: StoredPage,
  page: NonNullable<PageHeader['data_page_header_v2']>,
  { codec }: SourceChunk,
): DataPage {
  const { num_values, num_nulls, encoding, is_compressed } = page;
  const levels = page.repetition_levels_byte_length + page.definition_levels_byte_length;
  const stored = body.subarray(levels);
  const size = header.uncompressed_page_size - levels;
  const isPlain = is_compressed === false || size === 0;
  const bytes = isPlain ? stored : decompressPage(stored, size, codec, compressors);
  return { values: num_values - num_nulls, nulls: num_nulls, encoding, bytes };
}

function countValues({ values, encoding, bytes }: DataPage, dictionary: Dictionary, add: AddRows): void {
  switch (encoding) {
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      if (values > 0) countRuns(bytes.subarray(1), bytes[0] ?? 0, values, dictionary.counts);
      return;
    case 'PLAIN':
      countEqual(add, (take) => eachPlain(bytes, values, take));
      return;
    case 'DELTA_LENGTH_BYTE_ARRAY':
      countEqual(add, (take) => eachDelta(deltaLengthByteArray, bytes, values, take));
      return;
    case 'DELTA_BYTE_ARRAY':
      countEqual(add, (take) => eachDelta(deltaByteArray, bytes, values, take));
      return;
    default:
      throw new Unreadable('unsupported', `Its column is encoded as ${encoding}.`);
  }
}

type Take = (value: Uint8Array) => void;

/** Rows of a file mostly follow each other, so only a value that differs from the one before is decoded. */
function countEqual(add: AddRows, each: (take: Take) => void): void {
  let last: Uint8Array | undefined;
  let rows = 0;
  each((value) => {
    if (last && Buffer.compare(last, value) === 0) {
      rows += 1;
      return;
    }
    if (last) add(decode(last), rows);
    last = value;
    rows = 1;
  });
  if (last) add(decode(last), rows);
}

/** Each value after its length of four bytes. */
function eachPlain(bytes: Uint8Array, count: number, take: Take): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const from = at + 4;
    at = from + view.getUint32(at, true);
    if (at > bytes.length) throw new Unreadable('corrupt', 'A value is longer than its page.');
    take(bytes.subarray(from, at));
  }
}

function eachDelta(decodeAll: typeof deltaByteArray, bytes: Uint8Array, count: number, take: Take): void {
  if (count === 0) return;
  const values = new Array<Uint8Array>(count);
  const view = new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  decodeAll({ view, offset: 0 }, count, values);
  for (const value of values) take(value);
}

const decoder = new TextDecoder();

function decode(value: Uint8Array): string {
  return decoder.decode(value);
}
