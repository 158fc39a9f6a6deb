import { beforeEach, expect, test } from 'vitest';
import { eachChangeFile } from '../../../shared/changes/change-file-table.ts';
import { readChange } from '../../../shared/changes/change-table.ts';
import type { OperationDeps } from '../../../shared/operations/operation.ts';
import { DATE, putInputs, putRaw, rawFile, scanRaw } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

let aws: LocalAws;
let deps: OperationDeps;

const OUTSIDER = rawFile('zz-outsider.ndjson', { status: { S: 'processing#1' }, created_at: { S: DATE } });
const names = (count: number) =>
  Array.from({ length: count }, (_, i) => `f-${String(i).padStart(4, '0')}.ndjson`);

beforeEach(async () => {
  aws = await localAws();
  deps = operationDeps(aws);
});

async function failedFiles(count: number): Promise<void> {
  const made = names(count).map((name, i) =>
    rawFile(name, { status: { S: `failed#${i % 10}` }, created_at: { S: `${DATE}T0${i % 6}:00:00Z` } }),
  );
  await putRaw(aws, [...made, OUTSIDER]);
}

/** Refusing to be put back to pending is for other tests. */
const RETRY = { operation: 'plan_change', new_status: 'pending', force: true };

async function planned(request: object = { status: 'failed' }) {
  return (await ask(deps, { ...RETRY, ...request })) as unknown as {
    plan_id: string;
    digest: string;
    [field: string]: unknown;
  };
}

/** An invocation whose time is over after so many looks at the time. */
function cutOff(looks: number): OperationDeps {
  let left = looks;
  const signal = new Proxy(new AbortController().signal, {
    get: (target, name) => {
      if (name === 'aborted') return --left < 0;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...deps, signal, goOn: async () => undefined };
}

test('a plan tells how many files, which groups, 20 examples, its digest and where it is kept; it writes no file', async () => {
  await failedFiles(50);
  const before = await scanRaw(aws);
  const plan = await planned();
  expect(plan).toMatchObject({
    state: 'planned',
    count: 50,
    groups: [{ date_prefix: DATE, from: 'failed', to: 'pending', count: 50 }],
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    kept_in: { table: aws.projectionTable, partition: `PLAN#${plan.plan_id}` },
  });
  expect(plan.samples).toHaveLength(20);
  expect(await scanRaw(aws)).toEqual(before);
  expect(await ask(deps, { operation: 'get_plan', plan_id: plan.plan_id })).toEqual(plan);
  // A plan of the same files is the same plan.
  expect((await planned()).digest).toBe(plan.digest);
});

test('a plan is applied with its own digest only, and once, however often it is sent', async () => {
  await failedFiles(30);
  const { plan_id, digest } = await planned();
  const before = await scanRaw(aws);
  const apply = { operation: 'apply_plan', plan_id, reason: 'the cause is mended' };
  const other = `0${digest.slice(1)}` === digest ? `1${digest.slice(1)}` : `0${digest.slice(1)}`;
  expect(await ask(deps, { ...apply, digest: other })).toMatchObject({
    statusCode: 409,
    error: { code: 'OTHER_PLAN' },
  });
  expect(await scanRaw(aws)).toEqual(before);
  const done = await ask(deps, { ...apply, digest });
  expect(done).toMatchObject({ change_id: plan_id, state: 'done', counts: { applied: 30 } });
  const after = await scanRaw(aws);
  expect(after['zz-outsider.ndjson']).toEqual(OUTSIDER);
  expect(await ask(deps, { ...apply, digest })).toMatchObject({ state: 'done', counts: { applied: 30 } });
  expect(await scanRaw(aws)).toEqual(after);
});

test('a selection by class, date, age, message and manifest plans for the files that fulfil all of it', async () => {
  await failedFiles(4);
  const [a = '', b = '', c = '', d = ''] = names(4);
  const at = (hour: number) => ({ S: `${DATE}T0${hour}:00:00Z` });
  await putRaw(aws, [
    rawFile(a, { status: { S: 'failed#1' }, failed_time: at(1), error_message: { S: 'Java heap space' } }),
    rawFile(b, { status: { S: 'failed#1' }, failed_time: at(5), error_message: { S: 'Java heap space' } }),
    rawFile(c, { status: { S: 'failed#1' }, failed_time: at(1), error_message: { S: 'Access Denied' } }),
    rawFile(d, { status: { S: 'failed#1' }, failed_time: at(1), manifest_path: { S: 's3://m/x.json' } }),
  ]);
  const sampled = (plan: Readonly<Record<string, unknown>>) =>
    (plan.samples as { file_key: string }[]).map(({ file_key }) => file_key).sort();
  const heap = { status: 'failed', error_contains: 'heap', older_than_hours: 2 };
  expect(sampled(await planned(heap))).toEqual([a]);
  expect(sampled(await planned({ status: ['failed'], manifest: 'x.json' }))).toEqual([d]);
  expect(sampled(await planned({ status: 'failed', date_range: { end: '2026-11-22' } }))).toEqual([]);
  expect(sampled(await planned({ files: [{ date_prefix: DATE, file_key: c }] }))).toEqual([c]);
});

test('what cannot be planned for is counted by why', async () => {
  await failedFiles(3);
  await putInputs(aws, names(1));
  const files = [...names(3), 'gone.ndjson'].map((file_key) => ({ date_prefix: DATE, file_key }));
  expect(await planned({ files, force: false })).toMatchObject({
    count: 1,
    left_out: { INPUT_GONE: 2 },
    refused: { FILE_NOT_FOUND: 1 },
  });
});

test.each([
  [{ status: 'failed', files: [{ date_prefix: DATE, file_key: 'a' }] }, /"files"/],
  [{}, /"status"/],
  [{ files: [{ date_prefix: DATE, file_key: 'a' }], manifest: 'm.json' }, /no conditions/],
])('a request that says two things, or nothing, is refused: %j', async (request, message) => {
  const { error } = await ask(deps, { ...RETRY, ...request });
  expect(error).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(message) });
});

test('a plan that is not complete, is too old or unknown is not applied', async () => {
  await failedFiles(5);
  const { plan_id } = (await ask(cutOff(0), { ...RETRY, status: 'failed' })) as unknown as {
    plan_id: string;
  };
  const apply = { operation: 'apply_plan', plan_id, digest: '0'.repeat(64), reason: 'test' };
  expect(await ask(deps, apply)).toMatchObject({ error: { code: 'PLAN_NOT_READY' } });
  expect(await ask(deps, { ...apply, plan_id: `${plan_id}x` })).toMatchObject({
    error: { code: 'PLAN_NOT_FOUND' },
  });
  const plan = await planned();
  const later = { ...deps, now: deps.now + 25 * 3_600_000 };
  const stale = { ...apply, plan_id: plan.plan_id, digest: plan.digest };
  expect(await ask(later, stale)).toMatchObject({ error: { code: 'STALE_PLAN' } });
  expect(await ask(later, { ...stale, max_age_hours: 48 })).toMatchObject({ state: 'done' });
});

test('a plan and its change continue over many invocations, each interrupted at any moment, and every file is written once', {
  tags: ['long'],
}, async () => {
  const MANY = process.env.EVERY_POINT ? 400 : 100;
  await failedFiles(MANY);
  let invocations = 0;
  const goOn = async (change_id: string) => {
    for (let looks = 13; ; looks = (looks * 7) % 479) {
      invocations += 1;
      const answer = await ask(cutOff(looks), { operation: 'continue_change', change_id });
      expect(answer.error).toBeUndefined();
      if (answer.done) return;
    }
  };
  const { plan_id } = (await ask(cutOff(MANY / 4), { ...RETRY, status: 'failed' })) as unknown as {
    plan_id: string;
  };
  expect(await ask(deps, { operation: 'get_plan', plan_id })).toMatchObject({
    state: 'planning',
    digest: null,
  });
  await goOn(plan_id);
  const { digest, count } = await ask(deps, { operation: 'get_plan', plan_id });
  expect(count).toBe(MANY);
  const apply = { operation: 'apply_plan', plan_id, digest, reason: 'test', rate: 1_000 };
  expect(await ask(cutOff(Math.ceil(MANY * 0.93)), apply)).toMatchObject({ state: 'preparing' });
  await goOn(plan_id);
  const change = await readChange(deps.projection, plan_id);
  expect(change).toMatchObject({
    state: 'done',
    files: MANY,
    counts: { applied: MANY, skipped: 0, failed: 0 },
  });
  expect(change).not.toHaveProperty('resumedBy');
  let files = 0;
  for await (const { result } of eachChangeFile(deps.projection, plan_id)) {
    expect(result).toMatchObject({ kind: 'applied' });
    files += 1;
  }
  expect(files).toBe(MANY);
  const after = await scanRaw(aws);
  expect(names(MANY).every((name) => after[name]?.reset_count?.N === '1')).toBe(true);
  expect(after['zz-outsider.ndjson']).toEqual(OUTSIDER);
  expect(invocations).toBeGreaterThan(4);
});

test('a change for which no execution could be started is not busy: the next request continues it', async () => {
  await failedFiles(30);
  const { plan_id, digest } = await planned();
  const apply = { operation: 'apply_plan', plan_id, digest, reason: 'test', stages: { first: 10 } };
  const failing = { ...deps, goOn: () => Promise.reject(new Error('no execution')) };
  await expect(ask(failing, apply)).rejects.toThrow('no execution');
  const begun: string[] = [];
  const goOn = async (id: string) => void begun.push(id);
  expect(await ask({ ...deps, goOn }, apply)).toMatchObject({ state: 'applying' });
  expect(begun).toEqual([plan_id]);
  expect((await scanRaw(aws))['zz-outsider.ndjson']).toEqual(OUTSIDER);
});

test('an execution is started only if files are left, under the name of the plan', async () => {
  await failedFiles(30);
  const begun: string[] = [];
  const goOn = async (id: string, name = 'none') => void begun.push(`${name} of ${id}`);
  const whole = { ...deps, goOn, remainingMillis: () => 60_000 };
  const { plan_id, digest } = (await ask(whole, { ...RETRY, status: 'failed' })) as unknown as {
    plan_id: string;
    digest: string;
  };
  expect(begun).toEqual([]);
  const apply = { operation: 'apply_plan', plan_id, digest, reason: 'test' };
  const waiting = await ask(whole, { ...apply, stages: { first: 10 } });
  expect(waiting).toMatchObject({
    state: 'applying',
    stages: { first: 10, max_failed_percent: 5, begun: [{ files: 10, outcome: 'waiting' }] },
    hint: expect.stringContaining('get_change'),
  });
  // As long as that execution is at it, nobody runs beside it.
  const resume = { operation: 'resume_change', change_id: plan_id };
  for (const request of [{ ...apply, stages: { first: 10 } }, resume])
    expect(await ask(whole, request)).toMatchObject({ state: 'applying', hint: waiting.hint });
  expect(begun).toEqual([`apply-${plan_id} of ${plan_id}`]);
  // An execution that has ended keeps its name: whoever asks again begins another one.
  const after = (minutes: number) => ({ ...whole, now: deps.now + minutes * 60_000 });
  await ask(after(7), { ...apply, stages: { first: 10 } });
  const resumed = await ask(after(14), resume);
  expect(resumed).toMatchObject({ state: 'applying', resumed_by: [deps.actor, deps.actor] });
  expect(begun).toEqual(['apply', 'resume-1', 'resume-2'].map((name) => `${name}-${plan_id} of ${plan_id}`));
  expect(await ask(whole, { operation: 'continue_change', change_id: plan_id })).toMatchObject({
    done: false,
    wait_seconds: 60,
    loops: 1,
  });
  // The longer it takes, the less often it is asked for; after 500 times by another execution.
  const later = { ...whole, now: deps.now + 20 * 60_000 };
  const often = { operation: 'continue_change', change_id: plan_id, loops: 499 };
  expect(await ask(later, often)).toMatchObject({ done: true, wait_seconds: 120, loops: 500 });
  expect(begun.at(-1)).toBe(`none of ${plan_id}`);
  // It is unknown what became of the ten by then.
  const late = { ...whole, now: deps.now + 31 * 60_000 };
  expect(await ask(late, { operation: 'continue_change', change_id: plan_id })).toMatchObject({
    state: 'stopped',
    done: true,
  });
  expect(await ask(deps, { operation: 'get_change', change_id: plan_id })).toMatchObject({
    change: { stop_cause: 'stage', counts: { applied: 10 } },
  });
});
