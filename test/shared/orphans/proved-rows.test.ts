import { expect, test } from 'vitest';
import { applyPlan } from '../../../shared/changes/apply.ts';
import { keepProof, proofOf } from '../../../shared/data-proof/kept-proof.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { auditOf, changeContext, changeRequest, planOf, scanRaw } from '../../support/changes.ts';
import { sweepOf } from '../../support/completed-sweep.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { inShort, orphanSearch, searchAll, verdictsOf } from '../../support/orphan-search.ts';
import { verifiedDate } from '../../support/verified-date.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';

/** A date whose rows are kept as the nightly audit keeps them. */
async function scene(options: { readonly lineShare?: number } = {}) {
  const given = await verifiedDate();
  const { aws, now, verify } = given;
  const deps = operationDeps(aws, now + HOUR);
  return {
    ...given,
    deps,
    later: now + HOUR,
    async prove(at = now) {
      const { given, state, findings } = await verify(options);
      await keepProof(deps.projection, { ...proofOf(given, state), at }, findings, 2_000_000_000);
    },
    explain: (file_key: string) => ask(deps, { operation: 'explain_file', date_prefix: DATE, file_key }),
    set: (file_key: string, new_status: string) =>
      ask(deps, { operation: 'update_state', date_prefix: DATE, file_key, new_status, reason: 'test' }),
  };
}

test('a file whose rows are missing beside those of others is found though the date was verified before, and reset without force', async () => {
  const { aws, completed, explain, input, job, later, prove, set } = await scene();
  for (const name of ['lost.ndjson', 'well.ndjson']) {
    await input(name, 2);
    await completed(name);
  }
  await job([['well.ndjson', 2]]);
  expect((await sweepOf(aws, later)).told).toEqual({});
  expect((await set('lost.ndjson', 'pending')).error.code).toBe('FORCE_NEEDED');
  await prove();
  for (let sweeps = 0; sweeps < 2; sweeps++) {
    expect((await sweepOf(aws, later)).told).toEqual({ 'lost.ndjson': 'missing_outputs no_rows reset' });
  }
  const explained = await explain('lost.ndjson');
  expect(explained).toMatchObject({ recommended_change: 'reset', needs_force: false });
  expect(explained.next_request).not.toHaveProperty('force');
  expect(explained.evidence).toContainEqual(expect.objectContaining({ about: 'rows', found: 'no' }));
  expect((await explain('well.ndjson')).verdict).toMatch(/its rows are in the output/i);
  expect((await set('well.ndjson', 'pending')).error.code).toBe('FORCE_NEEDED');
  const { file_key, ...request } = explained.next_request as { file_key: string };
  expect(await ask(operationDeps(aws, later), { ...request, file_key, dry_run: false })).toMatchObject({
    updated_item: { status: 'pending' },
  });
  expect((await sweepOf(aws, later)).told).toEqual({});
});

test('a plan to reset a lost file leaves it out if its rows were found meanwhile, or if its proof has become too old', async () => {
  const { aws, completed, input, job, later, prove, now } = await scene();
  for (const name of ['found.ndjson', 'lost.ndjson', 'old.ndjson', 'well.ndjson']) {
    await input(name, 2);
    await completed(name);
  }
  await job([['well.ndjson', 2]]);
  await prove();
  const context = changeContext(aws, later);
  const planReset = (...names: string[]) => {
    const key = { date_prefix: DATE, new_status: 'pending', force: false };
    return planOf(
      context,
      names.map((file_key) => ({ ...key, file_key })),
    );
  };
  const [plan, plannedOld] = [
    await planReset('found.ndjson', 'lost.ndjson'),
    await planReset('old.ndjson'),
  ] as const;
  await job([['found.ndjson', 2]]);
  await prove(now + 1_000);
  const before = await scanRaw(aws);
  await applyPlan(context, plan, changeRequest('kept'), { maxChanges: 2, isKept: true });
  const muchLater = changeContext(aws, later + 48 * HOUR);
  await applyPlan(muchLater, plannedOld, changeRequest('old'), { maxChanges: 2, isKept: true });

  const obstacle = (sentence: string) => ({
    result: {
      kind: 'skipped',
      leftOut: { code: 'ROWS_IN_OUTPUT', sentence: expect.stringContaining(sentence) },
    },
  });
  expect(await auditOf(context, 'kept')).toMatchObject({
    'found.ndjson': obstacle('its rows are in the output'),
    'lost.ndjson': { result: { kind: 'applied' } },
  });
  expect(await auditOf(context, 'old')).toMatchObject({
    'old.ndjson': obstacle('no verification of the last two days proves'),
  });
  const { 'lost.ndjson': lost, ...others } = await scanRaw(aws);
  expect(lost).toMatchObject({ status: { S: 'pending#3' } });
  const { 'lost.ndjson': _, ...untouched } = before;
  expect(others).toEqual(untouched);
});

test('a lost file whose input is gone is not reset without force', async () => {
  const { completed, explain, job, prove, set } = await scene();
  await completed('lost.ndjson');
  await completed('well.ndjson');
  await job([['well.ndjson', 2]]);
  await prove();
  expect(await explain('lost.ndjson')).toMatchObject({ kind: 'missing_outputs', recommended_change: 'fail' });
  expect((await set('lost.ndjson', 'pending')).error.code).toBe('INPUT_GONE');
});

test('files whose rows are there are no orphans; those in flight with as many rows as lines should be advanced, and failed ones are left alone', async () => {
  const { aws, completed, explain, files, input, job, later, prove, now } = await scene({ lineShare: 1 });
  const manifest_path = await files.manifest('m1.json', ['another.ndjson'], {
    status: 'completed',
    completed_time: isoTime(now - HOUR),
  });
  const names = ['unlisted.ndjson', 'stuck.ndjson', 'failed.ndjson', 'again.ndjson'];
  for (const name of names) await input(name, 2);
  await completed('unlisted.ndjson', { manifest_path });
  const created_at = isoTime(Date.now() + 1_000);
  await files.record('stuck.ndjson', { status: 'processing', manifest_path, created_at });
  await files.record('failed.ndjson', { status: 'failed', created_at });
  // Its input is newer than its record.
  await files.record('again.ndjson', { status: 'processing', manifest_path });
  await job(names.map((name) => [name, 2] as const));
  const far = later + 24 * HOUR;
  const told = async () => inShort(verdictsOf(await searchAll(orphanSearch(aws, far))));
  expect(await told()).toMatchObject({
    'unlisted.ndjson': 'not_in_manifest manifest_overwritten reset',
    'stuck.ndjson': 'stuck_in_processing manifest_overwritten reset',
  });
  await completed('unlisted.ndjson', { manifest_path, created_at });
  await prove();
  expect(await told()).toEqual({
    'stuck.ndjson': 'stuck_in_processing rows_in_output advance',
    'again.ndjson': 'stuck_in_processing manifest_overwritten reset',
  });
  const failed = await explain('failed.ndjson');
  expect(failed).toMatchObject({ recommended_change: 'none' });
  expect(failed.verdict).toContain('a reset would double them; nothing is missing');
});

test('a file with rows whose lines were not counted is neither advanced nor reset, unless it was uploaded again', async () => {
  const { explain, files, input, job, prove, set } = await scene();
  const created_at = isoTime(Date.now() + 1_000);
  for (const name of ['failed.ndjson', 'again.ndjson', 'well.ndjson']) await input(name, 2);
  await files.record('failed.ndjson', { status: 'failed', created_at });
  // Its input is newer than its record.
  await files.record('again.ndjson', { status: 'failed' });
  await files.record('well.ndjson', { status: 'failed', created_at });
  await job([
    ['failed.ndjson', 1],
    ['again.ndjson', 1],
  ]);
  await prove();
  const told = await explain('failed.ndjson');
  expect(told.recommended_change).toBe('none');
  expect(told.verdict).toContain(`runbooks/verify-data.ts failed.ndjson --date ${DATE}\` counts its lines`);
  expect((await set('failed.ndjson', 'pending')).error.code).toBe('ROWS_IN_OUTPUT');
  for (const name of ['again.ndjson', 'well.ndjson'])
    expect(await set(name, 'pending')).not.toHaveProperty('error');
});

test('a proof that is older than two days resets no completed file without force', async () => {
  const { completed, explain, input, job, prove, set, now } = await scene();
  for (const name of ['lost.ndjson', 'well.ndjson']) {
    await input(name, 2);
    await completed(name);
  }
  await job([['well.ndjson', 2]]);
  await prove(now - 48 * HOUR);
  const told = await explain('lost.ndjson');
  expect(told).toMatchObject({ cause: 'no_rows', recommended_change: 'none' });
  expect(told.verdict).toContain(`run \`npx tsx runbooks/verify-data.ts ${DATE} --keep\``);
  expect((await set('lost.ndjson', 'pending')).error.code).toBe('FORCE_NEEDED');
});

test('the rows decide nothing if a whole date has none, or if the record has changed since', async () => {
  const { aws, completed, explain, files, input, job, later, prove, set, now } = await scene();
  await input('lost.ndjson', 2);
  await completed('lost.ndjson');
  await files.outputAt(`merged-parquet-${DATE}/_SUCCESS`);
  await prove();
  expect((await sweepOf(aws, later)).told).not.toHaveProperty('lost.ndjson', 'missing_outputs no_rows reset');
  expect((await set('lost.ndjson', 'pending')).error.code).toBe('FORCE_NEEDED');
  await completed('well.ndjson');
  await job([['well.ndjson', 1]]);
  await prove();
  expect(await explain('lost.ndjson')).toMatchObject({ cause: 'no_rows' });
  await completed('lost.ndjson', { updated_at: isoTime(now - 60_000) });
  expect((await explain('lost.ndjson')).cause).not.toBe('no_rows');
  expect((await set('lost.ndjson', 'pending')).error.code).toBe('FORCE_NEEDED');
});
