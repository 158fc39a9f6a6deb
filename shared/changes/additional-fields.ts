import * as z from 'zod';
import { CHANGE_ATTRIBUTES } from '../pipeline/record.ts';

// What a change writes by itself, or what decides where a record is and for how long: its keys, its shard, and its
// ttl, since no undo could bring back a record that was removed too early.
const PROTECTED: ReadonlySet<string> = new Set([
  'date_prefix',
  'file_key',
  'status',
  'updated_at',
  'reset_count',
  'shard_id',
  'ttl',
  ...Object.values(CHANGE_ATTRIBUTES),
]);

const MOST_FIELDS = 50;
const LONGEST_NAME = 255;
// DynamoDB nests 32 levels; the audit puts a value two levels down.
const DEEPEST = 28;
// An audit item holds a value before and after; together they must stay well under DynamoDB's 400 KB.
const MOST_BYTES = 65_536;

/** Attributes that a change sets besides the status, as JSON. */
export const additionalFields = z
  .record(z.string(), z.json())
  .superRefine((fields, check) => {
    for (const message of problemsOf(fields)) check.addIssue({ code: 'custom', message });
  })
  .describe('attributes to set besides the status, as JSON; null is stored as NULL');

export type AdditionalFields = z.output<typeof additionalFields>;

function* problemsOf(fields: Readonly<Record<string, unknown>>): Generator<string, void> {
  const names = Object.keys(fields);
  if (names.length > MOST_FIELDS) yield `allowed: at most ${MOST_FIELDS} fields`;
  for (const name of names) {
    if (PROTECTED.has(name)) yield `"${name}" is protected: ${[...PROTECTED].join(', ')} may not be set`;
    if (name in Object.prototype) yield `"${name}" cannot be set: JavaScript reserves that name`;
    if (name === '' || Buffer.byteLength(name) > LONGEST_NAME) {
      yield `an attribute's name must have 1 to ${LONGEST_NAME} bytes`;
    }
    yield* valueProblems(name, fields[name], DEEPEST);
  }
  if (Buffer.byteLength(JSON.stringify(fields)) > MOST_BYTES) yield `allowed: at most ${MOST_BYTES} bytes`;
}

function* valueProblems(name: string, value: unknown, levels: number): Generator<string, void> {
  if (typeof value === 'number' && !isExact(value)) {
    yield `"${name}" has a number that JSON or DynamoDB cannot hold exactly: send it as text`;
  }
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value) && Object.hasOwn(value, 'constructor')) {
    yield `"${name}" contains a field "constructor", which cannot be written: give it another name`;
  }
  if (levels === 0) yield `"${name}" is nested more than ${DEEPEST} levels deep`;
  else for (const inner of Object.values(value)) yield* valueProblems(name, inner, levels - 1);
}

/** Parsed JSON holds integers up to 2^53 - 1, DynamoDB fractions down to 1e-130. */
function isExact(value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value);
  return Math.abs(value) <= Number.MAX_SAFE_INTEGER && Math.abs(value) >= 1e-130;
}
