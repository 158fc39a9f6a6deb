import type { RecordKey } from './tracking-table.ts';

const OBJECT_URI = /^s3[an]?:\/\/[^/]+\/(.+)$/s;
const DATE = /\d{4}-\d{2}-\d{2}/;
/** A `date_prefix`: the pipeline cuts it out of the key, whether or not it is a date of the calendar. */
export const DATE_FORM = /^\d{4}-\d{2}-\d{2}$/;

/** Where an object is, or would be. */
export interface Location {
  readonly bucket: string;
  readonly key: string;
}

/**
 * Reads a path as the pipeline's writers store it: an `s3://` URI, or a bare key of the bucket that such
 * paths usually mean.
 *
 * @returns undefined when it is not a path
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

/**
 * A name as S3 events spell it, and so as the pipeline keys its record: form-encoded as Java's URLEncoder does.
 * A space is `+`; every byte but `A-Z a-z 0-9 . - * _` is `%XX`.
 */
export function eventSpelling(name: string): string {
  return encode(name, EVENT_ENCODER);
}

/** A whole key as S3 events spell it, folders included: `dt=2026-11-23/` becomes `dt%3D2026-11-23/`. */
export function eventKey(key: string): string {
  return key.split('/').map(eventSpelling).join('/');
}

/** The real name behind an event's spelling; an invalid spelling is taken as a real name. */
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

/**
 * The file keys that a record of an object of this name may have, the usual one first: each known encoder keeps other
 * characters, writes a space in its own way, and uses upper- or lower-case digits; some encode nothing. Keys that are
 * longer than allowed are left out, so there may be none.
 */
export function possibleFileKeys(name: string): readonly string[] {
  const encoded = ENCODERS.map((encoder) => encode(name, encoder));
  return unique([...encoded, ...encoded.map(withSmallDigits), name]).filter(fitsSortKey);
}

/** DynamoDB's limit for a sort key, which a file key is. */
export const MOST_KEY_BYTES = 1_024;

/** Whether it can be a file key. */
export function fitsSortKey(file_key: string): boolean {
  return Buffer.byteLength(file_key) <= MOST_KEY_BYTES;
}

/** How an encoder differs from `encodeURIComponent`. */
interface Encoder {
  /** Characters that it keeps, of those on which encoders differ: `!`, `~`, `*`, `'`, `(` and `)`. */
  readonly kept: string;
  readonly space: '+' | '%20';
}

const EVENT_ENCODER: Encoder = { kept: '*', space: '+' };
// Java's URLEncoder, encodeURIComponent, RFC 3986 as in Python's quote, and encoders that keep none of them.
const KEPT_SIGNS = ['*', "!~*'()", '~', ''];
const ENCODERS: readonly Encoder[] = KEPT_SIGNS.flatMap((kept) => [
  { kept, space: '+' },
  { kept, space: '%20' },
]);

/** Encoding throws on half a surrogate pair, which no object's name has, but a request may have. */
function encode(name: string, { kept, space }: Encoder): string {
  if (isPlainName(name)) return name;
  try {
    return encodeURIComponent(name)
      .replace(/[!~*'()]/g, (sign) => (kept.includes(sign) ? sign : percentCode(sign)))
      .replaceAll('%20', space);
  } catch {
    return name;
  }
}

function percentCode(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
}

function withSmallDigits(spelled: string): string {
  return spelled.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

/**
 * The records that a file's name may mean, likeliest first. A name is a file_key, an object's name or key, or its
 * `s3://` address, in any spelling. The pipeline files an object under the first date in its key, or under the day
 * of its arrival, by its bare name as `eventSpelling` has it.
 *
 * What looks encoded may be a file_key, or a real name that happens to look so: `100%25.ndjson` is the key of
 * `100%.ndjson`, and may be an object's name. Whatever we print is a file_key, and the paths in records and manifests
 * are spelled alike, so a key that is exactly as given wins. Then it is taken for a real name, and finally for another
 * encoder's spelling.
 *
 * @param date where it is known
 * @param today where to look for a name without any date
 * @returns none when no record can have the name, since its key would be empty or too long
 */
export function keysOfName(name: string, date: string | undefined, today: string): RecordKey[] {
  const objectKey = objectKeyOf(name);
  const date_prefix = date ?? dateOfName(name) ?? today;
  // The key of a meta record has no folders, and its name is not encoded.
  const bare = bareName(objectKey);
  const keys = unique([bare, ...possibleFileKeys(bare), ...possibleFileKeys(realName(bare))]);
  return keys
    .filter((file_key) => file_key !== '' && fitsSortKey(file_key))
    .map((file_key) => ({ date_prefix, file_key }));
}

/** The date under which the pipeline files an object: the first text in its key that looks like one. */
export function dateOfName(name: string): string | undefined {
  return DATE.exec(objectKeyOf(name))?.[0];
}

function objectKeyOf(name: string): string {
  return OBJECT_URI.exec(name)?.[1] ?? name;
}

/** Asks for one key after another until there is an answer; undefined when there is none. */
export async function firstKnown<T>(
  keys: readonly RecordKey[],
  read: (key: RecordKey) => Promise<T | undefined>,
): Promise<T | undefined> {
  for (const key of keys) {
    const found = await read(key);
    if (found !== undefined) return found;
  }
  return undefined;
}
