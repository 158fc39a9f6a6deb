import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builderFunction } from '../../infra/local/builder-function.ts';
import { type InvokeApi, startInvokeApi } from '../../infra/local-lambda/invoke-api.ts';
import { requireChange } from '../../shared/changes/change-table.ts';
import { planWake, wakeBuilder } from '../../shared/changes/wake-builder.ts';
import { pickupText } from '../../shared/pipeline/pickup.ts';
import { USUAL_SUFFIXES_ONLY } from '../../shared/pipeline/status-index.ts';
import { dayOf } from '../../shared/text/time.ts';
import { changeContext, changeRequest, putInputs, scanRaw } from '../support/changes.ts';
import { faultyDynamo, throttled } from '../support/faulty-dynamo.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { runRunbook } from '../support/runbook.ts';

const DATE = '2026-11-20';
const APPLY = ['--apply', '--yes', '--reason', 'reset after the outage'];
let aws: LocalAws;
let api: InvokeApi;
let events: WakeEvent[];
let builder: ReturnType<typeof builderFunction>;

interface WakeEvent {
  readonly Records: readonly { readonly eventSource: string; readonly body: string }[];
}

beforeEach(async () => {
  aws = await localAws();
  events = [];
  builder = builderFunction();
  api = await startInvokeApi({ port: 0, functions: [builder] });
  await put('moving.ndjson', 'manifested#2');
});

afterEach(() => api.close());

const listen = () =>
  builder.connect({
    wake: async (event) => {
      events.push(event as WakeEvent);
      return { manifests_created: 1 };
    },
  });

async function put(file_key: string, status: string, date = DATE): Promise<void> {
  const file_path = `s3://${aws.buckets.input}/pipeline/input/${date}/${file_key}`;
  const Item = { date_prefix: date, file_key, status, file_path, created_at: `${date}T01:00:00Z` };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
}

const run = (name: string, args: string[], more: Record<string, string> = {}) =>
  runRunbook(name, args, { ...aws.environment, AWS_ENDPOINT_URL_LAMBDA: api.url, ...more });

test.each([
  [
    'a+b.ndjson',
    ['good.ndjson'],
    /1 pending file would fail .* a\+b\.ndjson: its name .*--new-status quarantined/,
  ],
  [
    'gone.ndjson',
    ['good.ndjson'],
    /1 pending file would fail .* gone\.ndjson: its input .*--new-status failed/,
  ],
  ['fine.ndjson', ['good.ndjson', 'fine.ndjson'], undefined],
])('a pending %s that would fail its neighbours is told first', async (name, inputs, told) => {
  listen();
  for (const each of ['good.ndjson', name]) await put(each, 'pending#3');
  await putInputs(aws, inputs, DATE);
  const { code, stderr } = await run('wake-builder', [DATE]);
  expect(code).toBe(0);
  if (told) expect(stderr).toMatch(told);
  else expect(stderr).not.toContain('would fail');
});

test('it shows the event first, and sends nothing', async () => {
  listen();
  await put('a.ndjson', 'pending#3');
  await putInputs(aws, ['a.ndjson'], DATE);
  const { code, stdout, stderr } = await run('wake-builder', [DATE, '--json']);
  expect({ code, events }).toEqual({ code: 0, events: [] });
  expect(JSON.parse(stdout)).toMatchObject({
    function: 'ndjson-parquet-manifest-builder-local',
    pending: 1,
    file: 'a.ndjson',
    event: { Records: [{ eventSource: 'aws:sqs' }] },
  });
  expect(stderr).toContain(`${DATE}: 1 of 10 files are pending; the next upload takes them.`);
  expect(stderr).toContain(`npx tsx runbooks/wake-builder.ts ${DATE} --json --apply --reason WHY`);
});

test('the event names the object of a file that is pending there, and no record is touched', async () => {
  listen();
  await put('a+b.ndjson', 'pending#1');
  await put('gone.ndjson', 'pending#2');
  await put('there.ndjson', 'pending#3');
  await put('another.ndjson', 'pending#3', '2026-11-21');
  await putInputs(aws, ['a b.ndjson', 'there.ndjson'], DATE);
  const Key = `pipeline/input/${DATE}/there.ndjson`;
  await aws.s3.send(new PutObjectCommand({ Bucket: aws.buckets.input, Key, Body: '{"a":1}\n' }));
  const before = await scanRaw(aws);
  const { code, stdout } = await run('wake-builder', [DATE, '--json', ...APPLY]);
  expect({ code, answer: JSON.parse(stdout).answer }).toEqual({ code: 0, answer: { manifests_created: 1 } });
  expect(await scanRaw(aws)).toEqual(before);
  const [message] = events[0]?.Records ?? [];
  expect(events).toHaveLength(1);
  expect(message?.eventSource).toBe('aws:sqs');
  expect(JSON.parse(message?.body ?? '')).toMatchObject({
    Records: [
      {
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: aws.buckets.input }, object: { key: Key, size: 8 } },
      },
    ],
  });
});

test('who woke it, when and why is stored, and there is nothing to undo', async () => {
  listen();
  await put('a.ndjson', 'pending#3');
  await putInputs(aws, ['a.ndjson'], DATE);
  await run('wake-builder', [DATE, ...APPLY]);
  const [change] = JSON.parse((await run('changes', ['--json'])).stdout);
  expect(change).toMatchObject({ origin: 'wake-builder', reason: 'reset after the outage', state: 'done' });
  const undone = await run('undo', [change.change_id, ...APPLY]);
  expect(undone.code).toBe(3);
  expect(undone.stderr).toContain('has not written any file');
});

test('it sends an event for an object without a record, spelled as S3 spells it, if jobs can read its name', async () => {
  listen();
  await put('known.ndjson', 'completed#3');
  await putInputs(aws, ['lost (1).ndjson', 'known.ndjson'], DATE);
  const key = `pipeline/input/${DATE}/lost (1).ndjson`;
  const before = await scanRaw(aws);
  const literal = await run('wake-builder', [DATE, '--object', key, ...APPLY]);
  expect({ code: literal.code, events }).toEqual({ code: 3, events: [] });
  expect(literal.stderr).toContain('its whole manifest would fail');
  const PIPELINE_PROFILE = JSON.stringify({ builder: { literal_uris: false } });
  const args = [DATE, '--object', key, '--json', ...APPLY];
  const { code, stdout } = await run('wake-builder', args, { PIPELINE_PROFILE });
  expect({ code, file: JSON.parse(stdout).file }).toEqual({ code: 0, file: 'lost+%281%29.ndjson' });
  expect(JSON.parse(events[0]?.Records[0]?.body ?? '')).toMatchObject({
    Records: [{ s3: { object: { key: `pipeline/input/${DATE}/lost+%281%29.ndjson` } } }],
  });
  expect(await scanRaw(aws)).toEqual(before);
});

test.each([
  [
    'of a file that has a record',
    `pipeline/input/${DATE}/known.ndjson`,
    'already has a record, with the status completed',
  ],
  ['of another date', 'pipeline/input/2026-11-21/x.ndjson', 'is a file of 2026-11-21'],
  ['that is gone', `pipeline/input/${DATE}/gone.ndjson`, 'was not found'],
  ['outside the prefix', `${DATE}/x.ndjson`, 'S3 never tells the builder about'],
  ['of another bucket', `s3://other/pipeline/input/${DATE}/x.ndjson`, 'S3 never tells the builder about'],
])('it does not tell of an object %s', async (_name, key, message) => {
  listen();
  await put('known.ndjson', 'completed#3');
  await putInputs(aws, ['known.ndjson'], DATE);
  const { code, stderr } = await run('wake-builder', [DATE, '--object', key, ...APPLY]);
  expect({ code, events }).toEqual({ code: 3, events: [] });
  expect(stderr).toContain(message);
});

test('an object without a date in its key is told of once: its record may be of any day since its upload', async () => {
  listen();
  const object = 'pipeline/input/loose.ndjson';
  const bucket = { Bucket: aws.buckets.input };
  await aws.s3.send(new PutObjectCommand({ ...bucket, Key: object, Body: '{}' }));
  const wake = (date: string) => run('wake-builder', [date, '--object', object, '--json', ...APPLY]);
  const first = await wake(DATE);
  const { date, file } = JSON.parse(first.stdout);
  expect({ code: first.code, file }).toEqual({ code: 0, file: 'loose.ndjson' });
  // The builder files it under the day of the event, whatever date is given.
  expect([dayOf(Date.now()), dayOf(Date.now() - 60_000)]).toContain(date);
  await put('loose.ndjson', 'completed#3', date);
  const second = await wake(DATE);
  expect({ code: second.code, sent: events.length }).toEqual({ code: 3, sent: 1 });
  expect(second.stderr).toContain(`already has a record, with the status completed, on ${date}.`);
});

test('a change whose event was sent has not failed, however slow the table is then', async () => {
  await put('a.ndjson', 'pending#3');
  await putInputs(aws, ['a.ndjson'], DATE);
  let faults = 0;
  const { client } = await faultyDynamo(aws, (_, command) =>
    command === 'UpdateItemCommand' && ++faults <= 6 ? throttled() : undefined,
  );
  const deps = changeContext(aws, Date.parse(`${DATE}T12:00:00Z`), client);
  const wakeFor = { date: DATE, region: 'us-east-1', id: '1', suffixes: USUAL_SUFFIXES_ONLY };
  const request = changeRequest('20261120T120000000Z-1a2b3c4d');
  const plan = await planWake(deps, wakeFor);
  expect(await wakeBuilder(deps, plan, request, async () => 'woken')).toBe('woken');
  const change = await requireChange(deps, request.id);
  expect(change.counts).toEqual({ applied: 0, skipped: 1, failed: 0 });
});

test.each([
  ['nothing pending', [], `No file of ${DATE} is pending`],
  ['only names that no job reads', ['a+b.ndjson'], 'has a readable name and an input object'],
])('with %s it is refused, and nothing is sent', async (_name, names, message) => {
  listen();
  for (const name of names) await put(name, 'pending#3');
  await putInputs(aws, ['a b.ndjson'], DATE);
  const { code, stdout, stderr } = await run('wake-builder', [DATE, ...APPLY]);
  expect({ code, stdout, events }).toEqual({ code: 3, stdout: '', events: [] });
  expect(stderr).toContain(message);
});

test.each([
  [3, "today's files wait until 10 are pending: there are 3 now"],
  [12, 'the next upload takes them, since 10 or more are pending today'],
])("with %i of 10 of today's files pending it knows whether they are enough", async (count, text) => {
  const names = Array.from({ length: count }, (_, i) => `p${i}.ndjson`);
  for (const name of names) await put(name, `pending#${name.length}`);
  await putInputs(aws, names, DATE);
  const deps = changeContext(aws, Date.parse(`${DATE}T12:00:00Z`));
  const plan = await planWake(deps, {
    date: DATE,
    region: 'us-east-1',
    id: '1',
    suffixes: USUAL_SUFFIXES_ONLY,
  });
  expect(plan.pending).toBe(Math.min(count, 10));
  expect(pickupText(DATE, plan.pending, deps)).toBe(text);
});

test('as many pending files are checked as a manifest takes', async () => {
  const good = Array.from({ length: 55 }, (_, i) => `good-${i}.ndjson`);
  await putInputs(aws, good, DATE);
  await pMap(good, (name) => put(name, 'pending#1'), { concurrency: 16 });
  await put('a+b.ndjson', 'pending#9');
  const context = changeContext(aws, Date.parse(`${DATE}T12:00:00Z`));
  const profile = { ...context.profile, builder: { ...context.profile.builder, max_files: 60 } };
  const wakeFor = { date: DATE, region: 'us-east-1', id: '1', suffixes: USUAL_SUFFIXES_ONLY };
  const { pending, harmful } = await planWake({ ...context, profile }, wakeFor);
  expect(pending).toBe(56);
  expect(harmful.map(({ key }) => key.file_key)).toEqual(['a+b.ndjson']);
});

test('what to look at where nothing is pending is on the same target', async () => {
  const before = await scanRaw(aws);
  const nothing = await run('wake-builder', ['2026-11-01', '--env', 'local', ...APPLY]);
  expect(nothing.code).toBe(3);
  expect(nothing.stderr).toContain('npx tsx runbooks/files.ts --status pending --env local\n');
  const object = ['--object', `s3://${aws.buckets.input}/pipeline/input/2026-11-01/none.ndjson`];
  const unknown = await run('wake-builder', ['2026-11-01', ...object, '--env', 'local', ...APPLY]);
  expect(unknown.stderr).toContain('npx tsx runbooks/check-consistency.ts 2026-11-01 --env local\n');
  expect(await scanRaw(aws)).toEqual(before);
  expect(events).toEqual([]);
});

test('a stopped simulator, a missing server and a builder without a name have different messages', async () => {
  await put('a.ndjson', 'pending#3');
  await putInputs(aws, ['a.ndjson'], DATE);
  const off = await run('wake-builder', [DATE, ...APPLY]);
  expect(off.code).toBe(1);
  expect(off.stderr).toContain('No simulated pipeline is running');
  const away = await run('wake-builder', [DATE, ...APPLY], { AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:1' });
  expect(away.code).toBe(1);
  expect(away.stderr).toContain('cannot be reached at http://127.0.0.1:1');
  const PIPELINE_PROFILE = '{"builder":{"function_name":"elsewhere"}}';
  const unknown = await run('wake-builder', [DATE, ...APPLY], { PIPELINE_PROFILE });
  expect(unknown.stderr).toContain('There is no function elsewhere');
  const dev = await run('wake-builder', [DATE, ...APPLY], { ENVIRONMENT: 'dev' });
  expect(dev.code).toBe(1);
  expect(dev.stderr).toContain('"function_name"');
  const changes = JSON.parse((await run('changes', ['--json'])).stdout);
  expect(changes).toMatchObject(Array(3).fill({ origin: 'wake-builder', counts: { failed: 1 } }));
});
