import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readmeTables, withTables } from './tables.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

test('the tables of the README are those of the code; npm run docs writes them', () => {
  const readme = read('README.md');
  expect(withTables(readme, readmeTables())).toBe(readme);
});
