import { beforeAll, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { noteHealth } from '../../../shared/projection/health.ts';
import { nothingSeen } from '../../../shared/projection/seen.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  const table = streamedTable();
  const records = [
    ...['a', 'b', 'c'].map((key) => table.write(key, uploaded())),
    table.write('b', { status: 'manifested#3' }),
    table.write('c', { status: 'archived' }),
    table.write('d', uploaded(), '2026-11-22'),
    table.write('MANIFEST#batch-0001-20261123-052254.json', { status: 'pending' }),
  ];
  const now = 1_795_411_387_000 + 1_500;
  const deadLetters = { s3: aws.s3, bucket: aws.buckets.deadLetter };
  await consumeBatch(records, applyDeps(aws, { now }), deadLetters);
});

const stats = (input: object = {}) => ask(operationDeps(aws), { operation: 'get_stats', ...input });

test('all files are counted by status, manifests apart, with the time they are known up to', async () => {
  expect(await stats({ in_flight: true })).toEqual({
    stats: { pending: 2, manifested: 1, processing: 0, completed: 0, failed: 0, quarantined: 0 },
    total: 4,
    unknown_status: 1,
    manifests: {
      stats: { pending: 1, manifested: 0, processing: 0, completed: 0, failed: 0, quarantined: 0 },
      total: 1,
    },
    arrivals: { pending: 4, manifested: 1, processing: 0, completed: 0, failed: 0, quarantined: 0 },
    in_flight: {
      pending: {
        limit_hours: 24,
        oldest_since: '2026-11-23T05:00:00.000Z',
        over_limit: 0,
        over_limit_at_most: 0,
        soon: { at: '2026-11-23T10:00:00.000Z', more: 0 },
        age_unknown: 0,
        not_counted: 0,
      },
      manifested: expect.objectContaining({ limit_hours: 6, oldest_since: '2026-11-23T05:00:00.000Z' }),
      processing: expect.objectContaining({ limit_hours: 2, oldest_since: null }),
    },
    drain: { state: 'clear', down_to: 9, stuck: 0 },
    as_of: '2026-11-23T05:23:07.000Z',
    lag_seconds: 1.5,
    came: null,
    last_audit: null,
    dead_letters_waiting: null,
  });
});

test('the whole is told with its last audit and its dead letters, and only there', async () => {
  const { projection } = operationDeps(aws);
  const audit = { at: '2026-11-23T05:00:00.000Z', drift_found: 3, drift_repaired: 2 };
  await noteHealth(projection, { audit });
  await noteHealth(projection, { dead_letters: { at: '2026-11-23T05:30:00.000Z', waiting: 1 } });
  expect(await stats()).toMatchObject({ total: 4, last_audit: audit, dead_letters_waiting: { waiting: 1 } });
  expect(await stats({ date_prefix: '2026-11-22' })).not.toHaveProperty('last_audit');
});

test('what is late, and when all will be settled, is told only to who asks for it', async () => {
  const { in_flight, drain, ...counts } = await stats({ in_flight: true });
  expect(in_flight).toBeDefined();
  expect(drain).toBeDefined();
  expect(await stats()).toEqual(counts);
});

test('a date has its own counts', async () => {
  expect(await stats({ date_prefix: '2026-11-22' })).toMatchObject({ stats: { pending: 1 }, total: 1 });
});

test('a date without files is all zeros, known up to no time', async () => {
  expect(await stats({ date_prefix: '2026-11-21' })).toMatchObject({
    total: 0,
    as_of: null,
    lag_seconds: null,
  });
});

test.each([['2026-2-30'], ['23.11.2026'], [20_261_123], ['']])(
  'the date %j is refused',
  async (date_prefix) => {
    const answer = await stats({ date_prefix });
    expect(answer.statusCode).toBe(400);
    expect(answer.error.message).toContain(`"date_prefix": received ${JSON.stringify(date_prefix)}`);
  },
);

test('senders are told where the profile has their path, and null where it has none', async () => {
  expect(await stats({ senders: true })).toMatchObject({ total: 4, by_sender: null });
  expect(await stats()).not.toHaveProperty('by_sender');
  const path = '{date}/{sender}/';
  const sent = await localAws();
  const table = streamedTable();
  const seen = nothingSeen({ path, prefix: FIELD_PROFILE.input.prefix });
  const file_path = 's3://etl-input/pipeline/input/2026-11-23/acme/a.ndjson';
  await consumeBatch([table.write('a', { ...uploaded(), file_path })], applyDeps(sent, { seen }), {
    s3: sent.s3,
    bucket: sent.buckets.deadLetter,
  });
  const deps = { ...operationDeps(sent), profile: { ...FIELD_PROFILE, sender: { path } } };
  const request = { operation: 'get_stats', senders: true, date_prefix: '2026-11-23' };
  expect((await ask(deps, request)).by_sender).toEqual({
    senders: [
      {
        sender: 'acme',
        total: 1,
        stats: { pending: 1, manifested: 0, processing: 0, completed: 0, failed: 0, quarantined: 0 },
        failed_share: null,
        oldest_since: '2026-11-23T05:00:00.000Z',
        over_limit: 0,
        over_limit_at_most: 0,
      },
    ],
    not_counted: 0,
  });
});
