import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { meterReads } from '../../../shared/aws/read-meter.ts';
import { type SelectionCursor, selectFiles } from '../../../shared/changes/selection.ts';
import { USUAL_SUFFIXES_ONLY } from '../../../shared/pipeline/status-index.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { noteHealth } from '../../../shared/projection/health.ts';
import { runRebuild } from '../../../shared/projection/rebuild-run.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { changeContext } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const NOW = Date.parse('2026-11-23T06:00:00Z');
const HOUR = 3_600_000;
const [BUSY, MIXED, UNDATED] = ['2026-11-21', '2026-11-22', '2026-11-23'] as const;
const STUCK = ['late-0', 'late-1', 'late-2', 'claimed'];
let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
  const running = (hours: number, shard: number, start = isoTime(NOW - hours * HOUR)) => ({
    ...uploaded(shard),
    status: `processing#${shard}`,
    processing_start_time: start,
    padding: 'x'.repeat(600),
  });
  const written = [
    ...Array.from({ length: 150 }, (_, i) => table.write(`young-${i}`, running(0.5, i % 10), BUSY)),
    ...[0, 1, 2].map((i) => table.write(`late-${i}`, running(5, i), MIXED)),
    table.write('young', running(0.5, 1), MIXED),
    table.write(
      'claimed',
      { ...running(9, 3), status: 'manifested#3', manifest_time: isoTime(NOW - 9 * HOUR) },
      UNDATED,
    ),
  ];
  await consumeBatch(written, applyDeps(aws, { now: NOW }), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  await Promise.all([...table.items.values()].map((Item) => track({ ...Item })));
});

const track = (Item: object) =>
  aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item: { ...Item } }));

/** What a dry run finds, and what it reads. */
async function find(input: object = {}) {
  const meter = meterReads(aws.dynamoDb);
  const request = { operation: 'reset_stuck_files', status: ['processing', 'manifested'], force: true };
  const answer = await ask(operationDeps(aws, NOW), { ...request, ...input });
  aws.dynamoDb.middlewareStack.remove('readMeter');
  const found = (answer.stuck_files as { file_key: string }[]).map(({ file_key }) => file_key);
  return { answer, found: found.sort(), units: meter.readUnits() };
}

test('what is stuck is found on the dates that the counters name, for less than all files in flight cost', async () => {
  const narrow = await find();
  const whole = await find({ whole: true });
  expect(narrow.found).toEqual([...STUCK].sort());
  expect(whole.found).toEqual(narrow.found);
  expect(narrow.units).toBeLessThan(whole.units);
  expect(narrow.answer.looked_at).toMatch(
    /\(processing: 1 date, manifested: 1 date\).*whole: true checks all/,
  );
  expect(whole.answer).not.toHaveProperty('looked_at');
});

test('a file of unknown age is listed, although no counter of hours includes it', async () => {
  const timeless = { date_prefix: BUSY, file_key: 'timeless', status: 'processing#1' };
  await track({ ...timeless, processing_start_time: 'yesterday' });
  const clock = () => performance.now();
  const rebuild = { id: 'one', segments: 1, recordsPerSecond: 1_000_000, clock };
  await runRebuild(rebuild, { ...applyDeps(aws, { now: NOW }), tracking: operationDeps(aws, NOW).tracking });
  const { answer, found } = await find();
  expect(answer.looked_at).toMatch('processing: 2 dates');
  expect(answer.age_unknown).toMatchObject({ count: 1, files: [{ file_key: 'timeless' }] });
  expect(found).toEqual([...STUCK].sort());
});

test('a file that was never counted is missed, which the answer says, and found with whole', async () => {
  const start = isoTime(NOW - 7 * HOUR);
  await track({ date_prefix: BUSY, file_key: 'lost', status: 'processing#1', processing_start_time: start });
  const { found, answer } = await find();
  expect(found).not.toContain('lost');
  expect(answer.looked_at).toMatch('A file that is counted wrongly, or not at all, is missed');
  expect((await find({ whole: true })).found).toContain('lost');
});

test('everything is read where the counters are known to lack something', async () => {
  const start = isoTime(NOW - 7 * HOUR);
  await track({ date_prefix: BUSY, file_key: 'lost', status: 'processing#1', processing_start_time: start });
  const projection = { docs: aws.documents, name: aws.projectionTable };
  await noteHealth(projection, { dead_letters: { at: isoTime(NOW), waiting: 1 } });
  const { found, answer } = await find();
  expect(found).toContain('lost');
  expect(answer).not.toHaveProperty('looked_at');
});

test('a search that is interrupted after each file continues from there, and finds each file once', async () => {
  const found: string[] = [];
  let after: SelectionCursor | undefined;
  for (let rounds = 0; rounds < 20; rounds++) {
    let done: SelectionCursor | undefined;
    const selection = {
      ...{ statuses: ['processing', 'manifested'], suffixes: USUAL_SUFFIXES_ONLY, olderThanHours: 2, after },
      overdueOnly: true,
      onDone: (file: SelectionCursor) => {
        done = file;
      },
      mustStop: () => true,
    };
    const target = { new_status: 'pending', force: true };
    for await (const { entry } of selectFiles(changeContext(aws, NOW), selection, target, NOW))
      found.push(entry.file_key);
    if (!done) break;
    after = done;
  }
  expect(found.sort()).toEqual([...STUCK].sort());
});
