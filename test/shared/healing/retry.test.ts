import { expect, test } from 'vitest';
import { readChange } from '../../../shared/changes/change-table.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import type { ActivePolicy } from '../../../shared/healing/policy.ts';
import { isDue, retryFailed, ruleFor } from '../../../shared/healing/retry.ts';
import { createCheck } from '../../../shared/orphans/check-record.ts';
import { failureClass } from '../../../shared/pipeline/failure-class.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { registerDates } from '../../../shared/projection/dates.ts';
import { nothingSeen } from '../../../shared/projection/seen.ts';
import { healingPolicy, retryRule } from '../../../shared/settings/healing-policy.ts';
import { dayOf } from '../../../shared/text/time.ts';
import { changeContext, changeRequest } from '../../support/changes.ts';
import { fieldPipeline, names, TODAY } from '../../support/field-pipeline.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { FIELD_LIMITS, FIELD_PROFILE } from '../../support/profile.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable } from '../../support/stream-records.ts';

const DATE = '2026-11-21';
const MINUTE = 60_000;
const TRANSIENT = [{ class: 'ThrottlingException' }, { class: 'ConcurrentRunsExceeded' }];
const isTransient = (text: unknown) => /ThrottlingException|ConcurrentRunsExceeded/.test(String(text));
const RULE = {
  ...{ forced: false, healing: true, hours: 24 },
  ...{ environment: 'prod', policy: 'approve' },
};
const policyOf = (given: object) => healingPolicy.parse({ mode: 'apply', ...given }) as ActivePolicy;

/** A simulated pipeline, a projection that has seen its table, and what retries it. */
async function scene() {
  const field = await fieldPipeline({ seed: 3, maxFiles: 12 });
  const { aws, pipeline } = field;
  const table = streamedTable();
  const seen = nothingSeen(undefined);
  let changes = 0;
  return {
    ...field,
    /** Uploads files one by one, each of which goes into a manifest of its own that fails so. */
    async fail(files: readonly string[], fault: 'job_throttled' | 'job_failed', date = DATE) {
      for (const file of files) {
        pipeline.plant(fault, date);
        pipeline.upload(`pipeline/input/${date}/${file}`);
        await pipeline.finish();
      }
    },
    /** Shows the projection how the table stands. */
    async project() {
      const records = (await field.records()).map(({ date_prefix, file_key, ...attributes }) =>
        table.write(String(file_key), attributes, String(date_prefix)),
      );
      await consumeBatch(records, applyDeps(aws, { seen, now: pipeline.now() }), {
        s3: aws.s3,
        bucket: aws.buckets.deadLetter,
      });
    },
    retry(policy: ActivePolicy, afterMinutes: number, aboveFiles?: number) {
      const now = pipeline.now() + afterMinutes * MINUTE;
      const { tracking, projection, clock, sleep } = changeContext(aws, now);
      const storage = { s3: aws.s3, buckets: aws.buckets };
      const check = { tracking, projection, storage, profile: FIELD_PROFILE, now, limits: FIELD_LIMITS };
      return retryFailed(
        {
          ...createCheck({ ...check, graceHours: 0.25 }),
          ...{
            policy,
            approval: aboveFiles === undefined ? undefined : { ...RULE, aboveFiles },
            clock,
            sleep,
            request: changeRequest('sweep'),
            signal: new AbortController().signal,
          },
          newId: () => `retry-${++changes}`,
          plans: { s3: aws.s3, bucket: aws.buckets.deadLetter },
        },
        policy,
      );
    },
    async files() {
      const all = (await field.records()).filter(({ file_key }) => !String(file_key).startsWith('MANIFEST#'));
      return Object.fromEntries(all.map((record) => [String(record.file_key), record]));
    },
  };
}

const statusOf = (record: Record<string, unknown> | undefined) => String(record?.status).split('#')[0];

test('files that failed because of a passing fault are retried automatically and completed, and nothing else is touched', async () => {
  const { fail, project, retry, files, aws, pipeline } = await scene();
  await fail(names(9, 'throttled'), 'job_throttled');
  await fail(names(3, 'poison'), 'job_failed');
  await project();
  const before = await files();
  const transient = Object.keys(before).filter((key) => isTransient(before[key]?.error_message));
  expect(transient.length).toBeGreaterThan(2);
  expect(transient.length).toBeLessThan(9);

  expect(await retry(policyOf({ causes: ['job_stuck'] }), 31)).toEqual([]);
  expect((await retry(policyOf({ retry: TRANSIENT }), 5)).map(({ chosen }) => chosen)).toEqual([0, 0]);
  expect(await files()).toEqual(before);

  const retries = await retry(policyOf({ retry: TRANSIENT }), 31);
  const classes = new Set(transient.map((key) => failureClass(before[key]?.error_message).id));
  expect(new Set(retries.map((one) => one.class))).toEqual(classes);
  const after = await files();
  for (const key of Object.keys(before)) {
    if (transient.includes(key)) {
      expect([key, statusOf(after[key])]).toEqual([key, 'pending']);
      expect(after[key]).toMatchObject({ reset_count: 1 });
    } else expect(after[key]).toEqual(before[key]);
  }

  // Each class is one change, and an undo of it gives back exactly its files.
  const [first, second] = retries;
  const { projection } = changeContext(aws);
  expect(await readChange(projection, first?.change_id ?? '')).toMatchObject({
    state: 'done',
    origin: 'auto-retry',
    files: first?.chosen,
  });
  expect(second?.change_id).not.toBe(first?.change_id);
  await undoChange(changeContext(aws), first?.change_id ?? '', changeRequest('undoing'), { maxChanges: 10 });
  const undone = transient.filter((key) => failureClass(before[key]?.error_message).id === first?.class);
  for (const key of undone) expect((await files())[key]?.status).toBe(before[key]?.status);

  // The next upload of the date wakes the builder.
  pipeline.upload(`pipeline/input/${DATE}/one-more.ndjson`);
  await pipeline.finish();
  const ended = await files();
  const retried = transient.filter((key) => !undone.includes(key));
  for (const key of retried) expect([key, statusOf(ended[key])]).toEqual([key, 'completed']);
});

test('if too large a share of a date failed that way, none of its files is retried, while those of other dates are', async () => {
  const { fail, project, retry, files, uploadAll, pipeline } = await scene();
  const many = names(12, 'many');
  pipeline.plant('job_throttled', TODAY);
  await uploadAll(TODAY, many);
  await fail(names(3, 'few'), 'job_throttled');
  await project();
  const before = await files();
  expect(many.map((key) => statusOf(before[key]))).toEqual(many.map(() => 'failed'));
  // Words of all refusals that the simulator knows.
  const rules = [
    { class: 'exceeded', attempts: 1 },
    { class: 'ReadTimeoutError', attempts: 1 },
  ];
  const retries = await retry(policyOf({ retry: rules }), 31);
  const held = retries.filter(({ held_dates }) => held_dates.includes(TODAY));
  expect(held.map((one) => one.class)).toEqual([failureClass(before['many-1.ndjson']?.error_message).id]);
  const after = await files();
  for (const key of many) expect(after[key]).toEqual(before[key]);
  for (const key of names(3, 'few')) expect(statusOf(after[key])).toBe('pending');
});

test('a class is retried, and held where it must be, although many texts of the form of a date come before its dates', async () => {
  const { fail, project, retry, files, uploadAll, pipeline, aws } = await scene();
  const many = names(12, 'many');
  pipeline.plant('job_throttled', TODAY);
  await uploadAll(TODAY, many);
  await fail(names(3, 'few'), 'job_throttled');
  await fail(names(2, 'poison'), 'job_failed', '4711-00-01');
  await project();
  const texts = Array.from({ length: 110 }, (_, i) => `9999-00-${String(i).padStart(2, '0')}`);
  await registerDates({ docs: aws.documents, name: aws.projectionTable }, texts, new Set());
  const before = await files();
  const rules = [
    { class: 'exceeded', attempts: 1 },
    { class: 'ReadTimeoutError', attempts: 1 },
  ];
  const retries = await retry(policyOf({ retry: rules }), 31);
  expect(retries.flatMap(({ held_dates }) => held_dates)).toEqual([TODAY]);
  const after = await files();
  for (const key of names(3, 'few')) expect([key, statusOf(after[key])]).toEqual([key, 'pending']);
  for (const key of [...many, ...names(2, 'poison')]) expect(after[key]).toEqual(before[key]);
});

test('with a policy that plans, plans are saved and nothing is written to the table', async () => {
  const { fail, project, retry, files } = await scene();
  await fail(names(6), 'job_throttled');
  await project();
  const before = await files();
  const retries = await retry(policyOf({ mode: 'plan', retry: TRANSIENT }), 31);
  for (const { plan, change_id, chosen } of retries) {
    expect(chosen).toBeGreaterThan(0);
    expect(plan).toMatch(/^s3:.*\.plan\.ndjson$/);
    expect(change_id).toBeUndefined();
  }
  expect(await files()).toEqual(before);
});

test('classes that together have more files than may change without approval are not all applied: the next plan is saved', async () => {
  const { fail, project, retry, files } = await scene();
  await fail(names(9, 'throttled'), 'job_throttled');
  await project();
  const before = await files();
  const transient = Object.keys(before).filter((key) => isTransient(before[key]?.error_message));
  const classes = transient.map((key) => failureClass(before[key]?.error_message).id);
  const sizes = [...new Set(classes)].map((id) => classes.filter((each) => each === id).length);
  expect(sizes).toHaveLength(2);
  // Each class alone needs none.
  const aboveFiles = Math.max(...sizes);
  const [first, second] = await retry(policyOf({ retry: TRANSIENT }), 31, aboveFiles);
  expect(first).toMatchObject({ change_id: 'retry-1', counts: { applied: first?.chosen } });
  expect(second).toMatchObject({ needs_approval: true, plan: expect.stringMatching(/^s3:/) });
  const after = await files();
  const kept = Object.keys(before).filter(
    (key) => failureClass(before[key]?.error_message).id !== first?.class,
  );
  for (const key of kept) expect(after[key]).toEqual(before[key]);
});

test('a file is retried after a wait that doubles, as often as allowed, and never if its time is unknown', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const rule = retryRule.parse({ class: 'Throttling', attempts: 3, back_off_minutes: 30 });
  const failed = (minutesAgo: number, attributes: object = {}) => ({
    ...{ date_prefix: DATE, file_key: 'a.ndjson', status: 'failed#1' },
    failed_time: new Date(now - minutesAgo * MINUTE).toISOString(),
    ...attributes,
  });
  expect(isDue(rule, failed(29), now)).toBe(false);
  expect(isDue(rule, failed(30), now)).toBe(true);
  expect(isDue(rule, failed(59, { reset_count: 1 }), now)).toBe(false);
  expect(isDue(rule, failed(60, { reset_count: 1 }), now)).toBe(true);
  expect(isDue(rule, failed(120, { reset_count: 2 }), now)).toBe(true);
  expect(isDue(rule, failed(10_000, { reset_count: 3 }), now)).toBe(false);
  expect(isDue(rule, failed(10_000, { reset_count: 'many' }), now)).toBe(false);
  expect(isDue(rule, failed(0, { failed_time: 'lately' }), now)).toBe(false);
});

test('a rule names a class by its id or by words of its text, and the first that fits decides', () => {
  const throttled = failureClass(
    '{Error=Glue.AWSGlueException, Cause=Rate exceeded (Service: AWSGlue; Status Code: 400; Error Code: ThrottlingException; Request ID: 1; Proxy: null)}',
  );
  const one = { class: throttled.id, text: throttled.text };
  const rules = [{ class: 'path does not exist' }, { class: 'throttling' }, { class: throttled.id }].map(
    (rule) => retryRule.parse(rule),
  );
  expect(ruleFor(one, rules)?.class).toBe('throttling');
  expect(ruleFor(one, rules.slice(2))?.class).toBe(throttled.id);
  expect(ruleFor({ class: 'other', text: 'all other classes' }, rules)).toBeUndefined();
});

test('acknowledged classes and files are not retried while they are acknowledged', async () => {
  const { fail, project, retry, files, aws, pipeline } = await scene();
  await fail(names(4, 'throttled'), 'job_throttled');
  await project();
  const before = await files();
  const transient = Object.keys(before).filter((key) => isTransient(before[key]?.error_message));
  const [first = ''] = transient;
  const until = dayOf(pipeline.now() + 86_400_000);
  const say = (about: object) =>
    ask(operationDeps(aws, pipeline.now()), { operation: 'acknowledge', until, reason: 'known', ...about });
  await say({ date_prefix: DATE, file_key: first });
  const others = new Set(transient.slice(1).map((key) => failureClass(before[key]?.error_message).id));
  for (const id of others) await say({ class: id });
  await retry(policyOf({ retry: TRANSIENT }), 31);
  expect(await files()).toEqual(before);

  await retry(policyOf({ retry: TRANSIENT }), 3 * 24 * 60);
  const after = await files();
  for (const key of transient) expect([key, statusOf(after[key])]).toEqual([key, 'pending']);
});
