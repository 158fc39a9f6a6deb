import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readFileList } from '../../../runbooks/views/file-list.ts';

const read = (list: string) =>
  readFileList('-', Readable.from([list]), { new_status: 'pending', force: false });
const refused = (message: unknown) => ({ name: 'Refused', message });

test('a cause that is too long is shortened within itself, and the row is still named', async () => {
  const cause = `${'x'.repeat(600)}\u{1f680}`;
  const row = { date_prefix: '2026-11-23', file_key: 'a.ndjson', cause };
  const { value } = await read(`${JSON.stringify(row)}\n`).next();
  expect(value?.why).toMatch(/^x+…x+\u{1f680}; row 1 of the list$/u);
  expect(value?.why?.length).toBeLessThanOrEqual(501);
});

test.each([
  [
    'columns of another program',
    'name,size\na.ndjson,7\n',
    'row 1: received the columns name, size, allowed: date_prefix, file_key, new_status, expected_status, expected_version.',
  ],
  [
    'one column of ours',
    'date_prefix\n2026-11-23\n',
    'row 1: received the columns date_prefix, allowed: date_prefix, file_key,',
  ],
  [
    'names without a header row',
    '2026-11-23,a.ndjson\n2026-11-23,b.ndjson\n',
    'row 1: received the columns 2026-11-23, a.ndjson, allowed: date_prefix,',
  ],
  [
    'an empty cell',
    'date_prefix,file_key\n,a.ndjson\n',
    'row 1: date_prefix: received nothing, allowed: a date as YYYY-MM-DD;',
  ],
  [
    'a date as a spreadsheet writes it',
    'date_prefix,file_key\n23/11/2026,a.ndjson\n',
    'row 1: date_prefix: received "23/11/2026", allowed: a date as YYYY-MM-DD; a spreadsheet rewrites dates',
  ],
  [
    'a name that is no text',
    '{"date_prefix":"2026-11-23","file_key":7}\n',
    'row 1: file_key: received 7, allowed: the name of a file.',
  ],
  ['a list of names', '["a.ndjson"]', 'row 1: received "a.ndjson", allowed: an object with date_prefix,'],
  [
    'a version of another kind',
    '{"date_prefix":"2026-11-23","file_key":"a","expected_version":"3"}\n',
    'row 1: expected_version: received "3", allowed: a version as returned by get_file_state.',
  ],
])('%s is refused with what was received and what is allowed', async (_case, list, expected) => {
  await expect(read(list).next()).rejects.toMatchObject(
    refused(expect.stringContaining(`--list: ${expected}`)),
  );
});

test.each(['', '\n', 'date_prefix,file_key\n', '[]'])('a list without rows, %j, is refused', async (list) => {
  const message = '--list: received a list without rows, allowed: at least one row. Nothing was written.';
  await expect(read(list).next()).rejects.toMatchObject(refused(message));
});
