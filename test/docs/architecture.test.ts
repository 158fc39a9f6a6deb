import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allowedNext } from '../../shared/pipeline/lifecycle.ts';
import { CHANGE_ATTRIBUTES } from '../../shared/pipeline/record.ts';
import { STATUSES } from '../../shared/pipeline/status.ts';
import { INLINE_EVENTS, TOMBSTONE_DAYS } from '../../shared/projection/head.ts';
import { STRIPES } from '../../shared/projection/items.ts';
import { MOST_SLOTS } from '../../shared/projection/writer.ts';

const text = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');

test("the picture of a file's life has the allowed transitions, and no other", () => {
  const drawn = [...text.matchAll(/^ {2}(\w+) --> (\w+)/gm)].map(([, from = '', to = '']) => `${from} ${to}`);
  const usual = STATUSES.flatMap((from) => allowedNext(from).map((to) => `${from} ${to}`));
  const known = new Set<string>(STATUSES.flatMap((from) => STATUSES.map((to) => `${from} ${to}`)));
  expect(drawn.filter((step) => known.has(step)).sort()).toEqual(usual.sort());
});

test('the attributes that a change adds to a record are listed', () => {
  for (const name of Object.values(CHANGE_ATTRIBUTES)) expect(text).toContain(`| \`${name}\` |`);
});

test('numbers are those of the code', () => {
  expect([INLINE_EVENTS, STRIPES, MOST_SLOTS, TOMBSTONE_DAYS]).toEqual([6, 8, 128, 30]);
  for (const words of ['the latest six', '0 to 7', '0 to 127', 'tombstone** for 30 days'])
    expect(text).toContain(words);
});
