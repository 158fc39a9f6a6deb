import { expect, test } from 'vitest';
import { additionalFields } from '../../../shared/changes/additional-fields.ts';

const problemsOf = (fields: unknown) =>
  additionalFields.safeParse(fields).error?.issues.map(({ message }) => message) ?? [];

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

test('any JSON may be set', () => {
  const fields = { text: '', number: -1.5, none: null, list: [1, [true]], map: { a: { b: 'c' } } };
  expect(additionalFields.parse(fields)).toEqual(fields);
});

test.each([
  ['date_prefix'],
  ['file_key'],
  ['status'],
  ['updated_at'],
  ['reset_count'],
  ['shard_id'],
  ['ttl'],
  ['state_change_id'],
  ['state_change_actor'],
  ['state_change_reason'],
  ['state_change_time'],
])('%s is not for an operator to set', (name) => {
  expect(problemsOf({ [name]: 1, fine: 2 })).toEqual([expect.stringContaining(`"${name}" is protected`)]);
});

test.each([
  ['a number that JSON rounds', { big: Number.MAX_SAFE_INTEGER + 1 }, '"big" has a number'],
  ['one within a list', { list: [{ big: 1e300 }] }, '"list" has a number'],
  ['a fraction that DynamoDB does not hold', { small: 1e-200 }, '"small" has a number'],
  ['too deep a value', { deep: nested(29) }, 'nested more than 28 levels'],
  ['a name without letters', { '': 1 }, 'name must have 1 to 255 bytes'],
  ['too long a name', { ['ä'.repeat(128)]: 1 }, 'name must have 1 to 255 bytes'],
  ['too many fields', Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, 1])), 'at most 50'],
  ['too much text', { text: 'x'.repeat(65_536) }, 'at most 65536 bytes'],
])('%s is refused', (_name, fields, problem) => {
  expect(problemsOf(fields)).toEqual([expect.stringContaining(problem)]);
});

test('a fraction of seventeen digits and zero are kept', () => {
  expect(problemsOf({ ratio: 0.30000000000000004, none: 0, least: -1e-130 })).toEqual([]);
});

test.each([[[]], ['text'], [null], [{ f: undefined }]])('%j is no set of fields', (fields) => {
  expect(additionalFields.safeParse(fields).success).toBe(false);
});
