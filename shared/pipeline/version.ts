import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { STATUS_TIME_ATTRIBUTE } from './record.ts';
import type { ResetObstacle } from './retryable.ts';
import type { RawAttributes } from './tracking-table.ts';

/**
 * A record, attribute by attribute, in a form short enough for a plan: `S:text` and `N:digits` as they
 * are stored, so that a time that is text and one that is a number are two; anything longer or deeper as `#digest`.
 */
export type RecordVersion = Readonly<Record<string, string>>;

const LONGEST_SHOWN = 128;

/** What a plan compares with the record before it writes: every attribute. */
export function versionAttributes(record: RawAttributes): RecordVersion {
  const entries = Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, value]) => [name, shortForm(value)]));
}

/** A record's version in 32 digits: two records have the same one if every attribute is the same. */
export function versionOf(record: RawAttributes): string {
  return versionDigest(versionAttributes(record));
}

function versionDigest(version: RecordVersion): string {
  return sha256(JSON.stringify(Object.entries(version))).slice(0, 32);
}

/** The attributes in which a record differs from the expected version; sorted. */
export function differingFrom(expected: RecordVersion, record: RawAttributes): string[] {
  const found = versionAttributes(record);
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names].filter((name) => formOf(expected, name) !== formOf(found, name)).sort();
}

/** How some attributes changed, for people: `created_at: "2026-11-23" → "2026-11-24"`. */
export function changesOf(expected: RecordVersion, found: RecordVersion, names: readonly string[]): string[] {
  return names.map((name) => {
    const [was, is] = [formOf(expected, name), formOf(found, name)];
    return `${name}: ${shownForm(was)} → ${shownForm(is)}`;
  });
}

/** Whether two values are the same, in whatever order maps and sets come and numbers are spelled; absent ones are. */
export function isSameValue(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const [one, other] = [a, b].map((value) => JSON.stringify(canonical(value, spelledAlike)));
  return one === other;
}

/**
 * The same text for the same number: JavaScript writes 1e-7 for what comes back from a table as 0.0000001, but not out of
 * an audit that is stored as text. To the last of 38 digits, so not as a number of JavaScript.
 */
function spelledAlike(number: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(number) ?? [];
  if (whole === undefined) return number;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  const power = Number(exponent) - fraction.length + digits.length - significant.length;
  return significant === '' ? '0' : `${sign === '-' ? '-' : ''}${significant}e${power}`;
}

const TELLS_VERSIONS = /(?:^|_)(?:at|time|timestamp|etag|version_id)$|^ttl$/i;

/**
 * Whether a record has anything that distinguishes it from the next upload of the same name: a time of any kind, or the
 * ETag of its object.
 */
export function tellsVersions(version: RecordVersion): boolean {
  return Object.entries(version).some(
    ([name, form]) => TELLS_VERSIONS.test(name) && form !== 'NULL' && form !== 'S:',
  );
}

/** Why a file is left as it is that was checked some time ago, and may be another one by now. */
export const VERSION_UNKNOWN = {
  code: 'VERSION_UNKNOWN',
  sentence: 'its record has neither a time nor an ETag, so one upload cannot be distinguished from the next',
} as const satisfies ResetObstacle;

// Times that the pipeline adds step by step: one that was absent must still be absent.
const PIPELINE_TIMES = ['created_at', 'updated_at', 'manifest_path', ...Object.values(STATUS_TIME_ATTRIBUTE)];
const GUARDED = /(?:^|_)(?:size|size_mb|size_bytes|run_id)$|^manifest_path$/;
// Of the others, long ones would only make the audit larger. An S3 URI has up to 1,094 bytes.
const LONGEST_GUARDED = 2_048;

/**
 * The part of a record's version that guards a write besides what it touches: times, manifest, size and ETag. The rest
 * is compared with the plan before; these few are what a later version cannot have in common with it.
 */
export function versionGuard(record: RawAttributes, touched: readonly string[]): RawAttributes {
  const isTouched = new Set(touched);
  return Object.fromEntries(
    Object.entries(record).filter(
      ([name, value]) =>
        !isTouched.has(name) &&
        // Whatever it holds: what is not guarded has to be absent.
        (PIPELINE_TIMES.includes(name) ||
          ((TELLS_VERSIONS.test(name) || GUARDED.test(name)) && isShort(value))),
    ),
  );
}

/** What a guarded record must still not have. */
export function absentOf(guard: RawAttributes, touched: readonly string[]): string[] {
  return PIPELINE_TIMES.filter((name) => !Object.hasOwn(guard, name) && !touched.includes(name));
}

function isShort({ S, N, NULL }: AttributeValue): boolean {
  if (S !== undefined) return S.length <= LONGEST_GUARDED;
  return N !== undefined || NULL !== undefined;
}

function formOf(version: RecordVersion, name: string): string | undefined {
  return Object.hasOwn(version, name) ? version[name] : undefined;
}

function shortForm(value: AttributeValue): string {
  if (value.N !== undefined) return `N:${value.N}`;
  if (value.NULL !== undefined) return 'NULL';
  if (value.S !== undefined && value.S.length <= LONGEST_SHOWN) return `S:${value.S}`;
  return `#${sha256(JSON.stringify(canonical(value))).slice(0, 24)}`;
}

function shownForm(form: string | undefined): string {
  if (form === undefined) return 'absent';
  if (form.startsWith('S:')) return JSON.stringify(form.slice(2));
  if (form.startsWith('N:')) return form.slice(2);
  return form === 'NULL' ? 'null' : 'another value';
}

/**
 * The same text for the same value: maps and sets have no order.
 *
 * @param spell a number. Left out: as it is stored, since versions are kept and compared with those of later
 */
function canonical(value: AttributeValue, spell = (number: string) => number): unknown {
  if (value.N !== undefined) return { N: spell(value.N) };
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64).sort() };
  if (value.SS) return { SS: [...value.SS].sort() };
  if (value.NS) return { NS: value.NS.map(spell).sort() };
  if (value.L) return { L: value.L.map((inner) => canonical(inner, spell)) };
  if (!value.M) return value;
  const entries = Object.entries(value.M).map(([name, inner]) => [name, canonical(inner, spell)] as const);
  return { M: entries.sort(([a], [b]) => (a < b ? -1 : 1)) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
