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
import { search } from '../../support/search.ts';
import { UNUSUAL_NAMES } from '../../support/unusual-names.ts';

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

test('a name that no event could have spelled is taken as it is', () => {
  expect(realName('100%.ndjson')).toBe('100%.ndjson');
  expect(possibleKeys('a/100%.ndjson')).toEqual(['a/100%.ndjson']);
  expect(eventSpelling('half\ud800')).toBe('half\ud800');
});

test('of two accented spellings each stays its own', () => {
  expect(possibleFileKeys('caf\u00e9')).not.toEqual(possibleFileKeys('cafe\u0301'));
});

test('a path is a URI or a bare key', () => {
  expect(parsePath('s3://b/a/c d', 'usual')).toEqual({ bucket: 'b', key: 'a/c d' });
  expect(parsePath('manifests/m.json', 'usual')).toEqual({ bucket: 'usual', key: 'manifests/m.json' });
  for (const nothing of [undefined, null, '', 7, 'https://b/a', 's3://b', 's3://b/']) {
    expect(parsePath(nothing, 'usual')).toBeUndefined();
  }
});
