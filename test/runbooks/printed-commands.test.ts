import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readChange } from '../../shared/changes/change-table.ts';
import type { HealingReport } from '../../shared/healing/heal.ts';
import { SWEEP_REPORT } from '../../shared/orphans/sweep-report.ts';
import { saveReport } from '../../shared/reports/reports.ts';
import { scanRaw } from '../support/changes.ts';
import { openDoor } from '../support/door.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { operationDeps } from '../support/operations.ts';
import { digestShown, type Ended, runRunbook } from '../support/runbook.ts';
import { prepareRunbooks, type RunbookScene } from '../support/runbook-scenarios.ts';

const DATE = '2026-11-23';
const APPLY = ['--apply', '--yes', '--reason', 'test'];

let aws: LocalAws;
let scene: RunbookScene;

const run = (name: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  runRunbook(name, args, { ...aws.environment, ...more });

beforeAll(async () => {
  aws = await localAws();
  scene = await prepareRunbooks(aws);
}, 60_000);

/** Calls that print a next command, those that only read first. */
const CALLS: readonly (readonly [string, () => readonly string[]])[] = [
  ['find-orphans', () => ['--hours', '1', '--manifested-hours', '1', '--grace', '0']],
  ['explain', () => ['seen.ndjson', '--date', DATE, '--grace', '0']],
  ['changes', () => [scene.change, '--resume']],
  ['changes', () => [scene.change, '--close']],
  ['files', () => ['--date', DATE]],
  ['locks', () => ['--clear-expired']],
  ['rebuild', () => []],
  ['replay-dead-letters', () => []],
  ['repair', () => ['--wait', '0']],
  ['wake-builder', () => [DATE]],
  ['check-consistency', () => [DATE]],
  ['undo', () => [scene.change, '--max-changes', '1']],
  ['batch-update', () => ['--plan', scene.plan, '--max-changes', '1']],
  ['batch-update', () => ['--status', 'failed', '--new-status', 'pending', '--max-changes', '1']],
  ['batch-update', () => ['--status', 'failed', '--new-status', 'quarantined', '--max-changes', '1']],
  ['reset-stuck', () => ['--hours', '1', '--max-changes', '1']],
  ['update-state', () => ['2026-11-23-b.ndjson', '--new-status', 'quarantined']],
  ['batch-update', () => ['--status', 'failed', '--new-status', 'quarantined', ...APPLY]],
];

/** The printed command lines, each once, except those with a word for the reader to fill in. */
function commandsIn({ stdout, stderr }: Ended): string[] {
  const found = `${stdout}\n${stderr}`.match(/npx tsx runbooks\/[^\n"|`]+/g) ?? [];
  return [...new Set(found)].filter((command) => !/ (?:FILE|NAME|DATE)\b/.test(command));
}

/** The words of a command as a shell splits them. */
function wordsOf(command: string): string[] {
  const { stdout, status } = spawnSync('bash', ['-c', `printf '%s\\0' ${command}`]);
  expect(status, command).toBe(0);
  return stdout.toString().split('\0').slice(0, -1);
}

/** Settings that require approval of everything. */
const ASKED = { LOCAL_SETTINGS: JSON.stringify({ approval: { above_files: 0 } }) };

/** Saves the reports of a sweep with this result of healing. */
async function saveSweep(healing: Pick<HealingReport, 'stopped' | 'plan'>): Promise<void> {
  const projection = { docs: aws.documents, name: aws.projectionTable };
  const about = { at: '2026-11-23T06:00:00Z', inFlight: 4, affected: 1 };
  const swept = { ...about, complete: true, checked: 4, unknown: 0, totals: {} };
  await saveReport(projection, SWEEP_REPORT, swept);
  const healed = { ...about, mode: 'apply', chosen: 1, ...healing };
  await saveReport(projection, { job: 'orphan-sweep', about: 'healing' }, healed);
}

/** Calls that print how a plan is approved. */
const APPROVALS: readonly (readonly [string, () => readonly string[]])[] = [
  ['find-orphans', () => []],
  ['batch-update', () => ['--plan', scene.plan, '--first', '1', '--within', '10m']],
  ['batch-update', () => ['--plan', scene.plan, '--first', '1', '--max-plan-age', '48', ...APPLY]],
  ['approve', () => [scene.plan, '--first', '1', '--then-if', 'failed < 10%']],
];

test('a plan that waits for an approval is approved by the commands that are printed, on the same target and in its stages', async () => {
  await saveSweep({ stopped: 'needs_approval', plan: scene.plan });
  const target = ['--env', 'local', '--table', aws.trackingTable, '--projection-table', aws.projectionTable];
  const tried = new Set<string>();
  const waiting: { readonly call: string; readonly args: readonly string[] }[] = APPROVALS.map(
    ([call, args]) => ({ call, args: [...args(), ...target] }),
  );
  for (const { call, args } of waiting) {
    const said = await run(call, args, ASKED);
    // 3: here the approver is also the one who applies.
    expect([0, 3], `${call} ${args.join(' ')}: ${said.stderr}`).toContain(said.code);
    for (const command of commandsIn(said).filter((line) => /(?:\/approve\.ts|--plan) /.test(line))) {
      if (tried.has(command)) continue;
      tried.add(command);
      for (const flag of target) expect(command).toContain(flag);
      expect(command.includes('--first 1'), command).toBe(args.includes('--first'));
      const [, , script = '', ...words] = wordsOf(command);
      const given = words.includes('--apply') ? [...words, '--yes'] : words;
      waiting.push({ call: script.replace('runbooks/', '').replace('.ts', ''), args: given });
    }
  }
  expect([...tried].filter((command) => / --digest .* --apply /.test(command)).length).toBeGreaterThan(2);
  expect([...tried].some((command) => command.includes('--max-plan-age 48'))).toBe(true);
});

test('a plan of a sweep that waits for an approval is named even if the list of orphans is cut', async () => {
  await saveSweep({ stopped: 'needs_approval', plan: scene.plan });
  const limits = ['--hours', '1', '--manifested-hours', '1', '--grace', '0'];
  const { stderr } = await run('find-orphans', [...limits, '--limit', '1']);
  expect(stderr).toContain('Only the first of the orphans is shown;');
  expect(stderr).toContain('stored a plan that needs approval');
});

test('the pace of a plan is in every command that goes on with it, and a change keeps its own', async () => {
  const selection = ['--status', 'failed', '--new-status', 'quarantined'];
  const plan = join(mkdtempSync(join(tmpdir(), 'plans-')), 'plan.ndjson');
  const saved = await run('batch-update', [...selection, '--rate', '5', '--plan-out', plan], ASKED);
  const [apply, approve] = commandsIn(saved);
  expect(apply).toContain(`runbooks/batch-update.ts --plan ${plan} --rate 5 --apply`);
  expect(approve).toContain(`runbooks/approve.ts ${plan} --rate 5`);
  const shown = await run('approve', [plan, '--rate', '5'], ASKED);
  const approved = await run(
    'approve',
    [plan, '--rate', '5', '--digest', digestShown(shown), ...APPLY],
    ASKED,
  );
  expect(commandsIn(approved).join()).toContain(`runbooks/batch-update.ts --plan ${plan} --rate 5 `);

  // A lock that has expired may be removed at any time.
  const files = async () => Object.entries(await scanRaw(aws)).filter(([name]) => !name.startsWith('LOCK'));
  const before = await files();
  const door = await openDoor(String(aws.environment.AWS_ENDPOINT_URL_DYNAMODB), async ({ command, body }) =>
    command === 'UpdateItem' && body.includes(aws.trackingTable) ? 'AccessDeniedException' : undefined,
  );
  const shut = { AWS_ENDPOINT_URL_DYNAMODB: door.url };
  const slow = await run('batch-update', [...selection, '--rate', '50', ...APPLY], shut);
  await door.stop();
  const [resume = ''] = commandsIn(slow).filter((line) => line.includes('--resume'));
  expect(resume).toMatch(/runbooks\/changes\.ts \S+ --resume/);
  const { projection } = operationDeps(aws);
  expect(await readChange(projection, / (\S+) --resume/.exec(resume)?.[1] ?? '')).toMatchObject({ rate: 50 });
  expect(await files()).toEqual(before);
});

test('every command that is printed can be run as it stands', { tags: ['long'] }, async () => {
  const tried = new Set<string>();
  for (const [name, args] of CALLS) {
    const said = await run(name, args());
    expect([0, 3, 5], `${name} ${args().join(' ')}: ${said.stderr}`).toContain(said.code);
    for (const command of commandsIn(said)) {
      if (tried.has(command)) continue;
      tried.add(command);
      const [, , script = '', ...words] = wordsOf(command);
      const runbook = script.replace('runbooks/', '').replace('.ts', '');
      // There is no builder here; test/field and wake-builder.test.ts have one.
      if (runbook === 'wake-builder' && words.includes('--apply')) continue;
      const given = words.includes('--apply') && !words.includes('--yes') ? [...words, '--yes'] : words;
      const ended = await run(runbook, given);
      // 3: an earlier command of this test may have done it already.
      expect([0, 3, 5], `${command}\n${ended.stderr}`).toContain(ended.code);
      expect(ended.stderr, command).not.toContain('the limit is');
    }
  }
  expect(tried.size).toBeGreaterThan(12);
});
