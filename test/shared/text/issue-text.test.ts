import { expect, test } from 'vitest';
import * as z from 'zod';
import { issueText } from '../../../shared/text/issue-text.ts';

test.each<[z.ZodType, unknown, string]>([
  [z.string(), 1, 'text'],
  [z.string().min(1), '', 'text that is not empty'],
  [z.string().min(3), 'ab', 'text of 3 characters or more'],
  [z.string().max(2), 'abc', 'text of up to 2 characters'],
  [z.number(), 'x', 'a number'],
  [z.int(), 1.5, 'a whole number'],
  [z.number().min(0.5), 0, '0.5 or more'],
  [z.number().max(1_000), 1_001, '1,000 or less'],
  [z.number().gt(0), 0, 'more than 0'],
  [z.number().lt(2), 2, 'less than 2'],
  [z.array(z.string()).min(1), [], 'a list of 1 value or more'],
  [z.array(z.string()).max(2), ['a', 'b', 'c'], 'a list of up to 2 values'],
  [z.enum(['a', 'b']), 'c', 'a, b'],
  [
    z.discriminatedUnion('is', [z.object({ is: z.literal('a') }), z.object({ is: z.literal('b') })]),
    { is: 'c' },
    'a, b',
  ],
  [z.object({}), [], 'an object'],
  [z.record(z.string(), z.string()), 'x', 'an object'],
  [z.boolean(), 'yes', 'true or false'],
  [z.string().regex(/^x/, 'allowed: a word with x'), 'y', 'a word with x'],
  [z.enum(['a', 'b'], 'allowed: a or b'), 'c', 'a or b'],
])('what a schema allows is said in words: %#', (schema, value, allowed) => {
  const [issue] = schema.safeParse(value).error?.issues ?? [];
  expect(issue && issueText(issue)).toBe(`allowed: ${allowed}`);
});
