import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readFileList } from '../../../runbooks/views/file-list.ts';

test('a cause that is too long is not cut within a character', async () => {
  const cause = `${'x'.repeat(499)}\u{1f680}`;
  const row = { date_prefix: '2026-11-23', file_key: 'a.ndjson', cause };
  const list = readFileList('-', Readable.from([`${JSON.stringify(row)}\n`]), {
    new_status: 'pending',
    force: false,
  });
  const { value } = await list.next();
  expect(value?.why).toBe(`${'x'.repeat(499)};`);
});
