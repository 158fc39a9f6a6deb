import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { operations } from '../../../shared/operations/all.ts';
import { answer } from '../../../shared/operations/answer.ts';
import { type OperationDeps, operation } from '../../../shared/operations/operation.ts';
import { VERSION } from '../../../shared/text/version.ts';
import { localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

const FOLDER = new URL('../../../shared/operations/', import.meta.url);
let context: OperationDeps;

beforeAll(async () => {
  context = operationDeps(await localAws());
});

test('an operation that is added to the list is answered, described and named to who asks for another', async () => {
  const added = operation({
    name: 'count_letters',
    description: 'How many letters a word has',
    input: z.strictObject({ word: z.string() }),
    run: async (_context, { word }) => ({ letters: word.length }),
  });
  const extended = [...operations, added];
  expect(await answer({ operation: 'count_letters', word: 'manifest' }, extended, context)).toEqual({
    letters: 8,
  });
  expect(await answer({ operation: 'count_words' }, extended, context)).toMatchObject({
    supported_operations: expect.arrayContaining(['count_letters', 'get_stats']),
  });
});

test.each(operations.map(({ name }) => name))('without %s all others still answer', async (name) => {
  const rest = operations.filter((candidate) => candidate.name !== name);
  expect(await answer({ operation: name }, rest, context)).toMatchObject({
    statusCode: 400,
    operation: name,
  });
  for (const { name: other } of rest) {
    expect(await answer({ operation: other, no_such_field: 1 }, rest, context)).toMatchObject({
      error: { code: 'INVALID_INPUT', message: expect.stringContaining('no_such_field') },
    });
  }
});

test("an operation's file is imported by the list and by no other file", () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));
  const sources = new Map(files.map((file) => [file, readFileSync(new URL(file, FOLDER), 'utf8')]));
  const operationFiles = files.filter((file) => /^ {2}name: '/m.test(sources.get(file) ?? ''));
  expect(operationFiles).toHaveLength(operations.length - 1);
  for (const file of operationFiles) {
    const importers = files.filter((other) => sources.get(other)?.includes(`'./${file}'`));
    expect({ file, importers }).toEqual({ file, importers: ['all.ts'] });
  }
});

test('describe_operations tells the version and lists every other operation with the schema of its input', async () => {
  const { version, operations: listed } = await ask(context, { operation: 'describe_operations' });
  expect(version).toBe(VERSION);
  const described = listed as Described[];
  const names = operations.map(({ name }) => name).filter((name) => name !== 'describe_operations');
  expect(described.map(({ name }) => name)).toEqual(names);
  expect(described.find(({ name }) => name === 'get_stats')).toMatchObject({
    description: expect.stringMatching(/\w/),
    input: { type: 'object', additionalProperties: false, properties: { date_prefix: { type: 'string' } } },
  });
});

interface Described {
  readonly name: string;
  readonly description: string;
  readonly input: object;
}
