import { expect, test } from 'vitest';
import { type Head, INLINE_EVENTS } from '../../../shared/projection/head.ts';
import { headItem, headKey, pageKey, readHeadItem, STRIPES } from '../../../shared/projection/items.ts';
import { positionOf } from '../../../shared/projection/position.ts';
import { itemBytes } from '../../support/item-size.ts';

const position = positionOf(
  'arn:aws:dynamodb:eu-central-1:1:table/t/stream/2026-11-23T05:22:46.000',
  '4'.repeat(22),
);
const fieldKey = '2026-11-23-test0202-225634-11f10c60-a992-1b68-eb7f-ec926c931d1a.ndjson';

function head(overrides: Partial<Head> = {}): Head {
  const event = {
    event: 'processing_started' as const,
    status: 'processing',
    time: '2026-11-23T05:22:53.532Z',
    position: position ?? '',
  };
  return {
    entity: 'file',
    date_prefix: '2026-11-23',
    file_key: fieldKey,
    status: 'manifested',
    since: '2026-11-23T05:22:53.532Z',
    position: position ?? '',
    events: Array.from({ length: INLINE_EVENTS }, () => event),
    pages: 12,
    revision: 99,
    ...overrides,
  };
}

test('a head with a full list of the longest events and a realistic key costs one write unit', () => {
  expect(itemBytes({ ...headItem(head()) })).toBeLessThanOrEqual(1024);
});

test.each<[string, Partial<Head>]>([
  ['a file', {}],
  ['a manifest', { entity: 'manifest', file_key: 'MANIFEST#batch-0001-20261123-052254.json' }],
  ['a tombstone', { expiresAt: 1_798_003_373 }],
  ['a head without events', { events: [], pages: 0 }],
  ['an odd date', { date_prefix: 'no#date' }],
  [
    'an event of a change',
    {
      events: [
        {
          event: 'reset',
          status: 'pending',
          time: 't',
          position: 'p',
          changeId: 'c',
          actor: 'a',
          reason: 'r',
        },
      ],
    },
  ],
  [
    'an event with details of its attempt',
    {
      events: [
        { event: 'failed', status: 'failed', time: 't', position: 'p', manifest: 'm', error: 'e', run: 'j' },
      ],
    },
  ],
  [
    'an unknown status',
    { events: [{ event: 'unrecognised', status: 'archived', time: 't', position: 'p' }] },
  ],
  ['a removal', { events: [{ event: 'expired', status: undefined, time: 't', position: 'p' }] }],
])('%s is read as it was stored', (_name, overrides) => {
  expect(readHeadItem(headItem(head(overrides)))).toEqual(head(overrides));
});

test('heads of one date are spread over all stripes', () => {
  const keys = Array.from({ length: 200 }, (_, i) =>
    headKey({ date_prefix: '2026-11-23', file_key: `${i}` }),
  );
  expect(new Set(keys.map(({ pk }) => pk)).size).toBe(STRIPES);
});

test('pages sort in the order they were filled', () => {
  const keys = [9, 10, 100].map((page) => pageKey({ date_prefix: 'd', file_key: 'f' }, page).sk);
  expect([...keys].sort()).toEqual(keys);
});
