import { expect, test } from 'vitest';
import { isListed, manifestName, parseManifest } from '../../../shared/pipeline/manifest.ts';

const manifest = (...URIPrefixes: unknown[]) =>
  parseManifest(JSON.stringify({ fileLocations: [{ URIPrefixes }, { URIPrefixes: [] }] }));
const at = (key: string) => [{ bucket: 'in', key }];

test('a manifest lists what its URIs name, in any spelling, and everything in its folders', () => {
  const contents = manifest('s3://in/a/with+space.ndjson', 's3://in/b/caf%C3%A9.ndjson', 's3://in/c/', 7);
  if (!contents) throw new Error('not read');
  expect(contents.files).toBe(3);
  expect(isListed(contents, at('a/with space.ndjson'))).toBe(true);
  expect(isListed(contents, at('a/with+space.ndjson'))).toBe(true);
  expect(isListed(contents, at('b/caf\u00e9.ndjson'))).toBe(true);
  expect(isListed(contents, at('c/anything.ndjson'))).toBe(true);
  expect(isListed(contents, at('d/with space.ndjson'))).toBe(false);
  expect(isListed(contents, [{ bucket: 'other', key: 'c/anything.ndjson' }])).toBe(false);
});

test.each(['', '{', 'null', '[]', '{"fileLocations": 1}', '"text"'])('%j is no manifest', (text) => {
  expect(parseManifest(text)).toBeUndefined();
});

test('an empty manifest lists nothing', () => {
  expect(parseManifest('{"fileLocations": [null, {}]}')?.files).toBe(0);
});

test('a record names an object, a placeholder, or nothing', () => {
  const object = { kind: 'object', location: { bucket: 'm', key: 'manifests/x.json' } };
  expect(manifestName('manifests/x.json', 'm')).toEqual(object);
  expect(manifestName('s3://m/manifests/x.json', 'other')).toEqual(object);
  expect(manifestName('pending-manifest-2026-11-23-1-1795411381', 'm')).toMatchObject({
    kind: 'placeholder',
  });
  expect(manifestName(null, 'm')).toEqual({ kind: 'none' });
});
