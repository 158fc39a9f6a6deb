import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, expect, test } from 'vitest';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { listDeadLetters } from '../../../shared/projection/dead-letters.ts';
import { replayDeadLetter } from '../../../shared/projection/replay-dead-letters.ts';
import { faultyDocuments, named } from '../../support/faults.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

const NEXT_DAY = Date.parse('2026-11-24T12:00:00Z');
const store = () => ({ s3: aws.s3, bucket: aws.buckets.deadLetter });
const consume = (records: readonly unknown[]) => consumeBatch(records, applyDeps(aws), store());

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of listDeadLetters(store())) found.push(key);
  return found;
}

async function put(Key: string, body: unknown): Promise<void> {
  const Body = typeof body === 'string' ? body : JSON.stringify(body);
  await aws.s3.send(new PutObjectCommand({ Bucket: aws.buckets.deadLetter, Key, Body }));
}

test('a dead letter whose cause is gone is applied, with its events in their places, and deleted', async () => {
  const [upload, claim, completed] = [
    table.write('a', uploaded()),
    table.write('a', { status: 'manifested#3' }),
    table.write('a', { status: 'completed#3' }),
  ];
  await consume([upload]);
  await put('dead-letters/2026-11-23/claim.json', { version: 1, reason: 'refused', records: [claim] });
  await put('other/file.json', 'of somebody else');
  await consume([completed]);
  const result = await replayDeadLetter('dead-letters/2026-11-23/claim.json', store(), applyDeps(aws));
  expect(result).toMatchObject({ result: 'applied', records: 1, report: { late: 1 } });
  const { events, counters } = await scanProjection(aws);
  expect(events('a').map(({ event }) => event)).toEqual(['uploaded', 'manifested', 'completed']);
  expect(counters('STATS#ALL').file).toMatchObject({ pending: 0, manifested: 0, completed: 1 });
  expect(await keys()).toEqual([]);
  const other = { Bucket: aws.buckets.deadLetter, Key: 'other/file.json' };
  await expect(aws.s3.send(new HeadObjectCommand(other))).resolves.toBeDefined();
});

test('a replay counts an old letter without setting back how far the counts are', async () => {
  const [old, recent] = [table.write('a', uploaded()), table.write('b', uploaded())];
  await put('dead-letters/2026-11-23/old.json', { version: 1, reason: 'refused', records: [old] });
  await consume([recent]);
  const before = (await scanProjection(aws)).counters('STATS#ALL');
  const deps = { ...applyDeps(aws), now: NEXT_DAY };
  await replayDeadLetter('dead-letters/2026-11-23/old.json', store(), deps);
  const after = (await scanProjection(aws)).counters('STATS#ALL');
  expect(after.file.pending).toBe(2);
  expect(before.asOf).toBeGreaterThan(0);
  expect(after).toMatchObject({ asOf: before.asOf, lagMillis: before.lagMillis });
});

test.each([
  ['text', (payload: object) => JSON.stringify(payload)],
  ['an object', (payload: object) => payload],
])('a batch that Lambda gave up is replayed with its payload as %s', async (_name, form) => {
  const Records = [table.write('a', uploaded()), table.write('b', uploaded())];
  const key = 'aws/lambda/9a1/shardId-1/2026/11/23/2026-11-23T05.30.00-1.json';
  await put(key, { version: '1.0', payload: form({ Records }) });
  expect(await replayDeadLetter(key, store(), applyDeps(aws))).toMatchObject({
    result: 'applied',
    records: 2,
  });
  expect((await scanProjection(aws)).counters('STATS#ALL').file.pending).toBe(2);
  expect(await keys()).toEqual([]);
});

test('a letter that is refused again stays, once', async () => {
  const [letter] = (await consume([{ eventSource: 'aws:sqs' }])).deadLetters;
  const result = await replayDeadLetter(letter?.key ?? '', store(), applyDeps(aws));
  expect(result).toMatchObject({
    result: 'refused',
    reason: expect.stringContaining('Not a tracking record'),
  });
  expect(await keys()).toEqual([letter?.key]);
});

test('of a batch that Lambda gave up on, only refused records stay, as a letter of their own', async () => {
  const Records = [table.write('a', uploaded()), { eventSource: 'aws:sqs' }];
  await put('aws/lambda/9a1/shard/batch.json', { payload: JSON.stringify({ Records }) });
  const result = await replayDeadLetter('aws/lambda/9a1/shard/batch.json', store(), applyDeps(aws));
  expect(result.result).toBe('refused');
  expect(await keys()).toEqual([expect.stringMatching(/^dead-letters\//)]);
  expect((await scanProjection(aws)).counters('STATS#ALL').file.pending).toBe(1);
});

test('a letter that cannot be applied now, or cannot be read, stays', async () => {
  await put('dead-letters/2026-11-23/later.json', { version: 1, records: [table.write('a', uploaded())] });
  await put('dead-letters/2026-11-23/odd.json', 'no JSON');
  const docs = await faultyDocuments(aws, () => ({ error: named('AccessDeniedException'), when: 'before' }));
  const context = applyDeps(aws, { projection: { docs, name: aws.projectionTable } });
  const later = await replayDeadLetter('dead-letters/2026-11-23/later.json', store(), context);
  const odd = await replayDeadLetter('dead-letters/2026-11-23/odd.json', store(), context);
  expect([later.result, odd.result]).toEqual(['unapplied', 'unreadable']);
  expect(await keys()).toHaveLength(2);
});

test('a letter that no longer exists is reported as failed; an unreachable table ends the replay', async () => {
  const gone = await replayDeadLetter('dead-letters/2026-11-23/gone.json', store(), applyDeps(aws));
  expect(gone).toMatchObject({ result: 'failed', reason: expect.stringContaining('NoSuchKey') });
  const key = 'dead-letters/2026-11-23/1.json';
  await put(key, { version: 1, reason: 'refused', records: [table.write('a', uploaded())] });
  const deps = applyDeps(aws);
  const missing = { ...deps, projection: { ...deps.projection, name: 'no-such-table' } };
  await expect(replayDeadLetter(key, store(), missing)).rejects.toThrow(/non-existent table|not found/);
  expect(await keys()).toEqual([key]);
});
