import { userInfo } from 'node:os';
import { beforeEach, expect, test } from 'vitest';
import type { OperationDeps } from '../../shared/operations/operation.ts';
import { DATE, putRaw, rawFile, scanRaw } from '../support/changes.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ask, operationDeps } from '../support/operations.ts';
import { runRunbook } from '../support/runbook.ts';

const APPLY = ['--apply', '--yes', '--reason', 'test'];
const ME = userInfo().username;
const BEFORE = { 'a.ndjson': 'failed#1', 'untouched.ndjson': 'processing#1' };

let aws: LocalAws;
let deps: OperationDeps;

beforeEach(async () => {
  aws = await localAws();
  deps = operationDeps(aws, Date.now());
  const failed = { status: { S: 'failed#1' }, created_at: { S: `${DATE}T01:00:00Z` } };
  await putRaw(aws, [
    rawFile('a.ndjson', failed),
    rawFile('untouched.ndjson', { status: { S: 'processing#1' } }),
  ]);
});

const run = (name: string, ...args: string[]) => runRunbook(name, args, aws.environment);
const statuses = async () => {
  const records = Object.values(await scanRaw(aws));
  return Object.fromEntries(records.map(({ file_key, status }) => [file_key?.S, status?.S]));
};
const approvals = async () =>
  Object.values(await scanRaw(aws, aws.projectionTable)).filter(({ pk }) => pk?.S?.startsWith('APPROVAL'));
async function planned() {
  const request = { operation: 'plan_change', new_status: 'pending', status: 'failed', force: true };
  return (await ask(deps, request)) as unknown as { plan_id: string; digest: string };
}

test('a plan that needs no approval is not approved, and the command that applies it is printed instead', async () => {
  const { plan_id, digest } = await planned();
  const apply = `npx tsx runbooks/batch-update.ts --plan ${plan_id} --max-changes 1 --apply --reason WHY`;
  const shown = await run('approve', plan_id);
  expect(shown.code).toBe(0);
  expect(shown.stderr).toContain('The settings require no approval for this plan. Nothing was written.');
  expect(shown.stderr).toMatch(new RegExp(`To apply it: .*${apply}`));
  expect(shown.stderr).not.toContain('To approve it');
  const refused = await run('approve', plan_id, '--digest', digest, ...APPLY);
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringMatching(`To apply it: .*${apply}`)]);
  expect(await approvals()).toEqual([]);
  expect(await statuses()).toEqual(BEFORE);
});

test('a plan that was applied and undone is not approved again: its change and the undo are named', async () => {
  const { plan_id, digest } = await planned();
  expect((await run('batch-update', '--plan', plan_id, ...APPLY)).code).toBe(0);
  expect((await run('approve', plan_id)).stderr).not.toContain('undone');
  expect((await run('undo', plan_id, ...APPLY)).code).toBe(0);
  const undo = JSON.parse((await run('changes', '--json')).stdout).find(
    (change: { undoes?: string }) => change.undoes === plan_id,
  );
  const asked = { ...aws.environment, LOCAL_SETTINGS: JSON.stringify({ approval: { above_files: 0 } }) };
  const again = await runRunbook('undo', [undo.change_id], asked);
  expect(again.stderr).toContain(`The change ${undo.change_id} is an undo. Undoing it needs approval`);
  expect(again.stderr).not.toContain('--apply');
  expect((await run('undo', undo.change_id)).stderr).toContain('To undo it:');
  for (const environment of [aws.environment, asked]) {
    const shown = await runRunbook('approve', [plan_id], environment);
    expect(shown.code).toBe(0);
    expect(shown.stderr).toMatch(new RegExp(`It was applied already, at .* by ${ME}\\. It was undone at `));
    expect(shown.stderr).toContain(`by the change ${undo.change_id}.`);
    expect(shown.stderr).toMatch(new RegExp(`To see it: .*npx tsx runbooks/changes.ts ${plan_id}`));
    expect(shown.stderr).not.toMatch(/To apply|To approve/);
    const refused = await runRunbook('approve', [plan_id, '--digest', digest, ...APPLY], environment);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('It was applied already')]);
  }
  expect(await approvals()).toEqual([]);
  expect(await statuses()).toEqual(BEFORE);
});

test('a stored plan that was applied before says so when it is applied again, and nothing of what comes next', async () => {
  const { plan_id, digest } = await planned();
  const again = ['--plan', plan_id, ...APPLY];
  const first = await run('batch-update', ...again);
  expect(first.stderr).toContain('What picks up the files now:');
  expect(first.stderr).not.toContain('already');
  const second = await run('batch-update', ...again);
  expect([second.code, second.stderr]).toEqual([0, expect.stringContaining('It was applied already, at ')]);
  expect(second.stderr).toContain('Nothing was written now.');
  expect(second.stderr).toContain('To undo: ');
  expect(second.stderr).not.toContain('What picks up the files now:');
  expect((await run('undo', plan_id, ...APPLY)).code).toBe(0);

  const third = await run('batch-update', ...again);
  expect([third.code, third.stderr]).toEqual([0, expect.stringContaining('It was undone at ')]);
  const resumed = await run('changes', plan_id, '--resume', ...APPLY);
  for (const { stderr } of [third, resumed]) {
    expect(stderr).toMatch(/It was applied already, at .* It was undone at .* Nothing was written now\./);
    expect(stderr).not.toMatch(/What picks up the files|To undo: /);
  }
  const shown = await run('batch-update', '--plan', plan_id);
  expect([shown.code, shown.stderr]).toEqual([0, expect.stringContaining('It was undone at ')]);
  expect(shown.stderr).not.toMatch(/To apply it|What will pick up/);
  const apply = { operation: 'apply_plan', plan_id, digest, reason: 'test' };
  for (const request of [apply, { operation: 'resume_change', change_id: plan_id }])
    expect(await ask(deps, request)).toMatchObject({
      state: 'done',
      hint: expect.stringMatching(
        /^It was applied already, .* It was undone at .* Nothing was written now\.$/,
      ),
    });
  expect(await ask(deps, { operation: 'get_plan', plan_id })).toMatchObject({
    hint: expect.stringMatching(/^It was applied already/),
  });
  expect(await statuses()).toEqual(BEFORE);
});
