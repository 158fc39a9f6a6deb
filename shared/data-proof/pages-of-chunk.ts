import type { PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { SourceChunk } from './footer.ts';
import type { RangedObject } from './ranged-object.ts';
import { parsed, Unreadable } from './unreadable.ts';

/** A page as it is stored: compressed. */
export interface StoredPage {
  readonly header: PageHeader;
  readonly body: Uint8Array;
}

// Most column chunks are smaller, and so read by one request; of larger ones only this much is held, or one page.
const WINDOW_BYTES = 2_000_000;
// A larger page means damage: a writer ends a page at about 1 MB, some at the end of the row group.
const MOST_PAGE_BYTES = 512_000_000;

/** The pages of a column chunk, one after another. @throws Unreadable */
export async function* pagesOfChunk(
  object: RangedObject,
  chunk: SourceChunk,
): AsyncGenerator<StoredPage, void> {
  const bytesFrom = window(object, chunk.to);
  for (let at = chunk.from; at < chunk.to; ) {
    const { header, length } = readHeader(await bytesFrom(at, MOST_HEADER_BYTES));
    const { compressed_page_size, uncompressed_page_size } = header;
    const bodyAt = at + length;
    at = bodyAt + compressed_page_size;
    const isSound = compressed_page_size >= 0 && uncompressed_page_size >= 0 && at <= chunk.to;
    if (!isSound || uncompressed_page_size > MOST_PAGE_BYTES) {
      throw new Unreadable('corrupt', `A page says that it has ${compressed_page_size} bytes.`);
    }
    const body = (await bytesFrom(bodyAt, compressed_page_size)).subarray(0, compressed_page_size);
    yield { header, body };
  }
}

/** Reads ahead. The function gives the bytes from `at` on: `length` of them or more, up to the end of the chunk. */
function window(object: RangedObject, end: number) {
  let from = 0;
  let bytes: Uint8Array = new Uint8Array();
  return async (at: number, length: number): Promise<Uint8Array> => {
    if (at < from || Math.min(end, at + length) > from + bytes.length) {
      bytes = new Uint8Array();
      bytes = await object.read(at, Math.min(end, at + Math.max(length, WINDOW_BYTES)));
      from = at;
    }
    return bytes.subarray(at - from);
  };
}

// A header holds the least and greatest value of its page, which are URIs here.
const MOST_HEADER_BYTES = 65_536;

function readHeader(bytes: Uint8Array): { readonly header: PageHeader; readonly length: number } {
  const view = new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  const reader = { view, offset: 0 };
  const header = parsed('A page header cannot be read', () => parquetHeader(reader));
  return { header, length: reader.offset };
}
