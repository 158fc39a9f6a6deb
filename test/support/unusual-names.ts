/** Names of objects that events spell otherwise, or that sort otherwise in another alphabet. */
export const UNUSUAL_NAMES = [
  'with space.ndjson',
  'plus+plus.ndjson',
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
