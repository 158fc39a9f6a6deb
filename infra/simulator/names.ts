import { createHash } from 'node:crypto';
import type { Random } from './random.ts';

/** Makes an object's key below a prefix, for a date. */
type KeyMaker = (prefix: string, date: string, random: Random) => string;

const PLAIN: readonly { weight: number; make: KeyMaker }[] = [
  { weight: 76, make: (prefix, date, random) => `${prefix}${date}/${datedName(date, random)}` },
  { weight: 9, make: (prefix, date, random) => `${prefix}${datedName(date, random)}` },
  { weight: 6, make: (prefix, date, random) => `${prefix}${date}/eu/batch-7/${datedName(date, random)}` },
  { weight: 3, make: (prefix, date, random) => `${prefix}${date}/star*${random.hex(8)}.ndjson` },
  { weight: 3, make: (prefix, date, random) => `${prefix}${date}/nodate_${random.hex(8)}.ndjson` },
];
/** A name without a date in a folder without one is filed under the day of its arrival. */
const UNDATED = {
  weight: 3,
  make: (prefix: string, _: string, random: Random) => `${prefix}flat-${random.hex(8)}.ndjson`,
};

/** Keys that an event spells differently from the bucket. */
const BAD: readonly { weight: number; make: KeyMaker }[] = [
  named((id) => `export (1)-${id}.ndjson`),
  named((id) => `o'brien!-${id}.ndjson`),
  named((id) => `tilde~${id}.ndjson`),
  named((id) => `a+b&c-${id}.ndjson`),
  named((id) => `100%-${id}.ndjson`),
  named((id) => `caf\u00e9-${id}.ndjson`),
  named((id) => `with space ${id}.ndjson`),
  named((id) => `number#${id}.ndjson`),
  { weight: 1, make: (prefix, date, random) => `${prefix}dt=${date}/${datedName(date, random)}` },
];
const ODD_DATES = ['2026-11-31', '4711-00-01', '2026-02-30', '0000-00-00'];
/** Objects that arrive with the files but are not files: no event is sent for them. */
const OTHER_OBJECTS = [
  '_SUCCESS',
  'part-%.ndjson.gz',
  'export-%.NDJSON',
  'notes-%.txt',
  'empty-%/',
  'outside-%.ndjson',
];

/** The key of an ordinary file; it may lack a date only if the file arrives on its own day. */
export function plainKey(prefix: string, date: string, isToday: boolean, random: Random): string {
  return random.pick(isToday ? [...PLAIN, UNDATED] : PLAIN).make(prefix, date, random);
}

/** The key of a file that no job can read, because the manifest lists it as the event spells it. */
export function badKey(prefix: string, date: string, random: Random): string {
  return random.pick(BAD).make(prefix, date, random);
}

/** A key whose date is not in the calendar, or is far away. */
export function oddDateKey(prefix: string, random: Random): string {
  const date = oneOf(ODD_DATES, random);
  return `${prefix}${date}/${datedName(date, random)}`;
}

export function otherKey(prefix: string, date: string, random: Random): string {
  const name = oneOf(OTHER_OBJECTS, random).replace('%', random.hex(8));
  // Somebody also leaves files at the bucket's root.
  return `${name.startsWith('outside') ? '' : prefix}${date}/${name}`;
}

/**
 * Text as S3's events spell it: a space as `+`, and every byte but letters, digits and `. - * _ /` as `%XX`, as
 * Java's URLEncoder does.
 */
export function eventSpelling(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The date that an object is filed under: the first such text in its key, whether or not it is a date, else the day of `nowMillis`. */
export function datePrefixOf(objectKey: string, nowMillis: number): string {
  return /\d{4}-\d{2}-\d{2}/.exec(objectKey)?.[0] ?? isoDate(nowMillis);
}

export function isoDate(millis: number): string {
  return new Date(millis).toISOString().slice(0, 10);
}

/** `x.ndjson` of `pipeline/input/2026-11-23/x.ndjson` */
export function bareName(objectKey: string): string {
  return objectKey.slice(objectKey.lastIndexOf('/') + 1);
}

/** `#3`, the same each time for a file; empty in a pipeline without shards. */
export function shardSuffix(file_key: string, shards: number): string {
  if (shards === 0) return '';
  return `#${createHash('md5').update(file_key).digest().readUInt32BE(0) % shards}`;
}

function named(name: (id: string) => string): { weight: number; make: KeyMaker } {
  return { weight: 1, make: (prefix, date, random) => `${prefix}${date}/${name(random.hex(8))}` };
}

function datedName(date: string, random: Random): string {
  const clock = [23, 59, 59].map((most) => String(random.integer(0, most)).padStart(2, '0')).join('');
  const source = String(random.integer(1, 9_999)).padStart(4, '0');
  return `${date}-test${source}-${clock}-${random.uuid()}.ndjson`;
}

function oneOf(choices: readonly string[], random: Random): string {
  return random.pick(choices.map((text) => ({ text, weight: 1 }))).text;
}
