import { expect, test } from 'vitest';
import * as z from 'zod';
import { answer, operationIn } from '../../../shared/operations/answer.ts';
import { type OperationDeps, operation } from '../../../shared/operations/operation.ts';
import { Refused } from '../../../shared/text/refused.ts';

const context = {} as OperationDeps;
const echo = operation({
  name: 'echo',
  description: 'Gives back what it got',
  input: z.strictObject({ date_prefix: z.iso.date('must be a real date'), limit: z.int().min(1).default(5) }),
  run: async (_context, input) => input,
});
const missing = operation({
  name: 'missing',
  description: 'Never finds anything',
  input: z.strictObject({}),
  run: () => Promise.reject(new Refused('FILE_NOT_FOUND', 'No record.', 'Look elsewhere.')),
});
const faulty = operation({
  name: 'faulty',
  description: 'Breaks',
  input: z.strictObject({}),
  run: () => Promise.reject(new Error('the table is gone')),
});
const ask = (request: unknown) => answer(request, [echo, missing, faulty], context);

test('a request is answered with the body of the operation, defaults filled in', async () => {
  expect(await ask({ operation: 'echo', date_prefix: '2026-11-23' })).toEqual({
    date_prefix: '2026-11-23',
    limit: 5,
  });
});

test('an unknown operation is refused with the list of those that are there', async () => {
  expect(await ask({ operation: 'get_stat' })).toMatchObject({
    statusCode: 400,
    operation: 'get_stat',
    error: { code: 'UNKNOWN_OPERATION', message: expect.stringContaining('received "get_stat"') },
    supported_operations: ['echo', 'missing', 'faulty'],
  });
});

test.each([
  ['a name of any length', 'x'.repeat(6_291_400), `${'x'.repeat(79)}…`],
  ['lists nested too deep for JSON', nested(9_000), 'a value that is nested too deep'],
  ['a number', 7, '7'],
])('%s, in place of an operation, is named in short', async (_, operation, named) => {
  const reply = await ask({ operation });
  expect(reply).toMatchObject({ statusCode: 400, operation: named, error: { code: 'UNKNOWN_OPERATION' } });
  expect(JSON.stringify(reply).length).toBeLessThan(1_000);
  expect(operationIn({ operation })).toBe(named);
});

test('the operation of a request is logged by its name; a payload that is none has no operation', () => {
  expect(operationIn({ operation: 'get_stats' })).toBe('get_stats');
  for (const request of [{}, null, undefined, 'get_stats', []]) expect(operationIn(request)).toBeUndefined();
});

test('unknown fields are named in short', async () => {
  const { error } = (await ask({ operation: 'echo', date_prefix: '2026-11-23', ['y'.repeat(5_000)]: 1 })) as {
    error: { message: string };
  };
  expect(error.message).toMatch(/^Unknown field\(s\): y{999}…\.$/);
});

function nested(depth: number): unknown {
  return JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
}

test.each([[undefined], [null], ['get_stats'], [[]], [7]])('a payload of %j is refused', async (payload) => {
  expect(await ask(payload)).toMatchObject({ statusCode: 400, error: { code: 'INVALID_PAYLOAD' } });
});

test('every wrong field is named with what was received', async () => {
  const { error } = (await ask({
    operation: 'echo',
    date_prefix: '2026-02-30',
    limit: 0,
    dry_run: true,
  })) as {
    error: { message: string; hint: string };
  };
  expect(error.message).toContain('"date_prefix": received "2026-02-30", must be a real date.');
  expect(error.message).toContain('"limit": received 0');
  expect(error.message).toContain('Unknown field(s): dry_run.');
  expect(error.hint).toContain('date_prefix, limit');
});

test('what is not there is a 404', async () => {
  expect(await ask({ operation: 'missing' })).toEqual({
    statusCode: 404,
    error: { code: 'FILE_NOT_FOUND', message: 'No record.', hint: 'Look elsewhere.' },
    operation: 'missing',
  });
});

test('a fault is thrown, so that Lambda reports it', async () => {
  await expect(ask({ operation: 'faulty' })).rejects.toThrow('the table is gone');
});
