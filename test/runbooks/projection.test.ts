import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { scanProjection } from '../support/projection.ts';
import { interruption, runRunbook } from '../support/runbook.ts';
import { seedRunbookData } from '../support/runbook-data.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';

let aws: LocalAws;
const run = (name: string, ...args: string[]) => runRunbook(name, args, aws.environment);
const APPLY = ['--apply', '--yes', '--reason', 'first deployment'];

beforeEach(async () => {
  aws = await localAws();
  await seedRunbookData(aws);
});

test('rebuild shows its cost first, and then creates a head for the file that the stream lost', async () => {
  const estimate = await run('rebuild', '--json');
  expect(estimate.code).toBe(0);
  expect(Object.keys(JSON.parse(estimate.stdout))).toEqual(['records', 'readUnits', 'writeUnits', 'seconds']);
  expect((await scanProjection(aws)).head('2026-11-23-lost.ndjson')).toBeUndefined();
  const others = (await scanProjection(aws)).head('2026-11-23-b.ndjson');

  const rebuilt = await run('rebuild', '--json', ...APPLY);
  expect(rebuilt.code).toBe(0);
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ inserted: 1, segmentsDone: 4 });
  const { head } = await scanProjection(aws);
  expect(head('2026-11-23-lost.ndjson')).toMatchObject({ status: 'pending' });
  expect(head('2026-11-23-b.ndjson')).toEqual(others);
});

test('a replay continues past letters that cannot be applied, names them, and exits with 5', async () => {
  const Bucket = aws.buckets.deadLetter;
  const put = (Key: string, body: unknown) =>
    aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(body) }));
  const letter = (name: string, created: unknown) => {
    const record = streamedTable().write(name, uploaded());
    const dynamodb = { ...record.dynamodb, ApproximateCreationDateTime: created };
    return { version: 1, records: [{ ...record, dynamodb }] };
  };
  await put('dead-letters/2026-11-23/1.json', letter('endless.ndjson', 1e300));
  await put('dead-letters/2026-11-23/2.json', 'no letter at all');
  await put('dead-letters/2026-11-23/3.json', { version: 1, records: [null, 7, { dynamodb: 'none' }] });
  await put('dead-letters/2026-11-23/4.json', letter('micro.ndjson', 1_795_411_380_123_456));
  await put('dead-letters/2026-11-23/5.json', letter('after.ndjson', 1_795_411_380));
  const replayed = await run('replay-dead-letters', '--json', ...APPLY);
  expect(replayed.code).toBe(5);
  const results = JSON.parse(replayed.stdout).map(({ result }: { result: string }) => result);
  expect(results).toEqual(['refused', 'unreadable', 'refused', 'applied', 'applied']);
  const { head } = await scanProjection(aws);
  expect(head('micro.ndjson')).toMatchObject({ status: 'pending' });
  expect(head('after.ndjson')).toMatchObject({ status: 'pending' });
  expect(head('endless.ndjson')).toBeUndefined();
  // What is left waits under new keys, and the next replay continues past it as well.
  expect((await run('replay-dead-letters', '--json', ...APPLY)).code).toBe(5);
});

test('an interrupted replay stores how many dead letters wait, and one whose reader leaves replays them all', async () => {
  const Bucket = aws.buckets.deadLetter;
  const { write } = streamedTable();
  for (let i = 10; i < 22; i++) {
    const Body = JSON.stringify({ version: 1, records: [write(`${i}.ndjson`, uploaded())] });
    await aws.s3.send(new PutObjectCommand({ Bucket, Key: `dead-letters/2026-11-23/${i}.json`, Body }));
  }
  const waiting = async () => {
    const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket }));
    const { dead_letters_waiting } = JSON.parse((await run('stats', '--json')).stdout);
    return [Contents.length, dead_letters_waiting.waiting];
  };
  const args = ['--output', 'ndjson', ...APPLY];
  const { interrupt, press } = interruption();
  const cut = { interrupt, onOutput: press };
  const interrupted = await runRunbook('replay-dead-letters', args, aws.environment, cut);
  expect(interrupted.code).toBe(130);
  const [left = 0, told] = await waiting();
  expect(left).toBeGreaterThan(0);
  expect(told).toBe(left);
  const untouched = (await scanProjection(aws)).head('2026-11-23-b.ndjson');

  const rest = await runRunbook('replay-dead-letters', args, aws.environment, { readerLeaves: true });
  expect(rest.code).toBe(0);
  expect(await waiting()).toEqual([0, 0]);
  const { head } = await scanProjection(aws);
  expect(head('21.ndjson')).toMatchObject({ status: 'pending' });
  expect(head('2026-11-23-b.ndjson')).toEqual(untouched);
});

test('a repair goes on to the last date when the reader of its list leaves', async () => {
  const lost = ['2026-11-20', '2026-11-22', '2026-11-24'];
  for (const date_prefix of lost) {
    const Item = { ...uploaded(), date_prefix, file_key: `${date_prefix}-gone.ndjson` };
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  }
  const untouched = (await scanProjection(aws)).head('2026-11-23-b.ndjson');
  const args = ['--from', '2026-11-20', '--to', '2026-11-24', '--wait', '0', '--output', 'ndjson', ...APPLY];
  const { code } = await runRunbook('repair', args, aws.environment, { readerLeaves: true });
  expect(code).toBe(0);
  const { head } = await scanProjection(aws);
  for (const date of lost)
    expect(head(`${date}-gone.ndjson`, date), date).toMatchObject({ status: 'pending' });
  expect(head('2026-11-23-b.ndjson')).toEqual(untouched);
});

test('a rebuild that was never begun, or has other segments, is not resumed, and nothing is begun', async () => {
  const before = await scanProjection(aws);
  const unknown = await run('rebuild', '--resume', 'NOPE', ...APPLY);
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('Received the id "NOPE", which no rebuild has');
  expect((await scanProjection(aws)).heads).toEqual(before.heads);
  expect(before.head('2026-11-23-lost.ndjson')).toBeUndefined();

  const { id } = JSON.parse((await run('rebuild', '--json', ...APPLY)).stdout);
  const other = await run('rebuild', '--resume', id, '--segments', '2', ...APPLY);
  expect(other.code).toBe(3);
  expect(other.stderr).toContain(`Rebuild ${id} was started with 4 segments, not 2.`);
  const same = await run('rebuild', '--resume', id, '--json', ...APPLY);
  expect(JSON.parse(same.stdout)).toMatchObject({ id, segmentsDone: 4 });
});

test('dead letters are listed, and replayed only when asked to', async () => {
  const Bucket = aws.buckets.deadLetter;
  const records = [streamedTable().write('late.ndjson', uploaded())];
  const Key = 'dead-letters/2026-11-23/1.json';
  await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify({ version: 1, records }) }));
  const listed = await run('replay-dead-letters', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject([{ key: Key }]);
  expect((await scanProjection(aws)).head('late.ndjson')).toBeUndefined();

  const replayed = await run('replay-dead-letters', '--json', ...APPLY);
  expect(replayed.code).toBe(0);
  expect(JSON.parse(replayed.stdout)).toMatchObject([{ key: Key, result: 'applied' }]);
  expect((await scanProjection(aws)).head('late.ndjson')).toMatchObject({ status: 'pending' });
  expect((await aws.s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).toEqual([]);
});

test('who maintains the projection and why is stored before anything is done; a dry run stores nothing', {
  tags: ['long'],
}, async () => {
  for (const name of ['rebuild', 'repair', 'replay-dead-letters']) await run(name, '--json');
  expect(JSON.parse((await run('changes', '--json')).stdout)).toEqual([]);
  for (const name of ['rebuild', 'replay-dead-letters']) await run(name, '--json', ...APPLY);
  await run('repair', '--wait', '0', '--json', ...APPLY);
  const kept = JSON.parse((await run('changes', '--json')).stdout) as { origin: string }[];
  expect(kept.map(({ origin }) => origin).sort()).toEqual(['rebuild', 'repair', 'replay-dead-letters']);
  expect(kept[0]).toMatchObject({ state: 'done', reason: 'first deployment', files: 0 });
});
