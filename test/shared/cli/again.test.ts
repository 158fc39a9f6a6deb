import { expect, test } from 'vitest';
import * as z from 'zod';
import { withFile } from '../../../shared/cli/again.ts';

const SHAPE = { file: z.string(), newStatus: z.string(), force: z.boolean().default(false) };
const FILE = { date_prefix: '2026-11-23', file_key: 'a b.ndjson' };
const NAMED = ['a b.ndjson', '--date', '2026-11-23'];

test.each([
  ['after a switch', ['--force', 'failed', '--new-status', 'failed'], ['--force', '--new-status', 'failed']],
  ['after a value', ['--new-status', 'failed', 'failed'], ['--new-status', 'failed']],
  ['after a value with =', ['--new-status=failed', 'failed'], ['--new-status=failed']],
  ['by its flag', ['--file', 'failed', '--new-status', 'failed'], ['--new-status', 'failed']],
  ['by an alias', ['--date-prefix=today', '--file-key=failed', '--force'], ['--force']],
  ['after a bare --', ['--date', 'today', '--force', '--', 'failed'], ['--force', '--']],
])('the part of a name is replaced by the whole name, and nothing else is: %s', (_, typed, others) => {
  expect(withFile(typed, 'failed', FILE, SHAPE)).toEqual([...NAMED, ...others]);
});
