import { expect, test } from 'vitest';
import { parseStreamRecord } from '../../../shared/projection/stream-record.ts';
import type { Transition } from '../../../shared/projection/transition.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

function transitionOf(record: unknown): Transition {
  const parsed = parseStreamRecord(record);
  if (parsed.kind !== 'transition') throw new Error(`it is ${JSON.stringify(parsed)}`);
  return parsed.transition;
}

test('the time of an upload is its creation; the shard suffix is left out', () => {
  const { entity, from, to, event } = transitionOf(streamedTable().write('a.ndjson', uploaded()));
  expect({ entity, from, to }).toEqual({ entity: 'file', from: undefined, to: 'pending' });
  expect(event).toMatchObject({ event: 'uploaded', status: 'pending', time: '2026-11-23T05:22:53.532Z' });
});

test('an update that leaves the status unchanged is no transition', () => {
  const table = streamedTable();
  table.write('a.ndjson', { ...uploaded(), status: 'manifested#3', manifest_path: 'pending-manifest-1' });
  const record = table.write('a.ndjson', { manifest_path: 's3://etl-manifest/m.json' });
  expect(parseStreamRecord(record)).toEqual({
    kind: 'no_transition',
    suffix: { entity: 'file', suffix: '#3' },
  });
});

test('a file that only changes its shard has made no transition', () => {
  const table = streamedTable();
  table.write('a.ndjson', uploaded(3));
  expect(parseStreamRecord(table.write('a.ndjson', { status: 'pending#4' })).kind).toBe('no_transition');
});

test('a claim and its release have their own times', () => {
  const table = streamedTable();
  table.write('a.ndjson', uploaded());
  const claimed = { status: 'manifested#3', manifest_path: 'pending-manifest-2026-11-23-1-1795411374' };
  const claim = transitionOf(
    table.write('a.ndjson', { ...claimed, updated_at: '2026-11-23T05:22:54.150063+00:00' }),
  );
  expect(claim.event).toMatchObject({ event: 'manifested', time: '2026-11-23T05:22:54.150Z' });
  expect(claim.fromSince).toBe('2026-11-23T05:22:53.532Z');
  const release = { status: 'pending#3', manifest_path: null, updated_at: '2026-11-23T05:22:55Z' };
  expect(transitionOf(table.write('a.ndjson', release)).event).toMatchObject({
    event: 'reset',
    status: 'pending',
  });
});

test("a record without times gets the stream's time", () => {
  const { event, fromSince } = transitionOf(streamedTable().write('a.ndjson', { status: 'pending' }));
  expect(event.time).toBe('2026-11-23T05:23:01.000Z');
  expect(fromSince).toBeUndefined();
});

test('a manifest record is an entity of its own, and a lock is skipped', () => {
  const table = streamedTable();
  const manifest = { status: 'pending', file_count: 10, created_at: '2026-11-23T05:22:59.107852+00:00' };
  table.write('MANIFEST#batch-0001-20261123-052258.json', manifest);
  const started = { status: 'processing', processing_start_time: '2026-11-23T05:22:59.107878+00:00' };
  expect(transitionOf(table.write('MANIFEST#batch-0001-20261123-052258.json', started))).toMatchObject({
    entity: 'manifest',
    from: 'pending',
    to: 'processing',
  });
  expect(parseStreamRecord(table.write('LOCK', { owner: 'x' }, 'LOCK#2026-11-23')).kind).toBe(
    'no_transition',
  );
});

test('a removal by an operator and one by the time to live are distinguished', () => {
  const table = streamedTable();
  table.write('a.ndjson', { ...uploaded(), status: 'completed#3' });
  const record = table.remove('a.ndjson');
  expect(transitionOf(record)).toMatchObject({
    from: 'completed',
    to: undefined,
    event: { event: 'removed' },
  });
  const userIdentity = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
  expect(transitionOf({ ...record, userIdentity }).event.event).toBe('expired');
});

test.each([
  ['long past', -86_400, 'expired'],
  ['just past', 0, 'expired'],
  ['within the minute to which times are cut', 59, 'expired'],
  ['yet to come', 60, 'removed'],
  ['a day ahead', 86_400, 'removed'],
  ['so long past that DynamoDB ignores it', -6 * 365 * 86_400, 'removed'],
])('a removal that names nobody, with its ttl %s, is classified by the ttl', (_name, after, expected) => {
  const removalOf = (ttl: number) => {
    const table = streamedTable();
    table.write('a.ndjson', { ...uploaded(), status: 'completed#3', ttl });
    return table.remove('a.ndjson');
  };
  const removedAt = removalOf(0).dynamodb?.ApproximateCreationDateTime ?? 0;
  const record = removalOf(removedAt + after);
  expect(transitionOf(record).event.event).toBe(expected);
  const userIdentity = { type: 'User', principalId: 'AIDA' };
  expect(transitionOf({ ...record, userIdentity }).event.event).toBe('removed');
});

test('a removal whose record has no ttl, or an invalid one, is not an expiry', () => {
  for (const ttl of [undefined, null, '1', 'soon']) {
    const table = streamedTable();
    table.write('a.ndjson', { ...uploaded(), status: 'completed#3', ...(ttl !== undefined && { ttl }) });
    expect(transitionOf(table.remove('a.ndjson')).event.event).toBe('removed');
  }
});

test('a status that is unknown, missing, NULL or of another type is kept, not dropped', () => {
  const table = streamedTable();
  expect(transitionOf(table.write('a', { status: 'archived#2' })).to).toBe('archived');
  expect(transitionOf(table.write('b', {})).to).toBe('unknown');
  expect(transitionOf(table.write('c', { status: null })).to).toBe('unknown');
  expect(transitionOf(table.write('d', { status: new Set([1, 2]) })).to).toBe('unknown');
});

test('a reason that is too long is not cut within a character', () => {
  const table = streamedTable();
  table.write('a.ndjson', { ...uploaded(), status: 'manifested#3' });
  const marks = { state_change_id: 'chg-1', state_change_reason: `${'x'.repeat(199)}\u{1f680}` };
  const reset = transitionOf(table.write('a.ndjson', { status: 'pending#3', ...marks }));
  expect(reset.event.reason).toBe('x'.repeat(199));
});

test("only the write that set a change's attributes carries them", () => {
  const table = streamedTable();
  table.write('a.ndjson', { ...uploaded(), status: 'manifested#3' });
  const marks = {
    state_change_id: 'chg-1',
    state_change_actor: 'arn:aws:iam::1:user/op',
    state_change_reason: 'stuck',
  };
  const reset = transitionOf(table.write('a.ndjson', { status: 'pending#3', ...marks }));
  expect(reset.event).toMatchObject({ changeId: 'chg-1', actor: 'arn:aws:iam::1:user/op', reason: 'stuck' });
  const claimedAgain = transitionOf(table.write('a.ndjson', { status: 'manifested#3' }));
  expect(claimedAgain.event).not.toHaveProperty('changeId');
});

const insert = () => streamedTable().write('a.ndjson', uploaded());

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['text', 'INSERT'],
  ['an SQS message', { messageId: '1', body: '{}', eventSource: 'aws:sqs' }],
  ['a record of another table', { ...insert(), dynamodb: { Keys: { id: { S: '1' } } } }],
  ['an unknown event name', { ...insert(), eventName: 'UPSERT' }],
  ['a missing ARN', { ...insert(), eventSourceARN: undefined }],
  ['a keys-only record', { ...insert(), dynamodb: { ...insert().dynamodb, NewImage: undefined } }],
  [
    'a missing sequence number',
    { ...insert(), dynamodb: { ...insert().dynamodb, SequenceNumber: undefined } },
  ],
])('%s is malformed and does not throw', (_name, record) => {
  expect(parseStreamRecord(record)).toMatchObject({ kind: 'malformed', reason: expect.stringMatching(/\w/) });
});
