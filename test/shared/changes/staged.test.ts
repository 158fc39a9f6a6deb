import { beforeEach, describe, expect, test } from 'vitest';
import { applyPlan, resumeChange } from '../../../shared/changes/apply.ts';
import type { StageRule } from '../../../shared/changes/change.ts';
import { requireChange } from '../../../shared/changes/change-table.ts';
import type { ApplyOptions, ChangeDeps } from '../../../shared/changes/context.ts';
import { becameOf, judgeStage } from '../../../shared/changes/staged.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import type { RawAttributes } from '../../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import {
  CHANGED_AT,
  changeContext,
  changeRequest,
  DATE,
  faultyClient,
  planOf,
  putRaw,
  rawFile,
  scanRaw,
  unmarked,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { applyDeps } from '../../support/projection.ts';
import { FIRST_STREAM } from '../../support/stream-records.ts';

const MANY = process.env.EVERY_POINT ? 10_000 : 150;
// Each of them is planned and prepared by itself: minutes, on a busy machine.
const MANY_MILLIS = 1_800_000;
const RULE: StageRule = { first: 10, badBelow: 0.05, withinMinutes: 30 };
const OUTSIDER = rawFile('zz-outsider.ndjson', { status: { S: 'failed#1' } });

let aws: LocalAws;
let sequence = 0;

beforeEach(async () => {
  aws = await localAws();
});

/** What the stream tells of one write. */
function told(before: RawAttributes, after: RawAttributes): object {
  sequence += 1;
  const { date_prefix, file_key } = after;
  return {
    eventName: 'MODIFY',
    eventSourceARN: `arn:aws:dynamodb:us-east-1:1:table/tracking/stream/${FIRST_STREAM}`,
    dynamodb: {
      Keys: { date_prefix, file_key },
      OldImage: before,
      NewImage: after,
      SequenceNumber: `1000000000000000000${String(sequence).padStart(6, '0')}`,
      ApproximateCreationDateTime: CHANGED_AT / 1_000,
    },
  };
}

/** A pipeline that at once takes each file that was put back to pending, and the stream that tells it. */
function pipelineWith(outcomeOf: (name: string) => string | undefined) {
  let before: Record<string, RawAttributes> = {};
  return {
    async begin() {
      before = await scanRaw(aws);
    },
    async run() {
      const records = await scanRaw(aws);
      const events: object[] = [];
      const written: Record<string, NonNullable<RawAttributes[string]>>[] = [];
      for (const [name, record] of Object.entries(records)) {
        const old = before[name] ?? record;
        if (old.status?.S === record.status?.S) continue;
        events.push(told(old, record));
        const outcome = record.status?.S?.startsWith('pending') ? outcomeOf(name) : undefined;
        if (!outcome) continue;
        const ended = { ...record, status: { S: `${outcome}#1` } } as (typeof written)[number];
        events.push(told(record, ended));
        written.push(ended);
      }
      await putRaw(aws, written);
      before = await scanRaw(aws);
      const target = { s3: aws.s3, bucket: aws.buckets.deadLetter };
      for (let from = 0; from < events.length; from += 100)
        await consumeBatch(events.slice(from, from + 100), applyDeps(aws), target);
    },
  };
}

const names = (count: number) =>
  Array.from({ length: count }, (_, i) => `f-${String(i).padStart(5, '0')}.ndjson`);

async function failedFiles(count: number) {
  await putRaw(aws, [
    ...names(count).map((name) => rawFile(name, { status: { S: 'failed#1' }, created_at: { S: DATE } })),
    OUTSIDER,
  ]);
}

async function planRetry(context: ChangeDeps, count: number) {
  return planOf(
    context,
    names(count).map((file_key) => ({ date_prefix: DATE, file_key, new_status: 'pending' })),
  );
}

/** Waits as a runbook does: each sleep is a minute, in which the pipeline works. */
function waitingFor(pipeline: { run(): Promise<void> }, stages: string[] = []) {
  let now = CHANGED_AT;
  const sleep = async (millis: number) => {
    if (millis < 5_000) return;
    now += 60_000;
    await pipeline.run();
  };
  const options: ApplyOptions = {
    maxChanges: 20_000,
    stageRule: RULE,
    concurrency: 16,
    waiting: {
      clock: () => now,
      onStage: ({ files, outcome = 'waiting' }, number) => stages.push(`${number}: ${files} ${outcome}`),
    },
  };
  return { sleep, options };
}

test(
  `a wrong fix of ${MANY} files stops after ten of them`,
  async () => {
    await failedFiles(MANY);
    const pipeline = pipelineWith(() => 'failed');
    await pipeline.begin();
    const stages: string[] = [];
    const { sleep, options } = waitingFor(pipeline, stages);
    const context = { ...changeContext(aws), sleep };
    const before = await scanRaw(aws);
    const change = await applyPlan(context, await planRetry(context, MANY), changeRequest('c1'), options);
    expect(change).toMatchObject({
      state: 'stopped',
      stopCause: 'stage',
      counts: { applied: 10, failed: 0 },
    });
    expect(change.stages).toMatchObject([
      { files: 10, outcome: 'failed', tally: { good: 0, bad: 10, open: 0 } },
    ]);
    expect(stages).toEqual(['1: 10 waiting', '1: 10 failed']);
    const after = await scanRaw(aws);
    const touched = Object.keys(after).filter((name) => after[name]?.state_change_id !== undefined);
    expect(touched).toEqual(expect.arrayContaining(names(10)));
    expect(touched).toHaveLength(10);
    const rest = (records: Record<string, RawAttributes>) =>
      Object.fromEntries(Object.entries(records).filter(([name]) => !names(10).includes(name)));
    expect(rest(after)).toEqual(rest(before));
  },
  MANY_MILLIS,
);

test('a fix that works continues in stages that grow tenfold until all files are done, and one undo reverses it', {
  tags: ['long'],
}, async () => {
  await failedFiles(150);
  const pipeline = pipelineWith(() => 'completed');
  await pipeline.begin();
  const stages: string[] = [];
  const { sleep, options } = waitingFor(pipeline, stages);
  const context = { ...changeContext(aws), sleep };
  const change = await applyPlan(context, await planRetry(context, 150), changeRequest('c1'), options);
  expect(change).toMatchObject({
    state: 'done',
    files: 150,
    counts: { applied: 150, skipped: 0, failed: 0 },
  });
  expect(change.stages).toMatchObject([
    { files: 10, outcome: 'passed', tally: { good: 10 } },
    { files: 100, outcome: 'passed', tally: { good: 100 } },
    { files: 1_000 },
  ]);
  expect(stages).toEqual(['1: 10 waiting', '1: 10 passed', '2: 100 waiting', '2: 100 passed']);
  expect((await scanRaw(aws))['zz-outsider.ndjson']).toEqual(OUTSIDER);
  // The last forty are still as the change left them; the others the pipeline has completed.
  const undo = await undoChange(context, 'c1', changeRequest('c2'), { maxChanges: 150 });
  expect(undo).toMatchObject({ state: 'done', counts: { applied: 40, skipped: 110 } });
});

test('an undo of a change that stopped in a stage covers only the files of its stages', {
  tags: ['long'],
}, async () => {
  await failedFiles(50);
  const quiet = pipelineWith(() => undefined);
  await quiet.begin();
  const { sleep, options } = waitingFor(quiet);
  const context = { ...changeContext(aws), sleep };
  const before = unmarked(await scanRaw(aws));
  const change = await applyPlan(context, await planRetry(context, 50), changeRequest('c1'), options);
  // Nobody has taken them within 30 minutes: what is not known is no reason to go on.
  expect(change).toMatchObject({ state: 'stopped', stopCause: 'stage' });
  expect(change.stages?.at(-1)?.tally).toEqual({ good: 0, bad: 0, open: 10 });
  const undo = await undoChange(context, 'c1', changeRequest('c2'), { maxChanges: 10 });
  expect(undo).toMatchObject({ state: 'done', files: 10, counts: { applied: 10 } });
  expect(unmarked(await scanRaw(aws))).toEqual(before);
});

test('a stage that failed is checked again when its change is resumed, which continues if the stage has passed', async () => {
  await failedFiles(30);
  const quiet = pipelineWith(() => undefined);
  await quiet.begin();
  const { sleep, options } = waitingFor(quiet);
  const context = { ...changeContext(aws), sleep };
  await applyPlan(context, await planRetry(context, 30), changeRequest('c1'), options);
  const { actor } = changeRequest('c1');
  expect(await resumeChange(context, 'c1', actor, options)).toMatchObject({ stopCause: 'stage' });
  expect((await requireChange(context, 'c1')).stages).toHaveLength(1);
  const records = await scanRaw(aws);
  const late = names(10).map((name): RawAttributes => ({ ...records[name], status: { S: 'completed#1' } }));
  await putRaw(aws, late as Parameters<typeof putRaw>[1]);
  const target = { s3: aws.s3, bucket: aws.buckets.deadLetter };
  const events = late.map((record) => told(records[record.file_key?.S ?? ''] ?? {}, record));
  await consumeBatch(events, applyDeps(aws), target);
  const done = await resumeChange(context, 'c1', actor, options);
  expect(done).toMatchObject({ state: 'done', counts: { applied: 30 } });
});

test('a file that could not be written counts as failed in its stage', async () => {
  await failedFiles(30);
  const pipeline = pipelineWith(() => 'completed');
  await pipeline.begin();
  const { sleep, options } = waitingFor(pipeline);
  let written = 0;
  const error = Object.assign(new Error('Item size has exceeded'), { name: 'ValidationException' });
  const client = await faultyClient(aws, (_, table) =>
    table === aws.trackingTable && ++written === 1 ? { error } : undefined,
  );
  const context = { ...changeContext(aws, undefined, client), sleep };
  const change = await applyPlan(context, await planRetry(context, 30), changeRequest('c1'), options);
  expect(change).toMatchObject({ state: 'stopped', stopCause: 'stage', counts: { applied: 9, failed: 1 } });
  expect(change.stages).toMatchObject([{ outcome: 'failed', tally: { bad: 1, open: 9 } }]);
  expect((await scanRaw(aws))['zz-outsider.ndjson']).toEqual(OUTSIDER);
});

test('a run that does not wait leaves the change to the next run, which continues in the same stage', async () => {
  await failedFiles(30);
  const pipeline = pipelineWith(() => 'completed');
  await pipeline.begin();
  const context = changeContext(aws);
  const options = { maxChanges: 100, stageRule: RULE, isContinued: true };
  const plan = await planRetry(context, 30);
  const waiting = await applyPlan(context, plan, changeRequest('c1'), options);
  expect(waiting).toMatchObject({ state: 'applying', stages: [{ files: 10, appliedAt: expect.anything() }] });
  const next = { ...options, isFollowing: true };
  expect(await resumeChange(context, 'c1', changeRequest('c1').actor, next)).toMatchObject({
    state: 'applying',
  });
  await pipeline.run();
  const done = await resumeChange(context, 'c1', changeRequest('c1').actor, next);
  expect(done).toMatchObject({ state: 'done', counts: { applied: 30 } });
  expect(done).not.toHaveProperty('resumedBy');
});

describe('a stage', () => {
  const rule = { badBelow: 0.05 };
  test.each([
    ['passes at once when all is well', { good: 10, bad: 0, open: 0 }, false, 'passed'],
    ['fails as soon as too many failed', { good: 0, bad: 1, open: 9 }, false, 'failed'],
    ['is not decided while the open ones may be bad', { good: 9, bad: 0, open: 1 }, false, undefined],
    ['fails when too much is not known in time', { good: 9, bad: 0, open: 1 }, true, 'failed'],
    ['passes when the open ones could not change it', { good: 97, bad: 1, open: 2 }, false, 'passed'],
    ['passes when none of its files were written', { good: 0, bad: 0, open: 0 }, false, 'passed'],
    ['fails at its limit itself', { good: 95, bad: 5, open: 0 }, true, 'failed'],
  ])('%s', (_, tally, isLate, expected) => {
    expect(judgeStage(tally, rule, isLate)).toBe(expected);
  });

  const event = (status: string | undefined, changeId?: string) =>
    ({ event: 'reset', status, time: '', position: '', ...(changeId && { changeId }) }) as never;
  const reset = { after: { status: { S: 'pending#3' } } };
  test.each([
    ['is open while the projection has not seen its write', reset, [event('failed')], 'failed', 'open'],
    [
      'is open while it is on its way',
      reset,
      [event('pending', 'c'), event('processing')],
      'processing',
      'open',
    ],
    ['is good once it is completed', reset, [event('pending', 'c'), event('completed')], 'completed', 'good'],
    [
      'is bad once it failed, whatever follows',
      reset,
      [event('pending', 'c'), event('failed'), event('pending')],
      'pending',
      'bad',
    ],
    ['is bad when its record is removed', reset, [event('pending', 'c'), event(undefined)], 'removed', 'bad'],
    [
      'is good where the change put it',
      { after: { status: { S: 'quarantined' } } },
      [event('quarantined', 'c')],
      'quarantined',
      'good',
    ],
    [
      'is bad when it left where the change put it',
      { after: { status: { S: 'completed' } } },
      [event('completed', 'c'), event('failed')],
      'failed',
      'bad',
    ],
  ] as const)('counts a file that %s', (_, file, events, status, expected) => {
    expect(becameOf(file, { status, events: [...events] }, 'c')).toBe(expected);
  });
});
