import { beforeEach, expect, test } from 'vitest';
import type { OperationDeps } from '../../../shared/operations/operation.ts';
import { DATE, putInputs, putRaw, rawFile, scanRaw } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { type Answer, ask, operationDeps } from '../../support/operations.ts';

const NAMES = Array.from({ length: 30 }, (_, i) => `f-${String(i).padStart(2, '0')}.ndjson`);
const ID = '20261123T060000000Z-run';
const START = Date.parse('2026-11-23T06:00:00Z');
const RECORDS = NAMES.map((name) =>
  rawFile(name, {
    status: { S: 'processing#1' },
    processing_start_time: { S: '2026-11-23T01:00:00Z' },
    manifest_path: { S: 's3://manifests/batch-0001.json' },
  }),
);
const UNTOUCHED = rawFile('untouched.ndjson', { status: { S: 'completed#1' } });
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
  const ended = { status: { S: 'failed' }, failed_time: { S: '2026-11-23T01:30:00Z' } };
  await putRaw(aws, [...RECORDS, rawFile('MANIFEST#batch-0001.json', ended), UNTOUCHED]);
  await putInputs(aws, NAMES);
});

/** Something happens in one of the waits, and each later one takes a second. */
function untilWait(when: number, happens: () => unknown): Partial<OperationDeps> {
  let waits = 0;
  const sleep = async () => {
    waits += 1;
    if (waits === when) await happens();
  };
  return { sleep, clock: () => START + Math.max(0, waits - when) * 1_000 };
}

const send = (request: object, more: Partial<OperationDeps> = {}) =>
  ask({ ...operationDeps(aws), ...more }, request);
const close = (change_id: string) => async () =>
  expect(await send({ operation: 'close_change', change_id })).toMatchObject({ state: 'closed' });
// A run waits before each file that it prepares, and before each that it writes: the first of them is written before the
// 17th is begun, and those that begin more than five seconds later are not written.
const SOME_WRITTEN = NAMES.length + 18;
const closing = (id = ID) => untilWait(SOME_WRITTEN, close(id));
const files = NAMES.map((file_key) => ({ date_prefix: DATE, file_key, new_status: 'failed' }));
const CLOSED = { state: 'closed', hint: expect.stringContaining('cannot be resumed') };

async function namesIn(status: string): Promise<string[]> {
  const records = await scanRaw(aws);
  expect(records['untouched.ndjson']).toEqual(UNTOUCHED);
  return NAMES.filter((name) => records[name]?.status?.S === status);
}

const applyPlan = async (more: (id: string) => Partial<OperationDeps>): Promise<Answer> => {
  const planned = await send({ operation: 'plan_change', status: 'processing', new_status: 'failed' });
  const { plan_id, digest } = planned as { readonly plan_id?: string; readonly digest?: string };
  return send({ operation: 'apply_plan', plan_id, digest, reason: 'x' }, more(String(plan_id)));
};

const namesOf = (listed: unknown) =>
  (listed as { readonly file_key: string }[]).map(({ file_key }) => file_key).sort();

test('a batch that is closed while it runs answers which files it has written', async () => {
  const answer = await send({ operation: 'batch_update', files }, { ...closing(), newId: () => ID });
  const written = await namesIn('failed#1');
  expect(written.length).toBeGreaterThan(0);
  expect(written.length).toBeLessThan(NAMES.length);
  expect(answer).toMatchObject({
    ...{ total: 30, successful: written.length, failed: 30 - written.length },
    ...{ change_id: ID, ...CLOSED },
  });
  const errors = answer.errors as { readonly file: string; readonly error: string }[];
  expect(errors.map(({ file }) => file)).toEqual(NAMES.filter((name) => !written.includes(name)));
  for (const { error } of errors) expect(error).toMatch(/was undone or closed/);
});

test('so does a reset of stuck files', async () => {
  const request = { operation: 'reset_stuck_files', dry_run: false };
  const answer = await send(request, { ...closing(), newId: () => ID });
  const written = await namesIn('pending#1');
  expect(written.length).toBeGreaterThan(0);
  expect(written.length).toBeLessThan(NAMES.length);
  expect(answer).toMatchObject({
    ...{ stuck_files_found: 30, files_reset: written.length, change_id: ID },
    ...CLOSED,
  });
  const listed = answer.stuck_files as { readonly result: string }[];
  expect(namesOf(listed.filter(({ result }) => result === 'reset'))).toEqual(written);
});

test('so does an undo', async () => {
  const { change_id } = await send({ operation: 'batch_update', files });
  const request = { operation: 'undo_change', change_id, dry_run: false };
  const answer = await send(request, { ...closing(), newId: () => ID });
  const written = await namesIn('processing#1');
  expect(written.length).toBeGreaterThan(0);
  expect(written.length).toBeLessThan(NAMES.length);
  expect(answer).toMatchObject({ files_restored: written.length, change_id: ID, ...CLOSED });
});

test('a plan that is closed while it is applied names its change', async () => {
  expect(await applyPlan(closing)).toMatchObject({ change_id: expect.any(String), ...CLOSED });
  const written = await namesIn('failed#1');
  expect(written.length).toBeGreaterThan(0);
  expect(written.length).toBeLessThan(NAMES.length);
});

test('a change that is closed while it is resumed names itself, and for the state machine it is done', async () => {
  for (const operation of ['resume_change', 'continue_change']) {
    await putRaw(aws, RECORDS);
    const stop = new AbortController();
    const goOn = operation === 'continue_change' ? async () => undefined : undefined;
    const stopping = { ...untilWait(SOME_WRITTEN, () => stop.abort()), signal: stop.signal, goOn };
    const { change_id } = await applyPlan(() => stopping);
    const rest = untilWait(3, close(String(change_id)));
    const answer = await send({ operation, change_id }, rest);
    expect(answer).toMatchObject({ change_id, state: 'closed' });
    if (goOn) expect(answer).toMatchObject({ done: true });
    else expect(answer).toMatchObject(CLOSED);
    const written = await namesIn('failed#1');
    expect(written.length).toBeGreaterThan(0);
    expect(written.length).toBeLessThan(NAMES.length);
  }
});

test('a batch that is closed before it has written anything is refused', async () => {
  const preparing = { ...untilWait(3, close(ID)), newId: () => ID };
  expect(await send({ operation: 'batch_update', files }, preparing)).toMatchObject({
    statusCode: 409,
    error: { code: 'CHANGE_CLOSED', message: expect.stringContaining(ID) },
  });
  expect(await namesIn('processing#1')).toEqual(NAMES);
});
