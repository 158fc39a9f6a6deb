/** @module-tag search */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  eventSpelling,
  isPlainName,
  parsePath,
  possibleFileKeys,
  possibleKeys,
  realName,
} from '../../../shared/pipeline/names.ts';
import { compareBytes } from '../../../shared/text/byte-order.ts';
import { search } from '../../support/search.ts';
import { NAME_KEYS, UNUSUAL_NAMES } from '../../support/unusual-names.ts';

test.each(NAME_KEYS)('the object %s has the key %s, which leads back to it', (name, key) => {
  expect(eventSpelling(name)).toBe(key);
  expect(realName(key)).toBe(name);
});

test('every byte is encoded except those that URLEncoder leaves', () => {
  const every = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
  const left = every.split('').filter((sign) => eventSpelling(sign) === sign);
  expect(left.join('')).toBe('*-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz');
});

test('a name has a key in each known encoding, but none that is too long', () => {
  const keys = possibleFileKeys("caf\u00e9 (1)*~'!.ndjson");
  for (const met of [
    'caf%C3%A9+%281%29*%7E%27%21.ndjson',
    'caf%C3%A9%20%281%29*%7E%27%21.ndjson',
    "caf%C3%A9%20(1)*~'!.ndjson",
    "caf%c3%a9+(1)*~'!.ndjson",
    'caf%C3%A9%20%281%29%2A~%27%21.ndjson',
    'caf%c3%a9+%281%29%2a%7e%27%21.ndjson',
    "caf\u00e9 (1)*~'!.ndjson",
  ]) {
    expect(keys).toContain(met);
  }
  const longest = `${'\u00e9'.repeat(512)}`;
  expect(possibleFileKeys(longest)).toEqual([longest]);
  expect(possibleFileKeys(`${longest}x`)).toEqual([]);
});

test('plain names sort the same way in the bucket and in the table', async () => {
  const plain = fc.string({ minLength: 1 }).filter(isPlainName);
  await search(
    fc.property(plain, plain, (a, b) => {
      expect(Math.sign(compareBytes(eventSpelling(a), eventSpelling(b)))).toBe(Math.sign(compareBytes(a, b)));
    }),
    { least: 100, most: 100 },
  );
  for (const [name, key] of NAME_KEYS) if (isPlainName(name)) expect(key).toBe(name);
});

test.each(UNUSUAL_NAMES)('the event spelling of %s leads back to it, and only to it', (name) => {
  expect(realName(eventSpelling(name))).toBe(name);
  expect(possibleFileKeys(name)[0]).toBe(eventSpelling(name));
  for (const file_key of possibleFileKeys(name)) {
    expect(possibleKeys(`pipeline/input/dt=2026-11-23/${file_key}`)).toContain(
      `pipeline/input/dt=2026-11-23/${name}`,
    );
  }
});

test('every name comes back from its event spelling', async () => {
  await search(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
      expect(realName(eventSpelling(name))).toBe(name);
      if (isPlainName(name)) expect(possibleFileKeys(name)).toEqual([name]);
    }),
    { least: 100, most: 100 },
  );
});

test('a name that is no valid event spelling is taken as it is', () => {
  expect(realName('100%.ndjson')).toBe('100%.ndjson');
  expect(possibleKeys('a/100%.ndjson')).toEqual(['a/100%.ndjson']);
  expect(eventSpelling('half\ud800')).toBe('half\ud800');
});

test('two Unicode spellings of an accented letter stay different', () => {
  expect(possibleFileKeys('caf\u00e9')).not.toEqual(possibleFileKeys('cafe\u0301'));
});

test('a path is a URI or a bare key', () => {
  expect(parsePath('s3://b/a/c d', 'usual')).toEqual({ bucket: 'b', key: 'a/c d' });
  expect(parsePath('manifests/m.json', 'usual')).toEqual({ bucket: 'usual', key: 'manifests/m.json' });
  for (const nothing of [undefined, null, '', 7, 'https://b/a', 's3://b', 's3://b/']) {
    expect(parsePath(nothing, 'usual')).toBeUndefined();
  }
});
