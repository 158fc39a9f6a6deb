import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readmeTables, withTables } from './tables.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');

test('the tables of the README are those of the code; npm run docs writes them', () => {
  const readme = read('README.md');
  expect(withTables(readme, readmeTables())).toBe(readme);
});

test.each(['README.md', 'runbooks/README.md', 'docs/decisions.md'])(
  'every link and path of %s leads somewhere',
  (path) => {
    const text = read(path);
    const base = new URL(path, ROOT);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
      ([, link = '']) => new URL(link, base),
    );
    expect(links.filter((link) => !existsSync(link)).map(String)).toEqual([]);
  },
);

test('every npm script that the README names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [...read('README.md').matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
