import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The tests that search, each property for so many seconds, and each of their points; and that do more in a long run. */
export default mergeConfig(
  { test: { ...base.test, include: [] } },
  defineConfig({
    test: { include: searching(), env: { SEARCH_SECONDS: process.env.SEARCH_SECONDS ?? '10' } },
  }),
);

function searching(): string[] {
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .filter((file) => /support\/search\.ts'/.test(readFileSync(join(ROOT, file), 'utf8')));
}
