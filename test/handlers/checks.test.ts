import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MetricTotals, metricTotals } from '../../infra/local/emf-totals.ts';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { withLease } from '../../shared/reports/lease.ts';
import { noteTaskEnd, readTaskAges } from '../../shared/reports/task-ends.ts';
import { dayOf, isoTime } from '../../shared/text/time.ts';
import { bundledHandler } from '../support/bundles.ts';
import { fieldFiles } from '../support/field-files.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ask, operationDeps } from '../support/operations.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
let aws: LocalAws;
const functions: Record<string, LambdaFunction> = {};
const metrics: Record<string, MetricTotals> = {};

beforeAll(async () => {
  aws = await localAws();
  const files = fieldFiles(aws, DATE, Date.now() - 30 * HOUR);
  await files.input('stuck');
  await files.record('stuck', { status: 'pending#3' });
  await files.record('fine', { status: 'pending#3', created_at: isoTime(Date.now() - HOUR) });
  for (const name of ['orphan-sweep', 'consistency-audit', 'stats-publisher'] as const) {
    const totals = metricTotals();
    metrics[name] = totals;
    functions[name] = startLambdaFunction({
      name,
      handlerFile: bundledHandler(name),
      environment: aws.environment,
      timeoutSeconds: 60,
      onOutput: (line) => totals.read(line),
    });
  }
});

afterAll(async () => void (await Promise.all(Object.values(functions).map((each) => each.stop()))));

test('the orphan sweep reports what it found: in its answer, in its metrics, and where operations read it', async () => {
  const result = await functions['orphan-sweep']?.invoke({});
  expect(result).toMatchObject({ payload: { done: true, checked: 2, totals: { stuck_in_pending: 1 } } });
  expect(metrics['orphan-sweep']?.sum('Orphans')).toBe(1);
  expect(metrics['orphan-sweep']?.sum('OrphansInFlight')).toBe(1);
  expect(metrics['orphan-sweep']?.sum('OrphansCompleted')).toBe(0);
  const oldestHours = Number(metrics['orphan-sweep']?.sum('OldestInFlight')) / 3_600;
  expect(Math.floor(oldestHours)).toBe(30);
  expect(metrics['orphan-sweep']?.sum('ReadUnitsConsumed')).toBeGreaterThan(0);
  const context = { ...operationDeps(aws, Date.now()), signal: new AbortController().signal };
  const { last_sweep } = await ask(context, { operation: 'find_orphans' });
  expect(last_sweep).toMatchObject({ complete: true, checked: 2, totals: { stuck_in_pending: 1 } });
});

test('a sweep that runs out of read units stops before it is done, and the next one continues', async () => {
  expect(await functions['orphan-sweep']?.invoke({ max_read_units: 1 })).toMatchObject({
    payload: { done: false, pages: 1 },
  });
  expect(await functions['orphan-sweep']?.invoke({})).toMatchObject({ payload: { done: true } });
});

test('a sweep in steps, as its state machine requests them, has the same result', async () => {
  const sweep = async (request: unknown) => {
    const { payload, functionError } = (await functions['orphan-sweep']?.invoke(request)) ?? {};
    if (functionError) throw new Error(JSON.stringify(payload));
    return payload as { units: object[]; end: object; done?: boolean; skipped?: string };
  };
  const { units, end } = await sweep({ step: 'begin', holder: 'execution-1' });
  expect(units).toHaveLength(1);
  expect(await sweep({ step: 'begin', holder: 'execution-2' })).toEqual({
    units: [],
    skipped: expect.stringContaining('execution-1'),
  });
  expect(await sweep({})).toMatchObject({ done: false, skipped: expect.stringContaining('execution-1') });
  await expect(sweep({ ...units[0], holder: 'execution-2' })).rejects.toThrow('execution-2 no longer holds');
  await expect(sweep(end)).rejects.toThrow('not done');

  expect(await sweep(units[0])).toMatchObject({ done: true });
  expect(await sweep(end)).toMatchObject({ done: true, checked: 2, totals: { stuck_in_pending: 1 } });
  expect(await sweep(end)).toEqual({ done: true, repeated: true });
  await expect(sweep(units[0])).rejects.toThrow('no longer running');
  expect(await sweep({})).toMatchObject({ done: true });
});

test('a sweep whose plan cannot be stored fails, after it has reported what it found; with limits of its own it plans nothing', async () => {
  const totals = metricTotals();
  const AUTO_HEAL = '{"mode":"plan","causes":["builder_died"]}';
  const files = fieldFiles(aws, DATE, Date.now() - 30 * HOUR);
  await files.input('abandoned');
  const manifest_path = `pending-manifest-${DATE}-1-1`;
  await files.record('abandoned', { status: 'manifested#3', manifest_path });
  const sweep = startLambdaFunction({
    name: 'orphan-sweep',
    handlerFile: bundledHandler('orphan-sweep'),
    environment: { ...aws.environment, AUTO_HEAL, DEAD_LETTER_BUCKET: 'no-such-bucket' },
    timeoutSeconds: 60,
    onOutput: (line) => totals.read(line),
  });
  expect((await sweep.invoke({})).functionError).toBe('Unhandled');
  const { payload } = await sweep.invoke({ max_manifested_hours: 1 });
  expect(payload).toMatchObject({ done: true });
  expect(payload).not.toHaveProperty('healing');
  await sweep.stop();
  const key = { date_prefix: DATE, file_key: 'abandoned' };
  await aws.documents.send(new DeleteCommand({ TableName: aws.trackingTable, Key: key }));
  await aws.s3.send(
    new DeleteObjectCommand({ Bucket: aws.buckets.input, Key: `pipeline/input/${DATE}/abandoned` }),
  );
  expect([totals.sum('OrphansInFlight'), totals.sum('OrphansCompleted')]).toEqual([4, 0]);
});

test('the audit of a date is done when its answer says so, and its answer is a request', async () => {
  const audit = functions['consistency-audit'];
  let payload: unknown = { date_prefix: DATE };
  for (let tries = 0; tries < 10 && !(payload as { done?: boolean }).done; tries++) {
    payload = (await audit?.invoke(payload))?.payload;
  }
  expect(payload).toMatchObject({
    ...{ date_prefix: DATE, done: true, issues_found: 1 },
    drift: { missing_head: 2 },
  });
  expect(metrics['consistency-audit']?.sum('DriftRepaired')).toBe(2);
  expect(metrics['consistency-audit']?.sum('Issues')).toBe(1);
});

test('an audit that cannot read the output fails, after it has reported what it repaired and found', async () => {
  const totals = metricTotals();
  const today = dayOf(Date.now());
  const files = fieldFiles(aws, today);
  await files.record('unseen.ndjson', { status: 'failed#3' });
  await files.input('unseen.ndjson');
  await files.input('untold.ndjson');
  const [driftBefore, otherHeads] = [await driftNoted(), await headsOf(DATE)];
  const audit = startLambdaFunction({
    name: 'consistency-audit',
    handlerFile: bundledHandler('consistency-audit'),
    environment: { ...aws.environment, OUTPUT_BUCKET: 'no-such-bucket' },
    timeoutSeconds: 60,
    onOutput: (line) => totals.read(line),
  });
  const asked = { date_prefix: today, grace_minutes: 0 };
  expect(await invokeUntil(audit, asked, ({ functionError }) => functionError === 'Unhandled')).toBeTruthy();
  await audit.stop();
  expect([totals.sum('DriftFound'), totals.sum('DriftRepaired'), totals.sum('Issues')]).toEqual([1, 1, 1]);
  expect(await driftNoted()).toBe(driftBefore + 1);

  // Only what failed is repeated.
  await files.record('later.ndjson', { status: 'failed#3' });
  const again = await invokeUntil(functions['consistency-audit'], asked, isDone);
  expect(again?.payload).toMatchObject({ data_findings: { lost: 0 } });
  expect(again?.payload).not.toHaveProperty('drift');
  expect(await headsOf(today)).toHaveLength(1);
  expect(await headsOf(DATE)).toEqual(otherHeads);
});

test('statistics are stored every hour, and published every sixth hour', async () => {
  const result = await functions['stats-publisher']?.invoke({});
  expect(result?.payload).toMatchObject({ files: { pending: 2 }, deadLettersWaiting: 0 });
  const { at = '', files } = (result?.payload ?? {}) as {
    readonly at?: string;
    readonly files: Readonly<Record<string, number>>;
  };
  const isTurn = new Date(at).getUTCHours() % 6 === 0;
  const total = Object.values(files).reduce((sum, count) => sum + count, 0);
  expect(total).toBeGreaterThan(0);
  expect(metrics['stats-publisher']?.sum('Files')).toBe(isTurn ? total : 0);
});

test('sweeps and statistics note their ends', async () => {
  const projection = { docs: aws.documents, name: aws.projectionTable };
  const ages = await readTaskAges({ projection, now: Date.now() + HOUR });
  // One that is not noted counts from this very question on.
  expect(ages.sweep).toBeGreaterThan(3_000);
  expect(ages.statistics).toBeGreaterThan(3_000);
  expect(ages.audit).toBe(0);
});

test('a sweep that has read as much as it may stops, says so, and is not noted as done', async () => {
  const bounded = startLambdaFunction({
    name: 'orphan-sweep',
    handlerFile: bundledHandler('orphan-sweep'),
    environment: { ...aws.environment, SWEEP_READ_UNITS: '1' },
    timeoutSeconds: 60,
    onOutput: () => undefined,
  });
  const projection = { docs: aws.documents, name: aws.projectionTable };
  await noteTaskEnd(projection, 'sweep', Date.now() - 9 * HOUR);
  const { payload } = await bounded.invoke({});
  await bounded.stop();
  expect(payload).toMatchObject({ done: true, incomplete: expect.stringContaining('sweep_read_units') });
  const { sweep } = await readTaskAges({ projection, now: Date.now() });
  expect(sweep).toBeGreaterThan(8 * 3_600);
  const context = { ...operationDeps(aws, Date.now()), signal: new AbortController().signal };
  const { last_sweep } = await ask(context, { operation: 'find_orphans' });
  expect(last_sweep).toMatchObject({
    complete: false,
    incomplete: expect.stringContaining('sweep_read_units'),
  });
  expect(await functions['orphan-sweep']?.invoke({})).toMatchObject({ payload: { done: true } });
});

test('a sweep beside another one does nothing and says so', async () => {
  const deps = {
    projection: { docs: aws.documents, name: aws.projectionTable },
    clock: Date.now,
    pause: (millis: number, signal: AbortSignal) => sleep(millis, undefined, { signal }),
  };
  const sweep = () => functions['orphan-sweep']?.invoke({}) ?? Promise.reject(new Error('There is none.'));
  const other = await withLease({ job: 'orphan-sweep', holder: 'another-request' }, deps, sweep);
  expect(other).toMatchObject({
    result: { payload: { done: false, skipped: expect.stringContaining('another-request') } },
  });
  expect((await sweep()).payload).toMatchObject({ done: true });
});

test.each([
  ['orphan-sweep', { max_processing_hours: -1 }],
  ['consistency-audit', {}],
])('%s fails on a request that it does not understand', async (name, request) => {
  expect((await functions[name]?.invoke(request))?.functionError).toBe('Unhandled');
});

type Invoked = Awaited<ReturnType<LambdaFunction['invoke']>>;

/** Sends the same request again and again, since on a busy machine one invocation may not suffice. */
async function invokeUntil(
  fn: LambdaFunction | undefined,
  request: object,
  isWanted: (invoked: Invoked) => boolean,
): Promise<Invoked | undefined> {
  for (let tries = 0; tries < 10; tries++) {
    const invoked = await fn?.invoke(request);
    if (invoked && isWanted(invoked)) return invoked;
  }
  return undefined;
}

function isDone({ payload }: Invoked): boolean {
  return (payload as { readonly done?: boolean }).done === true;
}

/** How much drift the audits of the last day found, as everybody reads it. */
async function driftNoted(): Promise<number> {
  const { last_audit } = await ask(operationDeps(aws, Date.now()), { operation: 'get_stats' });
  return (last_audit as { readonly drift_found: number } | null)?.drift_found ?? 0;
}

async function headsOf(date: string) {
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.projectionTable }));
  return Items.filter(({ pk }) => String(pk).startsWith(`FILE#${date}`));
}
