import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApprovalRule } from '../../shared/changes/approval-rule.ts';
import { putApproval } from '../../shared/changes/approval-table.ts';
import type { OperationDeps } from '../../shared/operations/operation.ts';
import { SWEEP_REPORT } from '../../shared/orphans/sweep-report.ts';
import { saveReport } from '../../shared/reports/reports.ts';
import { isoTime } from '../../shared/text/time.ts';
import { DATE, putRaw, rawFile, scanRaw } from '../support/changes.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { ask, operationDeps } from '../support/operations.ts';
import { digestShown, runRunbook } from '../support/runbook.ts';
import { settingsFolder } from '../support/settings-folder.ts';

const RULE: ApprovalRule = {
  ...{ aboveFiles: 1, forced: false, healing: true, hours: 24 },
  ...{ environment: 'local', policy: 'functions-approve-local' },
};
const APPLY = ['--apply', '--yes', '--reason', 'test'];
const UNTOUCHED = rawFile('untouched.ndjson', { status: { S: 'processing#1' } });
const NAMES = ['a.ndjson', 'b.ndjson'];
const ME = userInfo().username;

let aws: LocalAws;
let deps: OperationDeps;
/** The variables of a shell whose settings require approval for more than one file. */
let asked: Readonly<Record<string, string>>;

beforeEach(async () => {
  aws = await localAws();
  deps = { ...operationDeps(aws, Date.now()), approval: RULE };
  asked = { ...aws.environment, LOCAL_SETTINGS: JSON.stringify({ approval: { above_files: 1 } }) };
  const failed = { status: { S: 'failed#1' }, created_at: { S: `${DATE}T01:00:00Z` } };
  await putRaw(aws, [...NAMES.map((name) => rawFile(name, failed)), UNTOUCHED]);
});

afterEach(() => vi.unstubAllEnvs());

const run = (name: string, ...args: string[]) => runRunbook(name, args, asked);
const statuses = async () => {
  const records = Object.values(await scanRaw(aws));
  return Object.fromEntries(records.map(({ file_key, status }) => [file_key?.S, status?.S]));
};
const BEFORE = { 'a.ndjson': 'failed#1', 'b.ndjson': 'failed#1', 'untouched.ndjson': 'processing#1' };
const AFTER = { ...BEFORE, 'a.ndjson': 'quarantined#1', 'b.ndjson': 'quarantined#1' };
const SELECTION = ['--status', 'failed', '--new-status', 'quarantined'];

test('a saved plan says that it needs approval, and by which command; without one it is not applied', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plan.ndjson');
  const command = `npx tsx runbooks/approve.ts ${path} --env local\n`;
  const saved = await run('batch-update', ...SELECTION, '--plan-out', path);
  expect(saved.code).toBe(0);
  expect(saved.stderr).toContain('It needs approval first, since it changes 2 files');
  expect(saved.stderr).toContain(command);
  const refused = await run('batch-update', '--plan', path, ...APPLY);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(command);
  const direct = await run('batch-update', ...SELECTION, ...APPLY);
  expect(direct.code).toBe(3);
  expect(direct.stderr).toContain('Make a plan that can be approved');
  expect(await statuses()).toEqual(BEFORE);
});

test('whoever applies a plan cannot approve it; once somebody else does, it is applied, and the audit names both', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plan.ndjson');
  await run('batch-update', ...SELECTION, '--plan-out', path);
  const shown = await run('approve', path, '--env', 'local');
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('b.ndjson');
  const digest = digestShown(shown);
  expect(shown.stderr).toContain(
    `runbooks/approve.ts ${path} --env local --digest ${digest} --apply --reason WHY`,
  );
  const approved = await run('approve', path, '--digest', digest, ...APPLY);
  expect(approved.code).toBe(0);
  expect(approved.stderr).toContain(
    `runbooks/batch-update.ts --plan ${path} --max-changes 2 --apply --reason WHY`,
  );
  const own = await run('batch-update', '--plan', path, ...APPLY);
  expect(own.code).toBe(3);
  expect(own.stderr).toContain(`The approval by ${ME} does not count: whoever applies it cannot approve it.`);
  expect(await statuses()).toEqual(BEFORE);
  const approver = { identity: 'arn:aws:iam::123456789012:user/bob', source: 'sts', user_id: 'AIDABOB' };
  const about = { digest, files: 2, table: aws.trackingTable, at: new Date().toISOString() };
  await putApproval(deps.projection, { ...about, approver, reason: 'seen' });
  expect((await run('approve', path)).stderr).toContain('Approved by arn:aws:iam::123456789012:user/bob at');
  expect((await run('batch-update', '--plan', path, ...APPLY)).code).toBe(0);
  expect(await statuses()).toEqual(AFTER);
  const [{ actor, approved_by }] = JSON.parse((await run('changes', '--json')).stdout);
  expect([actor.identity, approved_by]).toEqual([ME, [{ ...approver, at: about.at, reason: 'seen' }]]);
});

/** A plan as `plan_change` makes it. */
async function planned(by = deps) {
  const request = { operation: 'plan_change', new_status: 'quarantined', status: 'failed' };
  return (await ask(by, request)) as unknown as { plan_id: string; digest: string };
}

test('a plan that an operation made is approved by its id, and applied by that operation', async () => {
  const plan = await planned();
  expect(plan).toMatchObject({
    approval: { needed_since: 'it changes 2 files, and more than 1 need approval', approved_by: [] },
    hint: expect.stringContaining(`npx tsx runbooks/approve.ts ${plan.plan_id} --env local`),
  });
  const { plan_id, digest } = plan;
  const apply = { operation: 'apply_plan', plan_id, digest, reason: 'test' };
  expect(await ask(deps, apply)).toMatchObject({ statusCode: 409, error: { code: 'NOT_APPROVED' } });
  expect(await statuses()).toEqual(BEFORE);
  expect((await run('approve', plan_id, '--digest', digest, ...APPLY)).code).toBe(0);
  expect(await ask(deps, { operation: 'get_plan', plan_id })).toMatchObject({
    approval: { approved_by: [{ identity: ME, reason: 'test' }] },
  });
  expect(await ask(deps, apply)).toMatchObject({
    ...{ state: 'done', planned_by: deps.actor, approved_by: [{ identity: ME, user_id: ME }] },
  });
  expect(await statuses()).toEqual(AFTER);
});

test('a stored plan is shown and applied by a runbook, under its own id and once', async () => {
  const { plan_id } = await planned();
  const usual = (...args: string[]) => runRunbook('batch-update', args, aws.environment);
  const shown = await usual('--plan', plan_id);
  expect(shown.stdout).toContain('a.ndjson');
  expect(shown.stderr).toContain(`runbooks/batch-update.ts --plan ${plan_id} --apply --reason WHY`);
  expect(await statuses()).toEqual(BEFORE);
  const applied = await usual('--plan', plan_id, ...APPLY);
  expect([applied.code, applied.stderr]).toEqual([
    0,
    expect.stringContaining(`Change ${plan_id}: 2 applied`),
  ]);
  expect((await usual('--plan', plan_id, ...APPLY)).code).toBe(0);
  expect(await statuses()).toEqual(AFTER);
  expect(JSON.parse((await run('changes', '--json')).stdout)).toHaveLength(1);
});

test('a stored plan is not applied by a runbook while the state machine is applying it', async () => {
  const { plan_id, digest } = await planned();
  const service = { ...deps, approval: undefined, goOn: async () => undefined };
  const apply = { operation: 'apply_plan', plan_id, digest, reason: 'test', stages: { first: 1 } };
  expect(await ask(service, apply)).toMatchObject({ state: 'applying' });
  const before = await statuses();
  const beside = await runRunbook('batch-update', ['--plan', plan_id, ...APPLY], aws.environment);
  expect([beside.code, beside.stderr]).toEqual([1, expect.stringContaining('continues by itself')]);
  expect(await statuses()).toEqual(before);
});

test('whoever planned it cannot approve it, an unknown plan is refused, and neither writes anything', async () => {
  const { plan_id, digest } = await planned({
    ...deps,
    actor: { identity: ME, source: 'operating system' },
  });
  const own = await run('approve', plan_id, '--digest', digest, ...APPLY);
  expect([own.code, own.stderr]).toEqual([3, expect.stringContaining('Whoever planned a change cannot')]);
  expect((await run('approve', `${plan_id}x`, '--digest', digest, ...APPLY)).code).toBe(1);
  expect((await run('approve')).code).toBe(2);
  expect(await approvals()).toEqual([]);
});

const approvals = async () =>
  Object.values(await scanRaw(aws, aws.projectionTable)).filter(({ pk }) => pk?.S?.startsWith('APPROVAL'));

test('only the plan that was reviewed is approved: without its digest, or with another one, nothing is', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plan.ndjson');
  await run('batch-update', ...SELECTION, '--plan-out', path);
  const seen = digestShown(await run('approve', path));
  rmSync(path);
  await run('batch-update', '--status', 'processing', '--new-status', 'failed', '--plan-out', path);
  const digest = digestShown(await run('approve', path));
  const look = `npx tsx runbooks/approve.ts ${path} --env local`;
  for (const flags of [APPLY, []]) {
    const swapped = await run('approve', path, '--env', 'local', '--digest', seen, ...flags);
    expect([swapped.code, swapped.stdout]).toEqual([3, '']);
    expect(swapped.stderr).toContain(`--digest: received ${seen}, allowed: ${digest}`);
    expect(swapped.stderr).toContain(look);
  }
  const blind = await run('approve', path, '--env', 'local', ...APPLY);
  expect([blind.code, blind.stderr]).toEqual([2, expect.stringContaining('without --digest')]);
  expect(blind.stderr).toContain(look);
  expect((await run('approve', path, '--digest', 'x', ...APPLY)).code).toBe(2);
  expect(await approvals()).toEqual([]);
  expect(await statuses()).toEqual(BEFORE);
});

test('find-orphans shows the plan of a sweep until somebody has applied it', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plan.ndjson');
  await run('batch-update', ...SELECTION, '--plan-out', path);
  const about = { at: isoTime(Date.now()), inFlight: 2, affected: 2 };
  const swept = { ...about, complete: true, checked: 2, unknown: 0, totals: {} };
  await saveReport(deps.projection, SWEEP_REPORT, swept);
  const healed = { ...about, mode: 'apply', chosen: 2, stopped: 'needs_approval', plan: path };
  await saveReport(deps.projection, { job: 'orphan-sweep', about: 'healing' }, healed);
  await putRaw(aws, [rawFile('other.ndjson', { status: { S: 'processing#1' } })]);
  const other = ['other.ndjson', '--date', DATE, '--new-status', 'failed', ...APPLY];
  expect((await runRunbook('update-state', other, aws.environment)).code).toBe(0);
  expect((await run('find-orphans')).stderr).toContain('stored a plan that needs approval');
  expect((await runRunbook('batch-update', ['--plan', path, ...APPLY], aws.environment)).code).toBe(0);
  expect((await run('find-orphans')).stderr).not.toContain('stored a plan');
  expect(await statuses()).toEqual({ ...AFTER, 'other.ndjson': 'failed#1' });
});

test('the stages and the target of a plan are in every command from its planning to its applying', async () => {
  asked = { ...asked, STATE_MANAGER_PORT: '9999' };
  const path = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plan.ndjson');
  const stages = ['--first', '1', '--then-if', 'failed < 10%', '--within', '1h'];
  const staged = "--first 1 --then-if 'failed < 10%' --within 3600s";
  const aim = `--table ${aws.trackingTable} --projection-table ${aws.projectionTable}`;
  const target = ['--env', 'local', ...aim.split(' ')];
  const look = `STATE_MANAGER_PORT=9999 npx tsx runbooks/approve.ts ${path} ${staged} --env local ${aim}\n`;
  const saved = await run('batch-update', ...SELECTION, '--plan-out', path, ...stages, ...target);
  expect(saved.stderr).toContain(look);
  for (const flags of [[], APPLY]) {
    const again = await run('batch-update', '--plan', path, ...stages, ...target, ...flags);
    expect(again.stderr).toContain(look);
  }
  const shown = await run('approve', path, ...stages, ...target);
  const digest = digestShown(shown);
  const approved = await run('approve', path, ...stages, ...target, '--digest', digest, ...APPLY);
  expect(approved.stderr).toContain(
    `STATE_MANAGER_PORT=9999 npx tsx runbooks/batch-update.ts --plan ${path} ${staged} --max-changes 2 --apply --reason WHY --env local ${aim}\n`,
  );
});

test('the profile of who runs a command is in no command for somebody else', async () => {
  const { AWS_ACCESS_KEY_ID = '', ENVIRONMENT: _, ...shell } = aws.environment;
  const folder = mkdtempSync(join(tmpdir(), 'profiles-'));
  const credentials = `aws_access_key_id = ${AWS_ACCESS_KEY_ID}\naws_secret_access_key = local\n`;
  writeFileSync(join(folder, 'credentials'), ['[ops]', credentials, '[bob]', credentials].join('\n'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
  const settings = settingsFolder({ 'settings.stage.json': { approval: { above_files: 1 } } });
  const called = async (name: string, ...args: string[]) =>
    runRunbook(name, [...args, '--env', 'stage'], { ...shell, ...settings });
  const path = join(folder, 'plan.ndjson');
  const saved = await called('batch-update', ...SELECTION, '--plan-out', path, '--profile', 'ops');
  expect(saved.stderr).toMatch(new RegExp(`To apply it: .*--plan ${path} .*--env stage --profile ops\n`));
  expect(saved.stderr).toMatch(new RegExp(`To review and approve it: .*approve.ts ${path} --env stage\n`));
  const refused = await called('batch-update', '--plan', path, '--profile', 'ops', ...APPLY);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toMatch(new RegExp(`approve.ts ${path} --env stage\n`));

  const digest = digestShown(await called('approve', path, '--profile', 'bob'));
  const approved = await called('approve', path, '--digest', digest, '--profile', 'bob', ...APPLY);
  expect(approved.stderr).toMatch(/Somebody else must apply it: .* --reason WHY --env stage\n/);
  expect(await statuses()).toEqual(BEFORE);
});
