import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['shared', 'handlers', 'runbooks', 'infra'];

/** Each answers by the zone of the process. Numbers have locales, too, but none of this. */
const BY_ZONE =
  /\.(get|set)(FullYear|Month|Date|Day|Hours|Minutes|TimezoneOffset)\(|\.to(LocaleDate|LocaleTime|Date|Time)String\(|new Date\([^()]*,/;

test.each(['date.getHours()', 'date.setDate(1)', 'date.toLocaleTimeString()', 'new Date(2026, 1, 2)'])(
  '%s goes by the zone',
  (code) => {
    expect(code).toMatch(BY_ZONE);
  },
);

test('no code asks what time it is in its own zone', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  ).filter((file) => file.endsWith('.ts') && !file.includes('node_modules'));
  expect(files.length).toBeGreaterThan(500);
  expect(files.filter((file) => BY_ZONE.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});
