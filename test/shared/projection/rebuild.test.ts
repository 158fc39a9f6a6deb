import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { listDates } from '../../../shared/projection/dates.ts';
import { headKey } from '../../../shared/projection/items.ts';
import { readPresentHeads } from '../../../shared/projection/present-heads.ts';
import { type RebuildDeps, rebuildSegment } from '../../../shared/projection/rebuild.ts';
import { estimateRebuild, runRebuild } from '../../../shared/projection/rebuild-run.ts';
import { faultyDocuments, named } from '../../support/faults.ts';
import { interceptedDocuments } from '../../support/intercepted.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

function context(overrides: Partial<RebuildDeps> = {}): RebuildDeps {
  return {
    ...applyDeps(aws),
    tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE),
    ...overrides,
  };
}

/** Writes what the streamed table holds into the real one, without the projection seeing it. */
async function putAll(): Promise<void> {
  for (const item of table.items.values()) {
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: { ...item } }));
  }
}

const consume = (records: readonly unknown[]) =>
  consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });

/** A run that must stop after its first page. */
const clock = () => performance.now();
const UNPACED = { ready: () => Promise.resolve(), used: () => undefined };
const onePage = (pageSize: number) => ({ pageSize, pacer: UNPACED, mustStop: () => true });

const run = (id: string, overrides = {}) =>
  runRebuild({ id, segments: 3, recordsPerSecond: 1_000_000, clock, ...overrides }, context());

async function exactCounts() {
  const projection = await scanProjection(aws);
  const heads = projection.countHeads();
  const { file, manifest } = projection.counters('STATS#ALL');
  for (const [name, count] of Object.entries(heads)) {
    const [entity, status] = name.split('_') as ['file' | 'manifest', keyof typeof file];
    expect({ name, count: (entity === 'file' ? file : manifest)[status] }).toEqual({ name, count });
  }
  return heads;
}

test('an existing table gets its heads, counts, dates and shard suffixes, without locks', async () => {
  for (let i = 0; i < 60; i++) {
    table.write(
      `file-${i}.ndjson`,
      { ...uploaded(i % 12), status: `completed#${i % 12}` },
      `2026-11-2${i % 2}`,
    );
  }
  table.write('MANIFEST#batch-0001-20261120-052254.json', { status: 'processing' }, '2026-11-20');
  table.write('LOCK', { owner: 'builder' }, 'LOCK#2026-11-20');
  await putAll();
  expect(await run('first')).toEqual({ scanned: 62, inserted: 61, renewed: 0, refused: 0, segmentsDone: 3 });
  expect(await exactCounts()).toEqual({ file_completed: 60, manifest_processing: 1 });
  expect(await listDates(context().projection)).toEqual(['2026-11-20', '2026-11-21']);
  const { suffixes, arrivals } = (await scanProjection(aws)).counters('STATS#ALL');
  expect(suffixes.file).toContain('#11');
  expect(arrivals.file.completed).toBe(0);
});

test('heads from the stream stay unchanged, including tombstones', async () => {
  const records = ['a', 'b', 'gone'].map((key) => table.write(key, uploaded()));
  await putAll();
  await consume([...records, table.write('b', { status: 'manifested#3' }), table.remove('gone')]);
  const before = (await scanProjection(aws)).heads;
  expect(await run('second')).toMatchObject({ scanned: 3, inserted: 0 });
  expect((await scanProjection(aws)).heads).toEqual(before);
});

test('heads from an older version are counted by their current state, each once, and nothing else in them changes', async () => {
  await consume(['a', 'b', 'c'].map((key) => table.write(`${key}.ndjson`, uploaded())));
  await putAll();
  const Key = headKey({ date_prefix: '2026-11-23', file_key: 'b.ndjson' });
  const update = { TableName: aws.projectionTable, Key, UpdateExpression: 'REMOVE c' };
  await aws.documents.send(new UpdateCommand(update));
  const [former, untouched] = await headsOf('b.ndjson', 'a.ndjson');
  expect(await run('renewing')).toMatchObject({ inserted: 0, renewed: 1 });
  expect(await run('again')).toMatchObject({ inserted: 0, renewed: 0 });
  const [renewed, same] = await headsOf('b.ndjson', 'a.ndjson');
  expect(renewed).toEqual({
    ...former,
    counted: { a: 'p2026-11-23T05' },
    revision: (former?.revision ?? 0) + 1,
  });
  expect(same).toEqual(untouched);
});

async function headsOf(...keys: readonly string[]) {
  const { head } = await scanProjection(aws);
  return keys.map((key) => head(key));
}

test('whatever the stream still delivers supersedes what a rebuild wrote', async () => {
  const upload = table.write('a', uploaded());
  const claim = table.write('a', { status: 'manifested#3' });
  await putAll();
  await run('third');
  expect(await exactCounts()).toEqual({ file_manifested: 1 });
  await consume([upload]);
  await consume([claim, table.write('a', { status: 'completed#3' })]);
  expect(await exactCounts()).toEqual({ file_completed: 1 });
  const { events } = await scanProjection(aws);
  expect(events('a').map(({ event }) => event)).toEqual(['uploaded', 'manifested', 'completed']);
});

test('an interrupted rebuild resumes where it stopped, and a finished one does nothing more', async () => {
  for (let i = 0; i < 50; i++) table.write(`file-${i}.ndjson`, uploaded());
  await putAll();
  const segment = { id: 'cut', segment: 0, segments: 1 };
  const first = await rebuildSegment(segment, onePage(20), context());
  expect(first).toMatchObject({ scanned: 20, inserted: 20, done: false });
  expect(await run('cut', { segments: 1 })).toEqual({
    scanned: 50,
    inserted: 50,
    renewed: 0,
    refused: 0,
    segmentsDone: 1,
  });
  expect(await run('cut', { segments: 1 })).toEqual({
    scanned: 50,
    inserted: 50,
    renewed: 0,
    refused: 0,
    segmentsDone: 1,
  });
  expect(await exactCounts()).toEqual({ file_pending: 50 });
});

test('the same rebuild in another number of segments is refused', async () => {
  await run('parts', { segments: 2 });
  await expect(run('parts', { segments: 3 })).rejects.toThrow('started with 2 segments, not 3');
});

test('several rebuilds at once, beside the stream, count every file once', async () => {
  const records = Array.from({ length: 80 }, (_, i) => table.write(`file-${i}.ndjson`, uploaded()));
  const claims = records.map((_, i) => table.write(`file-${i}.ndjson`, { status: 'manifested#3' }));
  await putAll();
  await Promise.all([run('one'), run('two'), run('three'), consume(records), consume(claims)]);
  expect(await exactCounts()).toEqual({ file_manifested: 80 });
});

test('a head that the table can never accept is reported, and does not stop the others', async () => {
  for (let i = 0; i < 30; i++) table.write(`file-${i}.ndjson`, uploaded());
  await putAll();
  const docs = await faultyDocuments(aws, (_transaction, _items, request) =>
    request.includes('file-7.ndjson') ? { error: named('ValidationException'), when: 'before' } : undefined,
  );
  const segment = { id: 'refused', segment: 0, segments: 1 };
  const progress = await rebuildSegment(
    segment,
    onePage(100),
    context({ projection: { docs, name: aws.projectionTable } }),
  );
  expect(progress).toMatchObject({ scanned: 30, inserted: 29, refused: 1, done: true });
  expect(await exactCounts()).toEqual({ file_pending: 29 });
  // Another rebuild tries it again.
  expect(await run('again')).toMatchObject({ inserted: 1, refused: 0 });
});

test('heads that a busy table leaves out are asked for again, after waits that double', async () => {
  const names = ['a', 'b', 'c', 'd'].map((name) => `${name}.ndjson`);
  for (const name of names) table.write(name, uploaded(0));
  await putAll();
  await run('present');
  const docs = interceptedDocuments(aws.dynamoDb, async (call) => {
    const { RequestItems } = call.input as { RequestItems?: Record<string, { Keys: unknown[] }> };
    const request = RequestItems?.[aws.projectionTable];
    if (!request) return call.send();
    const only = (Keys: unknown[]) => ({ [aws.projectionTable]: { ...request, Keys } });
    const answer = await call.send({ RequestItems: only(request.Keys.slice(0, 1)) });
    const left = request.Keys.slice(1);
    const { output } = answer as { output: object };
    Object.assign(output, { UnprocessedKeys: left.length > 0 ? only(left) : {} });
    return answer;
  });
  const waits: number[] = [];
  const deps = {
    projection: { docs, name: aws.projectionTable },
    sleep: async (millis: number) => waits.push(millis),
  };
  const keys = [...names, 'none.ndjson'].map((file_key) => ({ date_prefix: '2026-11-23', file_key }));
  const present = await readPresentHeads(deps, keys);
  expect([...present.values()].map(({ file_key }) => file_key)).toEqual(names);
  expect(waits).toEqual([100, 200, 400, 800]);
});

test('an aborted rebuild ends after the page in flight', async () => {
  for (let i = 0; i < 30; i++) table.write(`file-${i}.ndjson`, uploaded());
  await putAll();
  const abort = new AbortController();
  const onProgress = () => abort.abort();
  const progress = await run('stop', { segments: 1, recordsPerSecond: 10, signal: abort.signal, onProgress });
  expect(progress).toEqual({ scanned: 10, inserted: 10, renewed: 0, refused: 0, segmentsDone: 0 });
});

test('the estimate follows the documented prices of a scan, a read and a transaction', () => {
  expect(estimateRebuild({ records: 1_000_000, bytes: 819_200_000 }, 2_000)).toEqual({
    records: 1_000_000,
    readUnits: 600_000,
    writeUnits: 2_160_000,
    seconds: 500,
  });
});
