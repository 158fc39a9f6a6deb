import { expect, test } from 'vitest';
import {
  badKey,
  datePrefixOf,
  eventSpelling,
  oddDateKey,
  otherKey,
  plainKey,
} from '../../../infra/simulator/names.ts';
import { createRandom } from '../../../infra/simulator/random.ts';
import { NAME_KEYS } from '../../support/unusual-names.ts';

const PREFIX = 'pipeline/input/';
const DAY = '2026-11-22';
const noon = Date.parse('2026-11-23T12:00:00Z');

test.each<readonly [string, string]>([
  ...NAME_KEYS,
  ['pipeline/input/dt=1/x.ndjson', 'pipeline/input/dt%3D1/x.ndjson'],
])('an event spells %s as %s', (name, key) => {
  expect(eventSpelling(name)).toBe(key);
});

test.each<readonly [string, string]>([
  ['pipeline/input/2026-11-22/2026-11-20-x.ndjson', '2026-11-22'],
  ['pipeline/input/2026-11-31/x.ndjson', '2026-11-31'],
  ['pipeline/input/4711-00-01.ndjson', '4711-00-01'],
  ['pipeline/input/flat.ndjson', '2026-11-23'],
])('%s is filed under %s', (objectKey, date) => {
  expect(datePrefixOf(objectKey, noon)).toBe(date);
});

test('ordinary keys are spelled alike everywhere, are files of their date, flat or in folders, and all differ', () => {
  const random = createRandom(1);
  const keys = Array.from({ length: 500 }, () => plainKey(PREFIX, DAY, false, random));
  for (const key of keys) {
    expect(eventSpelling(key)).toBe(key);
    expect(datePrefixOf(key, noon)).toBe(DAY);
  }
  expect(new Set(keys).size).toBe(keys.length);
  expect(new Set(keys.map((key) => key.split('/').length))).toEqual(new Set([3, 4, 6]));
});

test('only files of their own day have keys without a date', () => {
  const random = createRandom(1);
  const keys = Array.from({ length: 300 }, () => plainKey(PREFIX, '2026-11-23', true, random));
  expect(keys.some((key) => key.startsWith(`${PREFIX}flat-`))).toBe(true);
  for (const key of keys) expect(datePrefixOf(key, noon)).toBe('2026-11-23');
});

test('events spell bad keys differently', () => {
  const random = createRandom(1);
  for (let count = 0; count < 100; count += 1) {
    const key = badKey(PREFIX, DAY, random);
    expect(eventSpelling(key)).not.toBe(key);
    expect(key).toMatch(/\.ndjson$/);
    expect(datePrefixOf(key, noon)).toBe(DAY);
  }
});

test('odd dates are taken from the key as they are, and other objects are no files', () => {
  const random = createRandom(1);
  for (let count = 0; count < 50; count += 1) {
    const odd = oddDateKey(PREFIX, random);
    expect(datePrefixOf(odd, noon)).toBe(odd.split('/')[2]);
    const other = otherKey(PREFIX, DAY, random);
    expect(other.startsWith(PREFIX) && other.endsWith('.ndjson')).toBe(false);
  }
});
