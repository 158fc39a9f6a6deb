import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { type FoldTask, foldTask, type Outcome } from '../../../shared/projection/advance.ts';
import { type Applied, type ApplyDeps, applyTasks } from '../../../shared/projection/apply.ts';
import { fold } from '../../../shared/projection/fold.ts';
import { cancelled, faultyDocuments, named } from '../../support/faults.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { SECOND_STREAM, streamedTable, uploaded } from '../../support/stream-records.ts';
import { transitionsOf } from '../../support/transitions.ts';

let aws: LocalAws;
let table: ReturnType<typeof streamedTable>;

beforeEach(async () => {
  aws = await localAws();
  table = streamedTable();
});

function apply(
  records: readonly unknown[],
  overrides: Partial<ApplyDeps> = {},
): Promise<Applied<FoldTask, Outcome>[]> {
  const context = applyDeps(aws, overrides);
  const folds = fold(transitionsOf(records));
  return applyTasks(
    folds.map((folded) => foldTask(context.projection.name, folded, context.now)),
    context,
  );
}

/** Live heads by status, checked to be what both the date's and the overall counters say. */
async function exactCounts(): Promise<Record<string, number>> {
  const projection = await scanProjection(aws);
  const heads = projection.countHeads();
  const { file, manifest } = projection.counters('STATS#ALL');
  const counters = { ...prefixed('file', file), ...prefixed('manifest', manifest) };
  expect(counters).toEqual(heads);
  return heads;
}

function prefixed(entity: string, counts: Readonly<Record<string, number>>): Record<string, number> {
  const present = Object.entries(counts).filter(([, count]) => count !== 0);
  return Object.fromEntries(present.map(([status, count]) => [`${entity}_${status}`, count]));
}

function uploads(count: number, date = '2026-11-23') {
  return Array.from({ length: count }, (_, i) => table.write(`file-${i}.ndjson`, uploaded(), date));
}

const sum = (applied: readonly Applied<FoldTask, Outcome>[], name: keyof Outcome) =>
  applied.reduce((total, result) => total + (result.kind === 'done' ? result.outcome[name] : 0), 0);

test('files, manifests and dates are counted separately, and overall', async () => {
  await apply([
    ...uploads(30),
    ...uploads(5, '2026-11-22'),
    table.write('MANIFEST#batch-0001-20261123-052254.json', { status: 'pending' }),
    table.write('LOCK', { owner: 'builder' }, 'LOCK#2026-11-23'),
  ]);
  expect(await exactCounts()).toEqual({ file_pending: 35, manifest_pending: 1 });
  const { counters } = await scanProjection(aws);
  expect(counters('STATS#2026-11-23')).toMatchObject({ file: { pending: 30 }, manifest: { pending: 1 } });
  expect(counters('STATS#2026-11-22')).toMatchObject({ file: { pending: 5 }, manifest: { pending: 0 } });
});

test('a batch delivered again, in pieces, and after later ones changes no count', async () => {
  const first = uploads(30);
  const claims = first.map((_, i) => table.write(`file-${i}.ndjson`, { status: 'manifested#3' }));
  const rest = claims.map((_, i) => table.write(`file-${i}.ndjson`, { status: 'completed#3' }));
  for (const batch of [first, claims, rest]) await apply(batch);
  const before = await exactCounts();
  const again = [first, claims.slice(0, 7), rest.slice(20), [...first, ...claims, ...rest], rest];
  for (const batch of again) expect(sum(await apply(batch), 'applied')).toBe(0);
  expect(await exactCounts()).toEqual(before);
  expect(before).toEqual({ file_completed: 30 });
});

test('a file without a record in the batch keeps its head while others move', async () => {
  await apply(uploads(2));
  const before = (await scanProjection(aws)).head('file-0.ndjson');
  await apply([table.write('file-1.ndjson', { status: 'failed#3' })]);
  expect((await scanProjection(aws)).head('file-0.ndjson')).toEqual(before);
});

test('a gap of missed records is closed, and if they arrive later they complete the timeline', async () => {
  const [upload] = uploads(1);
  const claim = table.write('file-0.ndjson', { status: 'manifested#3' });
  const completed = table.write('file-0.ndjson', { status: 'completed#3' });
  await apply([upload]);
  expect(sum(await apply([completed]), 'gapsClosed')).toBe(1);
  expect(await exactCounts()).toEqual({ file_completed: 1 });
  expect(sum(await apply([claim]), 'late')).toBe(1);
  expect(sum(await apply([claim]), 'duplicates')).toBe(1);
  const { events } = await scanProjection(aws);
  expect(events('file-0.ndjson').map(({ event }) => event)).toEqual(['uploaded', 'manifested', 'completed']);
  expect(await exactCounts()).toEqual({ file_completed: 1 });
});

test('an insert after its own removal, or a removal alone, never counts a file that is gone', async () => {
  const [upload] = uploads(1);
  const removal = table.remove('file-0.ndjson');
  await apply([removal]);
  await apply([upload]);
  expect(await exactCounts()).toEqual({});
  const { head } = await scanProjection(aws);
  expect(head('file-0.ndjson')?.expiresAt).toBeGreaterThan(0);
});

test('a file that changes for days keeps every event, each once, despite redeliveries', async () => {
  const records: unknown[] = uploads(1);
  for (let i = 0; i < 15; i++) {
    records.push(table.write('file-0.ndjson', { status: i % 2 ? 'pending#3' : 'manifested#3' }));
  }
  for (const record of records) await apply([record]);
  for (let from = 0; from < records.length; from += 5) await apply(records.slice(from, from + 7));
  const { events, head } = await scanProjection(aws);
  expect(events('file-0.ndjson')).toHaveLength(16);
  expect(head('file-0.ndjson')?.pages).toBeGreaterThan(1);
  expect(await exactCounts()).toEqual({ file_manifested: 1 });
});

test('when a file is removed, its pages expire with its tombstone', async () => {
  const records: unknown[] = uploads(1);
  for (let i = 0; i < 15; i++)
    records.push(table.write('file-0.ndjson', { status: i % 2 ? 'pending' : 'failed' }));
  await apply(records);
  await apply([table.remove('file-0.ndjson')]);
  const { Items = [] } = await aws.dynamoDb.send(new ScanCommand({ TableName: aws.projectionTable }));
  const pages = Items.filter(({ pk }) => pk?.S?.startsWith('PAGE#'));
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.every((page) => page.expires_at?.N)).toBe(true);
});

test('a stream that is switched on again continues where the old one ended', async () => {
  const old = uploads(3);
  await apply(old);
  const again = streamedTable({ label: SECOND_STREAM, first: 5n, items: table.items });
  await apply([again.write('file-0.ndjson', { status: 'completed#3' })]);
  await apply(old);
  expect(await exactCounts()).toEqual({ file_pending: 2, file_completed: 1 });
});

test('consumers that apply overlapping batches at the same time count each transition once', async () => {
  const records: unknown[] = uploads(40);
  for (let i = 0; i < 40; i++) records.push(table.write(`file-${i}.ndjson`, { status: 'manifested#3' }));
  await Promise.all([apply(records), apply(records), apply(records.slice(0, 40)), apply(records.slice(20))]);
  expect(await exactCounts()).toEqual({ file_manifested: 40 });
});

test('a conflict is retried in place, with another slot', async () => {
  const docs = await faultyDocuments(aws, (n, items) =>
    n <= 2
      ? { error: cancelled(...Array(items - 1).fill('None'), 'TransactionConflict'), when: 'before' }
      : undefined,
  );
  const applied = await apply(uploads(3), {
    projection: { docs, name: aws.projectionTable },
    random: () => 0,
  });
  expect(sum(applied, 'applied')).toBe(3);
  expect(await exactCounts()).toEqual({ file_pending: 3 });
});

test('after throttling together with a failed condition, the transaction waits and decides again from the head', async () => {
  const [upload] = uploads(1);
  await apply([upload]);
  const claim = table.write('file-0.ndjson', { status: 'manifested#3' });
  const waits: number[] = [];
  const docs = await faultyDocuments(aws, (n) =>
    n === 1 ? { error: cancelled('ThrottlingError', 'None', 'None'), when: 'before' } : undefined,
  );
  const sleep = async (millis: number) => void waits.push(millis);
  await apply([upload, claim], { projection: { docs, name: aws.projectionTable }, sleep });
  expect(waits.length).toBeGreaterThan(0);
  expect(await exactCounts()).toEqual({ file_manifested: 1 });
});

test('a response that is lost after the commit does not count twice', async () => {
  const docs = await faultyDocuments(aws, (n) =>
    n === 1 ? { error: named('TimeoutError'), when: 'after' } : undefined,
  );
  const applied = await apply(uploads(30), { projection: { docs, name: aws.projectionTable } });
  expect(applied.every(({ kind }) => kind === 'done')).toBe(true);
  expect(await exactCounts()).toEqual({ file_pending: 30 });
});

test('a write that the table can never accept is narrowed down to one file, and the others are applied', async () => {
  const poison = table.write('poison.ndjson', uploaded(), 'x'.repeat(2_045));
  const applied = await apply([...uploads(60), poison]);
  const rejected = applied.filter(({ kind }) => kind === 'rejected');
  expect(rejected.map(({ task }) => task.file_key)).toEqual(['poison.ndjson']);
  expect(await exactCounts()).toEqual({ file_pending: 60 });
});

test('a write that the table can never accept is also narrowed down if its head has to be read first', async () => {
  const long = 'x'.repeat(2_045);
  const poison = [
    table.write('poison.ndjson', { ...uploaded(), status: 'failed#3' }, long),
    table.write('poison.ndjson', { status: 'pending#3' }, long),
  ];
  const applied = await apply([...uploads(60), ...poison]);
  const rejected = applied.filter(({ kind }) => kind === 'rejected');
  expect(rejected.map(({ task }) => task.file_key)).toEqual(['poison.ndjson']);
  expect(await exactCounts()).toEqual({ file_pending: 60 });
});

test.each(['AccessDeniedException', 'ResourceNotFoundException'])(
  '%s leaves every record for redelivery and rejects none',
  async (name) => {
    const docs = await faultyDocuments(aws, () => ({ error: named(name), when: 'before' }));
    const applied = await apply(uploads(3), { projection: { docs, name: aws.projectionTable } });
    expect(applied.map(({ kind }) => kind)).toEqual(['unapplied', 'unapplied', 'unapplied']);
    expect(await exactCounts()).toEqual({});
  },
);

test('an invocation that runs out of time leaves the rest, and what was applied stays', async () => {
  const docs = await faultyDocuments(aws, (n) =>
    n > 1 ? { error: named('ThrottlingException'), when: 'before' } : undefined,
  );
  let remaining = 10_000;
  const sleep = async () => {
    remaining -= 1_000;
  };
  const context = {
    projection: { docs, name: aws.projectionTable },
    sleep,
    remainingMillis: () => remaining,
  };
  const applied = await apply(uploads(150), context);
  expect(applied.filter(({ kind }) => kind === 'unapplied')).toHaveLength(56);
  expect(await exactCounts()).toEqual({ file_pending: 94 });
});
