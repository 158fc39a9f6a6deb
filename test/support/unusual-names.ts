/** Names of objects, and their spelling in S3's events and so in the tracking table. */
export const NAME_KEYS: readonly (readonly [name: string, key: string])[] = [
  ['export (1).ndjson', 'export+%281%29.ndjson'],
  ["o'brien!.ndjson", 'o%27brien%21.ndjson'],
  ['tilde~.ndjson', 'tilde%7E.ndjson'],
  ['star*.ndjson', 'star*.ndjson'],
  ['a+b.ndjson', 'a%2Bb.ndjson'],
  ['100%.ndjson', '100%25.ndjson'],
  ['\u00e9.ndjson', '%C3%A9.ndjson'],
  ['50%41.ndjson', '50%2541.ndjson'],
  ['100%25.ndjson', '100%2525.ndjson'],
  ['a%20b+c d.ndjson', 'a%2520b%2Bc+d.ndjson'],
  ['rocket\u{1f680}.ndjson', 'rocket%F0%9F%9A%80.ndjson'],
  ['tab\tquote".ndjson', 'tab%09quote%22.ndjson'],
  ['plain-1_2.ndjson', 'plain-1_2.ndjson'],
];

/** Names of objects that events spell differently, or that another order of characters sorts differently. */
export const UNUSUAL_NAMES = [
  'with space.ndjson',
  'plus+plus.ndjson',
  'export (1).ndjson',
  'star*.ndjson',
  '100%.ndjson',
  '%2B.ndjson',
  'number#1.ndjson',
  'caf\u00e9.ndjson',
  'cafe\u0301.ndjson',
  'rocket\u{1f680}.ndjson',
  'han\u{20000}.ndjson',
  "it's (really) ~odd!*.ndjson",
  `${'long'.repeat(60)} ${'\u00e9'.repeat(50)}.ndjson`,
];
