import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The files with long tests, and those that search: each property for some seconds, and more of their points. */
export default mergeConfig(
  { test: { ...base.test, include: [], exclude: configDefaults.exclude } },
  defineConfig({
    test: { include: longTests(), env: { SEARCH_SECONDS: process.env.SEARCH_SECONDS ?? '10' } },
  }),
);

function longTests(): string[] {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .filter((file) => /@module-tag |tags: \['long'\]/.test(readFileSync(join(ROOT, file), 'utf8')));
}
