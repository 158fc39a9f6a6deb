import { randomUUID } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { GetCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import { readChange } from '../../../shared/changes/change-table.ts';
import { readPlan } from '../../../shared/changes/saved-plan.ts';
import { undoChange } from '../../../shared/changes/undo.ts';
import type { HealDeps } from '../../../shared/healing/deps.ts';
import { heal, readHealingReport } from '../../../shared/healing/heal.ts';
import { type ActivePolicy, candidateFilterOf } from '../../../shared/healing/policy.ts';
import { createCheck } from '../../../shared/orphans/check-record.ts';
import { runSweep } from '../../../shared/orphans/sweep.ts';
import { readSweepReport } from '../../../shared/orphans/sweep-report.ts';
import { healingPolicy } from '../../../shared/settings/healing-policy.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { changeContext, changeRequest } from '../../support/changes.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { FIELD_LIMITS, FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-22';
const begun = Date.now();
const now = begun + 30 * HOUR;
let aws: LocalAws;

beforeEach(async () => {
  aws = await localAws();
});

/** Two missed by the updater, two whose manifest is missing, one reset too often, and healthy ones. */
async function seed(healthy = 5): Promise<void> {
  const files = fieldFiles(aws, DATE, begun);
  const job = {
    status: 'completed',
    processing_start_time: isoTime(begun),
    completed_time: isoTime(begun + 60_000),
  };
  const manifest_path = await files.manifest('done.json', ['missed-1', 'missed-2'], job);
  const gone = `s3://${aws.buckets.manifest}/manifests/gone.json`;
  await files.output();
  for (const name of ['missed-1', 'missed-2', 'unmade-1', 'unmade-2', 'tired']) await files.input(name);
  await files.record('missed-1', { status: 'manifested#3', manifest_path });
  await files.record('missed-2', { status: 'processing#1', manifest_path });
  await files.record('unmade-1', { status: 'manifested#3', manifest_path: gone });
  await files.record('unmade-2', { status: 'manifested', manifest_path: gone, reset_count: 1 });
  await files.record('tired', { status: 'manifested#2', manifest_path: gone, reset_count: 3 });
  for (let i = 0; i < healthy; i++) {
    await files.record(`healthy-${i}`, { status: 'pending#1', created_at: isoTime(now - HOUR) });
  }
}

function policyOf(given: object): ActivePolicy {
  return healingPolicy.parse({ max_share: 0.9, ...given }) as ActivePolicy;
}

interface Sweeping {
  readonly id?: string;
  between?(): Promise<unknown>;
  readonly approval?: HealDeps['approval'];
  readonly sweepReadUnits?: number;
}

async function sweepAndHeal(
  policy: ActivePolicy,
  { id = 'healing', between = async () => {}, approval, sweepReadUnits }: Sweeping = {},
) {
  const { tracking, projection, clock, sleep } = changeContext(aws, now);
  const check = {
    ...{ tracking, projection, now, limits: FIELD_LIMITS, graceHours: 0.25 },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
  };
  let units = 0;
  const signal = new AbortController().signal;
  const sweepDeps = {
    ...check,
    candidateFilter: candidateFilterOf(policy),
    ...{ pageSize: 2, mostReadUnits: Number.POSITIVE_INFINITY, readUnits: () => units++, signal },
    ...(sweepReadUnits !== undefined && { sweepReadUnits }),
  };
  const { swept } = await runSweep(sweepDeps, randomUUID());
  if (!swept) throw new Error('The sweep did not come to its end.');
  await between();
  const plans = { s3: aws.s3, bucket: aws.buckets.deadLetter };
  const request = changeRequest(id);
  const newId = () => `${id}-retry`;
  const time = { clock, sleep, signal };
  return heal({ ...createCheck(check), policy, approval, request, newId, plans, ...time }, swept);
}

test('after a sweep that was cut off nothing is changed: how many files are affected is unknown', async () => {
  await seed();
  const before = await statuses();
  const report = await sweepAndHeal(policyOf({ mode: 'apply', causes: BOTH }), { sweepReadUnits: 1 });
  expect(report).toMatchObject({ stopped: 'sweep_cut_off', chosen: 0 });
  expect(await statuses()).toEqual(before);
});

async function statuses(): Promise<Record<string, string>> {
  const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.trackingTable }));
  return Object.fromEntries(
    Items.filter(({ file_key }) => !String(file_key).startsWith('MANIFEST#')).map((item) => [
      item.file_key,
      item.status,
    ]),
  );
}

const SEEDED = {
  'missed-1': 'manifested#3',
  'missed-2': 'processing#1',
  'unmade-1': 'manifested#3',
  'unmade-2': 'manifested',
  tired: 'manifested#2',
};
const BOTH = ['updater_missed', 'manifest_missing'];

test('the chosen causes are fixed by the change that each calls for, and nothing else is touched', async () => {
  await seed();
  const before = await statuses();
  expect(before).toMatchObject(SEEDED);
  const report = await sweepAndHeal(policyOf({ mode: 'apply', causes: BOTH }));
  expect(report).toMatchObject({ mode: 'apply', inFlight: 10, affected: 5, chosen: 4 });
  expect(report?.counts).toEqual({ applied: 4, skipped: 0, failed: 0 });
  expect(await statuses()).toEqual({
    ...before,
    'missed-1': 'completed#3',
    'missed-2': 'completed#1',
    'unmade-1': 'pending#3',
    'unmade-2': 'pending',
  });
  expect(await readHealingReport(changeContext(aws).projection)).toEqual(report);
});

test('a file of unknown age is not healed, while its neighbour of a known one is', async () => {
  const files = fieldFiles(aws, DATE, begun);
  const manifest_path = `s3://${aws.buckets.manifest}/manifests/gone.json`;
  for (const name of ['dated', 'unreadable', 'future', 'undated']) await files.input(name);
  const claimed = { status: 'manifested', manifest_path };
  await files.record('dated', claimed);
  await files.record('unreadable', { ...claimed, manifest_time: 'lately' });
  await files.record('future', { ...claimed, manifest_time: isoTime(now + HOUR) });
  await files.record('undated', { ...claimed, created_at: undefined });
  const before = await statuses();
  const report = await sweepAndHeal(policyOf({ mode: 'apply', causes: BOTH }));
  expect(report?.counts).toEqual({ applied: 1, skipped: 0, failed: 0 });
  expect(await statuses()).toEqual({ ...before, dated: 'pending' });
  const swept = await readSweepReport(changeContext(aws));
  expect(swept).toMatchObject({ complete: true, ageUnknown: { count: 3 } });
  expect(swept?.ageUnknown?.files.map(({ file_key }) => file_key).sort()).toEqual([
    'future',
    'undated',
    'unreadable',
  ]);
});

test('a file that no job can read, or whose execution may still run, is never healed by a reset', async () => {
  await seed();
  const files = fieldFiles(aws, DATE, begun);
  await files.input('a b');
  const gone = `s3://${aws.buckets.manifest}/manifests/gone.json`;
  await files.record('a b', { status: 'manifested#3', manifest_path: gone });
  await files.input('hung');
  const running = { status: 'processing', processing_start_time: isoTime(begun), execution_arn: 'arn:1' };
  const manifest_path = await files.manifest('hung.json', ['hung'], running);
  await files.record('hung', { status: 'manifested#3', manifest_path });
  const report = await sweepAndHeal(policyOf({ mode: 'apply', causes: [...BOTH, 'job_stuck'] }));
  expect(report?.counts).toEqual({ applied: 4, skipped: 0, failed: 0 });
  expect(await statuses()).toMatchObject({
    'a+b': 'manifested#3',
    hung: 'manifested#3',
    'unmade-1': 'pending#3',
  });
});

test('what was healed is an audited change that can be undone', async () => {
  await seed();
  const before = await statuses();
  await sweepAndHeal(policyOf({ mode: 'apply', causes: BOTH }));
  const change = await readChange(changeContext(aws).projection, 'healing');
  expect(change).toMatchObject({ state: 'done', origin: 'auto-heal', files: 4 });
  await undoChange(changeContext(aws), 'healing', changeRequest('undoing'), { maxChanges: 10 });
  expect(await statuses()).toEqual(before);
});

test('a plan is saved where a person can apply it, and nothing is written to the table', async () => {
  await seed();
  const before = await statuses();
  const report = await sweepAndHeal(policyOf({ mode: 'plan', causes: ['updater_missed'] }));
  expect(report).toMatchObject({ mode: 'plan', chosen: 2 });
  expect(report?.changeId).toBeUndefined();
  expect(await statuses()).toEqual(before);
  const Key = report?.plan?.replace(`s3://${aws.buckets.deadLetter}/`, '') ?? '';
  const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: aws.buckets.deadLetter, Key }));
  const lines = ((await Body?.transformToString()) ?? '').trimEnd().split('\n');
  const plan = await readPlan(
    async function* () {
      yield* lines;
    },
    { target: { table: aws.trackingTable }, now },
  );
  await applyPlan(changeContext(aws, now), plan, changeRequest('by-hand'), { maxChanges: 10 });
  expect(await statuses()).toEqual({ ...before, 'missed-1': 'completed#3', 'missed-2': 'completed#1' });
});

test('a plan that needs approval is saved where people can approve and apply it, and nothing is written to the table', async () => {
  await seed();
  const before = await statuses();
  const approval = {
    ...{ aboveFiles: 3, forced: false, healing: true, hours: 24 },
    ...{ environment: 'prod', policy: 'approve' },
  };
  const policy = policyOf({ mode: 'apply', causes: BOTH });
  const held = await sweepAndHeal(policy, { approval });
  expect(held).toMatchObject({ chosen: 4, stopped: 'needs_approval', plan: expect.stringMatching(/^s3:/) });
  expect(await statuses()).toEqual(before);
  const fewer = await sweepAndHeal(policy, { approval: { ...approval, aboveFiles: 4 } });
  expect(fewer).toMatchObject({ counts: { applied: 4 } });
});

test('no more files are changed in a run than allowed; the next run continues', async () => {
  await seed();
  const policy = policyOf({ mode: 'apply', causes: BOTH, max_changes: 3 });
  expect(await sweepAndHeal(policy, { id: 'first' })).toMatchObject({ counts: { applied: 3 } });
  expect(await sweepAndHeal(policy, { id: 'second' })).toMatchObject({ counts: { applied: 1 } });
  expect(await sweepAndHeal(policy, { id: 'third' })).toMatchObject({ affected: 1, chosen: 0 });
  expect((await statuses()).tired).toBe(SEEDED.tired);
});

test('a file that has moved on after the sweep is left alone', async () => {
  await seed();
  const report = await sweepAndHeal(policyOf({ mode: 'apply', causes: BOTH }), {
    between: async () => {
      await aws.documents.send(
        new UpdateCommand({
          TableName: aws.trackingTable,
          Key: { date_prefix: DATE, file_key: 'unmade-1' },
          UpdateExpression: 'SET #status = :status, updated_at = :now',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':status': 'completed#3', ':now': isoTime(now) },
        }),
      );
    },
  });
  expect(report).toMatchObject({ chosen: 3, counts: { applied: 3 } });
  expect((await statuses())['unmade-1']).toBe('completed#3');
});

test('when an unusual share of all files in flight is affected, nothing is changed', async () => {
  await seed();
  const files = fieldFiles(aws, DATE, begun);
  for (let i = 0; i < 8; i++) {
    await files.input(`outage-${i}`);
    await files.record(`outage-${i}`, { status: 'processing#1' });
  }
  const before = await statuses();
  const policy = policyOf({ mode: 'apply', causes: ['updater_missed'], max_share: 0.5 });
  expect(await sweepAndHeal(policy)).toMatchObject({ stopped: 'unusual_share', affected: 13, inFlight: 18 });
  expect(await statuses()).toEqual(before);
  expect(await readChange(changeContext(aws).projection, 'healing')).toBeUndefined();
});

test('a handful of files is healed, however large its share', async () => {
  await seed(0);
  const report = await sweepAndHeal(policyOf({ mode: 'apply', causes: BOTH, max_share: 0.01 }));
  expect(report).toMatchObject({ inFlight: 5, affected: 5, counts: { applied: 4 } });
});

test('files that were retried as often as allowed are left alone, and do not keep others from being healed', async () => {
  await seed();
  const policy = policyOf({ mode: 'apply', causes: ['manifest_missing'], max_changes: 2 });
  expect(await sweepAndHeal(policy)).toMatchObject({ counts: { applied: 2 } });
  expect(await statuses()).toMatchObject({
    'unmade-1': 'pending#3',
    'unmade-2': 'pending',
    tired: SEEDED.tired,
  });
});

test('with a policy that only reports, nothing is written, not even a report', async () => {
  await seed();
  const before = await statuses();
  const { tracking, projection, clock, sleep } = changeContext(aws, now);
  const check = { tracking, profile: FIELD_PROFILE, now, limits: FIELD_LIMITS, graceHours: 0.25 };
  const storage = { s3: aws.s3, buckets: aws.buckets };
  const swept = {
    inFlight: 10,
    affected: 1,
    candidates: [{ date_prefix: DATE, file_key: 'missed-1' }],
  };
  const report = await heal(
    {
      ...createCheck({ ...check, storage, projection }),
      ...{ clock, sleep, approval: undefined, policy: { mode: 'report' } },
      request: changeRequest('healing'),
      newId: () => 'retry',
      plans: { s3: aws.s3, bucket: aws.buckets.deadLetter },
      signal: new AbortController().signal,
    },
    swept,
  );
  expect(report).toBeUndefined();
  expect(await statuses()).toEqual(before);
  expect(await readHealingReport(projection)).toBeUndefined();
  const { KeyCount } = await aws.s3.send(new ListObjectsV2Command({ Bucket: aws.buckets.deadLetter }));
  expect(KeyCount).toBe(0);
});

test('the record says who healed it and why', async () => {
  await seed();
  await sweepAndHeal(policyOf({ mode: 'apply', causes: ['updater_missed'] }));
  const { Item } = await aws.documents.send(
    new GetCommand({ TableName: aws.trackingTable, Key: { date_prefix: DATE, file_key: 'missed-1' } }),
  );
  expect(Object.values(Item ?? {})).toContain(changeRequest('healing').actor.identity);
});

test.each(['before the sweep', 'between the sweep and healing'])(
  'a file that is acknowledged %s is never healed, and counts for no alarm; the others are and do',
  async (when) => {
    await seed();
    const before = await statuses();
    const say = async () => {
      for (const fields of [{ file_key: 'missed-1' }, { file_key: 'missed-2', kind: 'missing_manifests' }]) {
        const about = { date_prefix: DATE, ...fields };
        const until = { until: isoTime(now).slice(0, 10), reason: 'known' };
        await ask(operationDeps(aws, now), { operation: 'acknowledge', ...about, ...until });
      }
    };
    const isBefore = when === 'before the sweep';
    if (isBefore) await say();
    await sweepAndHeal(policyOf({ mode: 'apply', causes: ['updater_missed'] }), {
      between: isBefore ? async () => {} : say,
    });
    expect(await statuses()).toEqual({ ...before, 'missed-2': 'completed#1' });
    const report = await readSweepReport(changeContext(aws));
    expect(report).toMatchObject({ acknowledged: isBefore ? 1 : 0, affected: 5 });
    expect(report?.orphans.some(({ file_key }) => file_key === 'missed-1')).toBe(!isBefore);
    const total = Object.values(report?.totals ?? {}).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(isBefore ? 4 : 5);
  },
);

test('an outage stops healing even if most of its files are acknowledged', async () => {
  await seed(1);
  const manifest_path = `s3://${aws.buckets.manifest}/manifests/gone.json`;
  const files = fieldFiles(aws, DATE, begun);
  const broken = Array.from({ length: 10 }, (_, i) => `broken-${i}`);
  for (const name of broken) await files.record(name, { status: 'manifested', manifest_path });
  for (const file_key of broken) {
    const about = { date_prefix: DATE, file_key, until: isoTime(now).slice(0, 10), reason: 'known' };
    await ask(operationDeps(aws, now), { operation: 'acknowledge', ...about });
  }
  const before = await statuses();
  const report = await sweepAndHeal(policyOf({ mode: 'apply', causes: BOTH, max_share: 0.8 }));
  expect(report).toMatchObject({ stopped: 'unusual_share', inFlight: 16, affected: 15 });
  expect(await statuses()).toEqual(before);
});
