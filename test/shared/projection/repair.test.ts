import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { type RepairDeps, repairRecords } from '../../../shared/projection/repair.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;
const date_prefix = '2026-11-23';

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

function context(overrides: Partial<RepairDeps> = {}): RepairDeps {
  return {
    ...applyDeps(aws),
    tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE),
    ...overrides,
  };
}

const consume = (records: readonly unknown[]) =>
  consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });

/** Makes the real table hold what the streamed one does. */
async function sync(...keys: string[]): Promise<void> {
  for (const file_key of keys) {
    const Item = table.items.get(JSON.stringify({ date_prefix, file_key }));
    const TableName = aws.trackingTable;
    if (Item) await aws.documents.send(new PutCommand({ TableName, Item: { ...Item } }));
    else await aws.documents.send(new DeleteCommand({ TableName, Key: { date_prefix, file_key } }));
  }
}

const repair = (keys: readonly string[], overrides: Partial<RepairDeps> = {}) =>
  repairRecords(
    keys.map((file_key) => ({ date_prefix, file_key })),
    60_000,
    context(overrides),
  );

const outcomes = (results: Awaited<ReturnType<typeof repair>>) =>
  Object.fromEntries(results.map(({ file_key, drift, outcome }) => [file_key, `${drift}: ${outcome}`]));

test('lost records, a lost removal and a missing head are repaired, and heads that agree are left alone', async () => {
  const records = ['stale', 'gone', 'fine'].map((key) => table.write(key, uploaded()));
  await consume(records);
  table.write('stale', { status: 'completed#3', completed_time: '2026-11-23T05:40:00Z' });
  table.remove('gone');
  table.write('unseen', uploaded());
  await sync('stale', 'gone', 'fine', 'unseen');
  const before = await scanProjection(aws);

  expect(outcomes(await repair(['stale', 'gone', 'fine', 'unseen']))).toEqual({
    stale: 'stale_head: repaired',
    gone: 'record_gone: repaired',
    unseen: 'missing_head: repaired',
  });
  const after = await scanProjection(aws);
  expect(after.head('fine')).toEqual(before.head('fine'));
  expect(after.head('stale')).toMatchObject({
    status: 'completed',
    since: '2026-11-23T05:40:00.000Z',
    position: before.head('stale')?.position,
  });
  expect(after.head('gone')?.expiresAt).toBeGreaterThan(0);
  expect(after.countHeads()).toEqual({ file_completed: 1, file_pending: 2 });
  const { file } = after.counters('STATS#ALL');
  expect([file.completed, file.pending]).toEqual([1, 2]);
  expect(await repair(['stale', 'gone', 'fine', 'unseen'])).toEqual([]);
});

test('a difference that the stream settles within the window is left to it', async () => {
  await consume([table.write('a', uploaded())]);
  const claim = table.write('a', { status: 'manifested#3' });
  await sync('a');
  const sleep = async () => void (await consume([claim]));
  expect(outcomes(await repair(['a'], { sleep }))).toEqual({ a: 'stale_head: passed' });
  expect((await scanProjection(aws)).head('a')).toMatchObject({ status: 'manifested', revision: 2 });
});

test('a file that keeps moving is left to the stream', async () => {
  await consume([table.write('a', uploaded())]);
  table.write('a', { status: 'manifested#3' });
  await sync('a');
  const sleep = async () => {
    table.write('a', { status: 'completed#3' });
    await sync('a');
  };
  expect(outcomes(await repair(['a'], { sleep }))).toEqual({ a: 'stale_head: passed' });
});

test('stream records that arrive after a repair are applied on top of it', async () => {
  await consume([table.write('a', uploaded())]);
  const lost = table.write('a', { status: 'manifested#3' });
  await sync('a');
  await repair(['a']);
  const completed = table.write('a', { status: 'completed#3' });
  await consume([completed]);
  await consume([lost]);
  const { head, events, counters } = await scanProjection(aws);
  expect(head('a')?.status).toBe('completed');
  expect(events('a').map(({ event }) => event)).toEqual(['uploaded', 'manifested', 'completed']);
  expect(counters('STATS#ALL').file).toMatchObject({ pending: 0, manifested: 0, completed: 1 });
});

test('no repair overwrites a newer head, at whatever moment the stream moves it', async () => {
  const STEPS = 12;
  let interleaved = 0;
  for (let step = 0; step < STEPS; step++) {
    const key = `file-${step}`;
    await consume([table.write(key, uploaded())]);
    table.write(key, { status: 'manifested#3' });
    await sync(key);
    // The truth moves on, and the stream tells of it, just before the n-th request of the repair.
    const move = async () => {
      const record = table.write(key, { status: 'completed#3' });
      await sync(key);
      await consume([record]);
      interleaved += 1;
    };
    const docs = interruptedBefore(step, move);
    await repair([key], {
      projection: { docs, name: aws.projectionTable },
      tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
    });
    const record = table.items.get(JSON.stringify({ date_prefix, file_key: key }));
    const { head } = await scanProjection(aws);
    expect({ step, status: head(key)?.status }).toEqual({
      step,
      status: String(record?.status).replace('#3', ''),
    });
  }
  // Two looks of two reads each, the note of the date, and the write.
  expect(interleaved).toBe(6);
  const { counters, countHeads } = await scanProjection(aws);
  const { completed, manifested, pending } = counters('STATS#ALL').file;
  expect(countHeads()).toEqual({ file_completed: 6, file_manifested: STEPS - 6 });
  expect([completed, manifested, pending]).toEqual([6, STEPS - 6, 0]);
});

/** A client that lets something else happen before its n-th request. */
function interruptedBefore(n: number, interruption: () => Promise<void>) {
  let requests = 0;
  const send = aws.documents.send.bind(aws.documents);
  return new Proxy(aws.documents, {
    get(target, property, receiver) {
      if (property !== 'send') return Reflect.get(target, property, receiver);
      return async (command: Parameters<typeof send>[0]) => {
        if (requests++ === n) await interruption();
        return send(command);
      };
    },
  });
}

test("a repaired head whose record has no readable time does not keep the other status's time", async () => {
  await consume([table.write('undated', uploaded())]);
  table.write('undated', { status: 'processing#3', processing_start_time: 'lately' });
  await sync('undated');
  expect(outcomes(await repair(['undated']))).toEqual({ undated: 'stale_head: repaired' });
  expect((await scanProjection(aws)).head('undated')).toMatchObject({ status: 'processing', since: '' });
});
