import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  deployingTables,
  environmentTables,
  noticeTables,
  profileTables,
  referenceTables,
  settingsSchemaText,
  withTables,
} from './tables.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

test.each([
  ['docs/reference.md', referenceTables()],
  ['docs/deploying.md', deployingTables()],
  ['docs/pipeline.md', profileTables()],
  ['docs/settings.md', environmentTables()],
  ['docs/notices.md', noticeTables()],
])('the generated tables of %s are up to date; npm run docs writes them', (path, tables) => {
  const text = read(path);
  expect(withTables(text, tables)).toBe(text);
});

test('the schema for editors is up to date; npm run docs writes it', () => {
  expect(read('docs/settings.schema.json')).toBe(settingsSchemaText());
});
