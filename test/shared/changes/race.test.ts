/** @module-tag search */
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { beforeAll, expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import type { ChangeDeps, Progress } from '../../../shared/changes/context.ts';
import { makePlan, newPlanHeader, type Plan, type PlanEntry } from '../../../shared/changes/plan.ts';
import { selectFiles } from '../../../shared/changes/selection.ts';
import { USUAL_SUFFIXES_ONLY } from '../../../shared/pipeline/status-index.ts';
import {
  auditOf,
  changeContext,
  changeRequest,
  DATE,
  putInputs,
  putRaw,
  rawFile,
  scanRaw,
  UNTOUCHED,
} from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { pointsUpTo } from '../../support/search.ts';

const FILES = process.env.EVERY_POINT ? 400 : 150;

let aws: LocalAws;
let context: ChangeDeps;
const names = Array.from({ length: FILES }, (_, i) => `raced-${i}.ndjson`);

beforeAll(async () => {
  aws = await localAws();
  context = changeContext(aws);
  await putRaw(aws, [UNTOUCHED]);
  await putInputs(aws, names);
});

const RUNS = pointsUpTo(20, 1);

test.each(RUNS)('a reset loses no file that is completed meanwhile (run %i)', async (run) => {
  await putRaw(aws, names.map(stuckFile));
  const plan = await planStuck();
  const pipeline = eachWhilePrepared(shuffled(names, run), complete);
  const options = { maxChanges: FILES, onProgress: pipeline.watch };
  const change = await applyPlan(context, plan, changeRequest(`race-${run}`), options);
  await pipeline.end();

  const { [UNTOUCHED.file_key?.S ?? '']: untouched, ...raced } = await scanRaw(aws);
  expect(untouched).toEqual(UNTOUCHED);
  expect(Object.values(raced).filter(({ status }) => !status?.S?.startsWith('completed#'))).toEqual([]);
  const results = Object.values(await auditOf(context, `race-${run}`)).map(({ result }) => result);
  const skipped = results.filter((result) => result?.kind === 'skipped');
  expect(change).toMatchObject({
    state: 'done',
    files: FILES,
    counts: { skipped: skipped.length, failed: 0 },
  });
  expect(skipped.length).toBeGreaterThan(0);
  expect(skipped.length).toBeLessThan(FILES);
  for (const result of skipped) expect(result).toMatchObject({ became: { status: 'completed' } });
});

test.for(RUNS)('a reset without conditions puts completed files back (run %i)', async (run, { annotate }) => {
  await putRaw(aws, names.map(stuckFile));
  const putBack = (name: string) => write(name, 'SET #s = :s', { ':s': `pending#${shardOf(name)}` });
  await Promise.all([
    pMap(shuffled(names, run), complete, { concurrency: 3 }),
    pMap(names, putBack, { concurrency: 3 }),
  ]);

  const raced = Object.values(await scanRaw(aws)).filter(({ completed_time }) => completed_time);
  const lost = raced.filter(({ status }) => status?.S?.startsWith('pending#')).length;
  await annotate(`${lost} of ${FILES} completed files were put back`);
  expect(lost).toBeGreaterThan(0);
});

test.each(RUNS)(
  'no file that is uploaded again meanwhile is quarantined for the one before (run %i)',
  async (run) => {
    await putRaw(aws, names.map(stuckFile));
    const plan = await planStuck('quarantined');
    const uploads = eachWhilePrepared(shuffled(names, run), (name) => putRaw(aws, [correctedFile(name)]));
    const options = { maxChanges: FILES, onProgress: uploads.watch };
    const change = await applyPlan(context, plan, changeRequest(`corrected-${run}`), options);
    await uploads.end();

    const { [UNTOUCHED.file_key?.S ?? '']: untouched, ...raced } = await scanRaw(aws);
    expect(untouched).toEqual(UNTOUCHED);
    for (const [name, record] of Object.entries(raced)) expect(record).toEqual(correctedFile(name));
    const results = Object.values(await auditOf(context, `corrected-${run}`)).map(({ result }) => result);
    const skipped = results.filter((result) => result?.kind === 'skipped');
    expect(change).toMatchObject({ state: 'done', counts: { skipped: skipped.length, failed: 0 } });
    expect(skipped.length).toBeGreaterThan(0);
    for (const result of skipped) expect(result).toMatchObject({ differs: ['created_at'] });
  },
);

/** The same status as the file before it, and no updated_at: only its creation tells it apart. */
function correctedFile(name: string) {
  return { ...stuckFile(name), created_at: { S: '2026-11-23T05:30:00.123456+00:00' } };
}

function stuckFile(name: string) {
  return rawFile(name, {
    status: { S: `manifested#${shardOf(name)}` },
    created_at: { S: '2026-11-23T01:00:00.532494+00:00' },
  });
}

async function planStuck(new_status = 'pending'): Promise<Plan> {
  const selection = { statuses: ['manifested'], suffixes: USUAL_SUFFIXES_ONLY, olderThanHours: 2 };
  const entries: PlanEntry[] = [];
  for await (const { entry } of selectFiles(context, selection, { new_status }, context.now)) {
    entries.push(entry);
  }
  expect(entries).toHaveLength(FILES);
  return makePlan(newPlanHeader({ table: aws.trackingTable }, 'race', context.now), entries);
}

/** A pipeline that writes file after file and looks at nothing; it begins when half the audit is written. */
function eachWhilePrepared(files: readonly string[], write: (name: string) => Promise<void>) {
  let writing: Promise<unknown> | undefined;
  return {
    watch({ phase, done }: Progress): void {
      if (phase === 'preparing' && done === FILES / 2) writing = pMap(files, write, { concurrency: 3 });
    },
    end: async () => writing,
  };
}

async function complete(name: string): Promise<void> {
  const values = { ':s': `completed#${shardOf(name)}`, ':t': new Date().toISOString() };
  await write(name, 'SET #s = :s, updated_at = :t, completed_time = :t', values);
}

async function write(name: string, UpdateExpression: string, values: Record<string, string>): Promise<void> {
  await aws.documents.send(
    new UpdateCommand({
      TableName: aws.trackingTable,
      Key: { date_prefix: DATE, file_key: name },
      UpdateExpression,
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: values,
    }),
  );
}

/** The same files in another order, one for each run. */
function shuffled(items: readonly string[], run: number): string[] {
  return [...items].sort((a, b) => weight(a, run) - weight(b, run));
}

function weight(name: string, run: number): number {
  return [...`${run}${name}`].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9_973, run);
}

function shardOf(name: string): number {
  return Number(name.replace(/\D/g, '')) % 10;
}
