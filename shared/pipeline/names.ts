import type { RecordKey } from './tracking-table.ts';

const OBJECT_URI = /^s3[an]?:\/\/[^/]+\/(.+)$/s;
const DATE = /\d{4}-\d{2}-\d{2}/;

/** Where an object is, or would be. */
export interface Location {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Reads a path as the pipeline's writers store it: an `s3://` URI, or a bare key of the bucket that such
 * paths usually mean.
 *
 * @returns undefined when it is no path at all
 */
export function parsePath(path: unknown, usualBucket: string): Location | undefined {
  if (typeof path !== 'string' || path === '') return undefined;
  const uri = /^s3[an]?:\/\/([^/]+)\/(.+)$/s.exec(path);
  if (uri?.[1] && uri[2]) return { bucket: uri[1], key: uri[2] };
  return path.includes('://') ? undefined : { bucket: usualBucket, key: path.replace(/^\//, '') };
}

/** The name of an object without its folders. */
export function bareName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/**
 * Whether a name is spelled the same in the bucket and in S3's events, whatever encoder wrote it. Such names
 * also sort alike in both spellings.
 */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9._-]*$/.test(name);
}

/** A name as S3 events spell it: URL-encoded, a space as `+`. */
export function eventSpelling(name: string): string {
  return encoded(name).replaceAll('%20', '+');
}

/** The real name behind an event's spelling; what is no valid spelling is taken as a real name. */
export function realName(spelled: string): string {
  try {
    return decodeURIComponent(spelled.replaceAll('+', ' '));
  } catch {
    return spelled;
  }
}

/**
 * The keys that an object may have whose path the pipeline stored. Objects have their real names; a stored
 * path copies the event's spelling of the name, sometimes of the whole key, and some writers store real names.
 */
export function possibleKeys(stored: string): readonly string[] {
  const name = bareName(stored);
  const folder = stored.slice(0, stored.length - name.length);
  return unique([folder + realName(name), realName(stored), stored]);
}

/** The file keys that the pipeline may have stored for an object of this name, the usual one first. */
export function possibleFileKeys(name: string): readonly string[] {
  const strict = encoded(name).replace(
    /[!'()~]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return unique([eventSpelling(name), strict.replaceAll('%20', '+'), encoded(name), name]);
}

/** Encoding throws on half a surrogate pair, which no object's name has, but which a request may bring. */
function encoded(name: string): string {
  try {
    return encodeURIComponent(name);
  } catch {
    return name;
  }
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/**
 * The records that a file's name may mean, likeliest first. A name is a file_key, an object key, or the
 * object's s3:// address. The pipeline files an object under the first date in its key, or under the day of
 * its arrival, by its bare name as S3 events spell it: URL-encoded, a space as `+`; `%20` is met too.
 *
 * @param date where it is known
 * @param today where to look for a name without any date
 */
export function keysOfName(name: string, date: string | undefined, today: string): RecordKey[] {
  const objectKey = OBJECT_URI.exec(name)?.[1] ?? name;
  const date_prefix = date ?? DATE.exec(objectKey)?.[0] ?? today;
  // The key of a meta record has no folders, and its name is not encoded.
  const bare = bareName(objectKey);
  return unique([bare, eventSpelling(bare), encoded(bare)]).map((file_key) => ({ date_prefix, file_key }));
}
