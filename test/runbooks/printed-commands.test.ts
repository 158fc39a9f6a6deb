import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { type Ended, runRunbook } from '../support/runbook.ts';
import { prepareRunbooks, type RunbookScene } from '../support/runbook-scenarios.ts';

const DATE = '2026-11-23';
const APPLY = ['--apply', '--yes', '--reason', 'test'];

let aws: LocalAws;
let scene: RunbookScene;

const run = (name: string, args: readonly string[]) => runRunbook(name, args, aws.environment);

beforeAll(async () => {
  aws = await localAws();
  scene = await prepareRunbooks(aws);
}, 60_000);

/** Calls that print what may be run next, the reading ones first. */
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

/** The command lines in what was said, each once; one with a word to be filled in is for its reader. */
function commandsIn({ stdout, stderr }: Ended): string[] {
  const found = `${stdout}\n${stderr}`.match(/npx tsx runbooks\/[^\n"|`]+/g) ?? [];
  return [...new Set(found)].filter((command) => !/ (?:FILE|NAME|DATE)\b/.test(command));
}

/** The words of a command as a shell takes them. */
function wordsOf(command: string): string[] {
  const { stdout, status } = spawnSync('bash', ['-c', `printf '%s\\0' ${command}`]);
  expect(status, command).toBe(0);
  return stdout.toString().split('\0').slice(0, -1);
}

test('every command that is printed can be run as it stands', async () => {
  const tried = new Set<string>();
  for (const [name, args] of CALLS) {
    const said = await run(name, args());
    expect([0, 3, 5], `${name} ${args().join(' ')}: ${said.stderr}`).toContain(said.code);
    for (const command of commandsIn(said)) {
      if (tried.has(command)) continue;
      tried.add(command);
      const [, , script = '', ...words] = wordsOf(command);
      const runbook = script.replace('runbooks/', '').replace('.ts', '');
      // The builder itself is not here; test/field and wake-builder.test.ts have it.
      if (runbook === 'wake-builder' && words.includes('--apply')) continue;
      const given = words.includes('--apply') && !words.includes('--yes') ? [...words, '--yes'] : words;
      const ended = await run(runbook, given);
      // 3: what an earlier command of this test has done already is not there to be done again.
      expect([0, 3, 5], `${command}\n${ended.stderr}`).toContain(ended.code);
      expect(ended.stderr, command).not.toContain('the limit is');
    }
  }
  expect(tried.size).toBeGreaterThan(12);
});
