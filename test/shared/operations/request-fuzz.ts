import fc from 'fast-check';
import * as z from 'zod';
import type { Operation } from '../../../shared/operations/operation.ts';
import { encodePageToken } from '../../../shared/operations/page-token.ts';
import { DATE } from '../../support/changes.ts';

/** The part of JSON Schema that the operations' own schemas use. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What a request is made of beside what its schema tells. */
export interface Known {
  readonly keys: readonly string[];
  readonly changes: readonly string[];
  readonly tables: readonly string[];
}

/** Requests for an operation: most fields as its schema has them, some as no schema would. */
export function requestsFor(operation: Operation, known: Known): fc.Arbitrary<object> {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as Schema;
  return valueFor(schema, known, []).map((fields) => ({
    ...(fields as object),
    operation: operation.name,
  }));
}

/** Texts and values that something has choked on, or might. */
const HOSTILE: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    0,
    -1,
    1e308,
    5e-324,
    1e21,
    2 ** 53,
    true,
    [],
    {},
    '\u0000',
    '\ud800',
  ),
  fc.constantFrom(
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    '../..',
    "' OR 1=1",
    '\u202e',
    '#',
  ),
  fc.nat(6).map((power) => 'k'.repeat(10 ** Math.min(power, 4))),
  fc.nat(4).map((power) => nested(10 ** power)),
  fc.constantFrom('__proto__', 'constructor', 'valueOf').map((name) => JSON.parse(`{"${name}": {"x": 1}}`)),
  fc.string(),
  fc.jsonValue(),
);

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { value };
  return value;
}

function valueFor(schema: Schema, known: Known, path: readonly string[]): fc.Arbitrary<unknown> {
  const named = namedValue(path.at(-1) ?? '', known);
  const usual = named ?? byType(schema, known, path);
  // One field of eight is not what its schema says.
  return path.length === 0
    ? usual
    : fc.oneof({ arbitrary: usual, weight: 7 }, { arbitrary: HOSTILE, weight: 1 });
}

/** Fields whose form alone would make all of them unknown. */
function namedValue(name: string, { keys, changes, tables }: Known): fc.Arbitrary<unknown> | undefined {
  if (name === 'date_prefix' || name === 'start' || name === 'end')
    return fc.constantFrom(DATE, '2026-11-31', '0000-00-00');
  if (name === 'file_key') return fc.constantFrom(...keys);
  if (name === 'change_id') return fc.constantFrom(...changes);
  if (name === 'next_token') return forgedToken(tables);
  if (name === 'new_status')
    return fc.constantFrom('pending', 'failed', 'quarantined', 'constructor', '__proto__', 'x');
  if (name === 'expected_version') return fc.constantFrom('0'.repeat(32), 'f'.repeat(31));
  return undefined;
}

/** With a digest that is right, where the scope was guessed. */
function forgedToken(tables: readonly string[]): fc.Arbitrary<string> {
  const scopes = tables.flatMap((table) => [
    ['list_changes', table],
    ['get_file_state', table, DATE],
    ['validate_consistency', table, DATE, 15],
    ['query_by_status', table, 'failed', null, null],
  ]);
  return fc.tuple(fc.constantFrom(...scopes), HOSTILE).map(([scope, position]) => {
    try {
      return encodePageToken(scope, position);
    } catch {
      return 'none';
    }
  });
}

function byType(schema: Schema, known: Known, path: readonly string[]): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (path.length > 5) return HOSTILE;
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => valueFor(each, known, [...path, ''])));
  switch (schema.type) {
    case 'object':
      return objectOf(schema, known, path);
    case 'array':
      return fc.array(valueFor(schema.items ?? {}, known, [...path, '']), { maxLength: 3 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.integer({
        min: Math.max(schema.minimum ?? 0, -10),
        max: Math.min(schema.maximum ?? 100, 100),
      });
    case 'string':
      return fc.oneof(
        fc.string({ minLength: 1, maxLength: 20 }),
        fc.constantFrom('failed', 'pending', 'fuzz'),
      );
    default:
      return HOSTILE;
  }
}

function objectOf(
  { properties, required = [], additionalProperties }: Schema,
  known: Known,
  path: readonly string[],
) {
  if (!properties || Object.keys(properties).length === 0) {
    if (additionalProperties === false || path.length === 0) return fc.constant({});
    const names = fc.oneof(
      fc.constantFrom('note', 'error_message', 'status', 'constructor', 'ttl'),
      fc.string(),
    );
    return fc.dictionary(names, HOSTILE, { maxKeys: 3 });
  }
  const fields = Object.entries(properties).map(
    ([name, field]) => [name, valueFor(field, known, [...path, name])] as const,
  );
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
}
