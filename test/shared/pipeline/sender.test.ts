import { expect, test } from 'vitest';
import { type PathedFile, senderOf, senderRule } from '../../../shared/pipeline/sender.ts';
import { pipelineProfile } from '../../../shared/settings/pipeline-profile.ts';

const DATE = '2026-11-23';
const PREFIX = 'pipeline/input/';
const file = (path?: string, file_key = 'a.ndjson'): PathedFile => ({
  date_prefix: DATE,
  file_key,
  ...(path !== undefined && { file_path: `s3://etl-input/${path}` }),
});

function sender(path: string, of: PathedFile): string | undefined {
  const rule = senderRule({ path, prefix: PREFIX });
  if (!rule) throw new Error('There is a path.');
  return senderOf(of, rule);
}

test.each([
  ['{date}/{sender}/', 'pipeline/input/2026-11-23/acme/a.ndjson', 'acme'],
  ['{sender}/', 'pipeline/input/acme/2026-11-23/a.ndjson', 'acme'],
  ['{date}/{sender}_', 'pipeline/input/2026-11-23/acme_orders_7.ndjson', 'acme'],
  ['{date}/*/{sender}-', 'pipeline/input/2026-11-23/eu/acme-7.ndjson', 'acme'],
  ['dt={date}/{sender}/', 'pipeline/input/dt%3D2026-11-23/Caf%C3%A9+M%C3%BCller/a.ndjson', 'Café Müller'],
  ['{date}/*_{date}/{sender}.', 'pipeline/input/2026-11-23/a_b_2026-11-24/acme.eu/a.ndjson', 'acme'],
  ['{sender}/', 'elsewhere/2026-11-23/a.ndjson', 'elsewhere'],
])('%s extracts the sender from %s', (path, key, name) => {
  expect(sender(path, file(key))).toBe(name);
});

test('a path of another form has no sender', () => {
  expect(sender('{date}/{sender}/', file('pipeline/input/2026-11-23/a.ndjson'))).toBeUndefined();
  expect(sender('{date}/{sender}_', file('pipeline/input/2026-11-23/eu/acme_a.ndjson'))).toBeUndefined();
  expect(sender('{date}/{sender}/', file('pipeline/input/2026-11-23//a.ndjson'))).toBeUndefined();
});

test('without a path in the record, its date and name are used', () => {
  expect(sender('{date}/{sender}_', file(undefined, 'acme+co_7.ndjson'))).toBe('acme co');
  expect(sender('{date}/{sender}_', { ...file(undefined, 'acme_7.ndjson'), file_path: 7 })).toBe('acme');
});

test('special characters of regular expressions are literal in a path', () => {
  expect(sender('(v1.0)/{sender}+', file('pipeline/input/(v1.0)/acme%2B7.ndjson'))).toBe('acme');
  expect(sender('(v1.0)/{sender}+', file('pipeline/input/(v1x0)/acme%2B7.ndjson'))).toBeUndefined();
});

test('a long name is cut, but never within a character', () => {
  expect(sender('{sender}/', file(`pipeline/input/${'😀'.repeat(70)}/a.ndjson`))).toBe('😀'.repeat(64));
});

// A pattern that goes back would take 80 seconds for each.
test('the longest name takes no time, even with the worst path', () => {
  const key = `pipeline/input/${'-'.repeat(1_000)}`;
  for (let i = 0; i < 1_000; i++) expect(sender('*-*-*-{sender}!', file(key))).toBeUndefined();
});

test('rules of other paths or prefixes have other ids', () => {
  const ids = [
    senderRule({ path: '{sender}/', prefix: PREFIX })?.id,
    senderRule({ path: '{sender}_', prefix: PREFIX })?.id,
    senderRule({ path: '{sender}/', prefix: '' })?.id,
  ];
  expect(new Set(ids).size).toBe(3);
});

test.each([
  '{date}/',
  '{sender}',
  '{sender}*',
  '{sender}{date}/',
  '{sender}/{sender}/',
  '**{sender}/',
  '*/*/*/*/{sender}/',
  '{x}{sender}/',
])('a profile refuses %s as the path of senders', (path) => {
  expect(pipelineProfile.safeParse({ sender: { path } }).success).toBe(false);
});

test('a profile has no path of senders unless it is set', () => {
  expect(pipelineProfile.parse({}).sender).toEqual({ path: null });
  expect(pipelineProfile.parse({ sender: { path: '{date}/{sender}/' } }).sender.path).toBe(
    '{date}/{sender}/',
  );
});
