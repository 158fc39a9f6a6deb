import type { S3Client } from '@aws-sdk/client-s3';
import { objectPages } from '../aws/object-pages.ts';
import { dateFolders, type ListedFolder } from '../pipeline/layout.ts';
import { dateOfName, realName } from '../pipeline/names.ts';
import { dayOf } from '../text/time.ts';
import type { ListedObject } from './pairing.ts';

/** A bucket, and the role of its objects in an audit. */
export interface ListedBucket {
  readonly bucket: string;
  placeOf(key: string): ListedObject['place'];
}

/** An object as S3 lists it. */
interface Listed {
  readonly Key?: string;
  readonly LastModified?: Date;
}

// A key may hold characters that XML cannot, which would fail the whole listing.
const ENCODED = { EncodingType: 'url' } as const;

/** The objects of a folder, in the byte order of their names. */
export async function* listFolder(
  s3: S3Client,
  listed: ListedBucket,
  { folder, prefix, isFlat }: ListedFolder,
  after: string,
): AsyncGenerator<ListedObject, void> {
  const request = {
    ...{ Bucket: listed.bucket, Prefix: folder + prefix, ...ENCODED },
    ...(isFlat && { Delimiter: '/' }),
    ...(after && { StartAfter: folder + after }),
  };
  for await (const { Contents = [], EncodingType } of objectPages(s3, request)) {
    for (const each of Contents) {
      const object = asListed(listed, folder, each, EncodingType);
      if (!isFolder(object)) yield object;
    }
  }
}

/** Where else an audit looks for objects of a date. */
export interface OtherFolders {
  /** What all keys begin with. */
  readonly root: string;
  readonly date: string;
  /** A name below the root, after which the listing begins. */
  readonly after: string;
}

/**
 * The objects of a date outside the date's own folders, in the byte order of their names: the date is the first one in
 * the key, so it may be anywhere (`team/2026-11-23/x.ndjson`, `x-2026-11-23.ndjson`), and for a key without one it is
 * the day of the upload. A page that ends with a name to be passed over is followed by what comes after all names that
 * begin like that one up to its date. So this takes one request per date, or per page of a listing where the dates are
 * not at the front, or where there are none.
 */
export async function* listOtherFolders(
  s3: S3Client,
  listed: ListedBucket,
  { root, date, after }: OtherFolders,
): AsyncGenerator<ListedObject, void> {
  const own = dateFolders(date, '');
  let start = root + after;
  for (;;) {
    let passed: string | undefined;
    for await (const { objects, isLast } of pagesAfter(s3, listed, root, start)) {
      for (const object of objects) {
        passed = passedOver(object.name, date, own);
        if (passed === undefined && !isFolder(object) && dateOf(object) === date) yield object;
      }
      if (isLast) return;
      if (passed !== undefined) break;
    }
    if (passed === undefined) return;
    const next = root + behind(passed);
    if (next === start) throw new Error(`S3 lists s3://${listed.bucket}/${next} again and again.`);
    start = next;
  }
}

/** Everything under a root after a place, folders included, page by page. */
async function* pagesAfter(
  s3: S3Client,
  listed: ListedBucket,
  root: string,
  start: string,
): AsyncGenerator<{ readonly objects: readonly ListedObject[]; readonly isLast: boolean }, void> {
  const request = { Bucket: listed.bucket, Prefix: root, ...ENCODED, ...(start && { StartAfter: start }) };
  for await (const { Contents = [], EncodingType, IsTruncated } of objectPages(s3, request)) {
    const objects = Contents.map((each) => asListed(listed, root, each, EncodingType));
    yield { objects, isLast: !IsTruncated };
  }
}

function dateOf({ name, modified }: ListedObject): string {
  return dateOfName(name) ?? dayOf(modified);
}

/** The prefix of a name, if nothing with that prefix should be listed here. */
function passedOver(name: string, date: string, own: readonly string[]): string | undefined {
  const first = dateOfName(name);
  if (first === undefined) return undefined;
  return first === date
    ? own.find((folder) => name.startsWith(folder))
    : name.slice(0, name.indexOf(first) + first.length);
}

/** The place in the byte order after all that begins with a text, which ends with a digit or a slash. */
function behind(text: string): string {
  return text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
}

function asListed(
  { bucket, placeOf }: ListedBucket,
  folder: string,
  { Key = '', LastModified }: Listed,
  encoding: string | undefined,
): ListedObject {
  const key = encoding === 'url' ? realName(Key) : Key;
  const name = key.slice(folder.length);
  return { name, location: { bucket, key }, modified: LastModified?.getTime() ?? 0, place: placeOf(key) };
}

/** Consoles create folders as objects. */
function isFolder({ name }: ListedObject): boolean {
  return name === '' || name.endsWith('/');
}
