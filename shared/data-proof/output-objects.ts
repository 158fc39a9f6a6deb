import type { S3Client } from '@aws-sdk/client-s3';
import { filledPage } from '../aws/object-pages.ts';
import { bareName, type Location, realName } from '../pipeline/names.ts';
import type { OutputObject } from './ranged-object.ts';

/**
 * What an object is, judged by its name and size. `marker`: what Spark and consoles leave beside the rows (`_SUCCESS`,
 * a folder); `temporary`: half-written, its job is still running or has died; `empty`: no bytes at all.
 */
export type OutputKind = 'rows' | 'marker' | 'temporary' | 'empty';

export interface ListedOutput extends OutputObject {
  readonly kind: OutputKind;
}

/** Where a listing of several folders continues. It is plain JSON. */
export interface ListingCursor {
  /** Which of the folders. */
  readonly place: number;
  /** The last key that was listed in it; empty at its beginning. */
  readonly after: string;
}

/** Some of the objects, in the order of folders and keys. */
export interface OutputPage {
  readonly objects: readonly ListedOutput[];
  readonly next: ListingCursor | undefined;
}

/**
 * Lists the objects of output folders page by page.
 *
 * @param places the folders, the same ones in the same order for each page
 * @param limit of objects; up to 1,000
 */
export async function listOutputPage(
  s3: S3Client,
  places: readonly Location[],
  { place, after }: ListingCursor,
  limit: number,
): Promise<OutputPage> {
  const folder = places[place];
  if (!folder) return { objects: [], next: undefined };
  const { Contents = [], IsTruncated } = await filledPage(s3, {
    Bucket: folder.bucket,
    Prefix: folder.key,
    MaxKeys: limit,
    // A key may hold characters that XML cannot, which would fail the whole listing.
    EncodingType: 'url',
    ...(after && { StartAfter: after }),
  });
  const objects = Contents.map(({ Key = '', Size = 0, LastModified, ETag = '' }) => {
    const key = realName(Key);
    const modified = LastModified?.getTime() ?? 0;
    return { bucket: folder.bucket, key, size: Size, modified, etag: ETag, kind: kindOf(key, Size) };
  });
  const last = objects.at(-1);
  if (IsTruncated && last) return { objects, next: { place, after: last.key } };
  return { objects, next: place + 1 < places.length ? { place: place + 1, after: '' } : undefined };
}

function kindOf(key: string, size: number): OutputKind {
  if (key.includes('/_temporary/')) return 'temporary';
  // Its readers skip such names, too.
  if (/^[_.]/.test(bareName(key)) || key.endsWith('/')) return 'marker';
  return size === 0 ? 'empty' : 'rows';
}
