import { execFileSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { runByName } from '../../runbooks/run.ts';
import { completionScript } from '../../runbooks/views/completion.ts';
import type { Command } from '../../shared/cli/command.ts';
import { knownEnvironments } from '../../shared/settings/environment-files.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';
import { type Ended, ending, invocationOf, RUNBOOKS, startShell } from '../support/runbook.ts';

let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
});

async function run(...argv: string[]): Promise<Ended> {
  const { invocation, said } = invocationOf(argv, aws.environment);
  return { code: await runByName(invocation), ...said };
}

test('without a name every runbook is listed', async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const listed = [...stdout.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, name]) => name);
  expect(listed).toEqual(RUNBOOKS);
});

test('a runbook is run by its name, with its own flags and exit codes', async () => {
  const { code, stdout, stderr } = await run('stats', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ total: 0 });
  expect(stderr).toContain(aws.trackingTable);
  expect((await run('stats', '--help')).stdout).toContain('npx tsx runbooks/stats.ts [flags]');
  expect((await run('stats', '--limti', '5')).code).toBe(2);
});

test('an unknown name is refused with the list of all names', async () => {
  const { code, stdout, stderr } = await run('stat');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Received "stat", allowed: acknowledge, approve, batch-update');
});

test.each([
  [['--completion', 'fish'], '--completion: received "fish", allowed: bash, zsh.'],
  [['--env', 'local'], 'Unknown flag --env'],
])('%j without a name is refused as usage', async (argv, message) => {
  const { code, stderr } = await run(...argv);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

const LINES: readonly (readonly [line: string, expected: readonly string[]])[] = [
  ['npx tsx runbooks/fil', ['runbooks/file.ts', 'runbooks/files.ts']],
  ['npx tsx runbooks/files.ts --st', ['--status']],
  ['npx tsx runbooks/files.ts --status p', ['pending', 'processing']],
  ['npx tsx ./runbooks/reset-stuck.ts --hours 2 --status ', ['processing', 'manifested']],
  ['npx tsx runbooks/find-orphans.ts --kind not', ['not_in_manifest']],
  ['npx tsx runbooks/stats.ts --date y', ['yesterday']],
  ['npx tsx runbooks/stats.ts --env ', knownEnvironments({})],
  ['npx tsx runbooks/stats.ts --output c', ['csv']],
  ['tsx runbooks/run.ts che', ['check-consistency']],
  ['tsx runbooks/run.ts files --older', ['--older-than']],
  ['tsx runbooks/run.ts --completion ', ['bash', 'zsh']],
  // For a flag that takes any text, the shell completes file names.
  ['npx tsx runbooks/batch-update.ts --list --', []],
  ['npx cdk --', []],
];

test('bash completes runbooks, flags, environments and statuses', async () => {
  const { stdout: script } = await run('--completion', 'bash');
  for (const [line, expected] of LINES) expect([line, bashWords(script, line)]).toEqual([line, expected]);
  expect(bashWords(script, 'npx tsx runbooks/files.ts --status = f')).toEqual(['failed']);
  expect(bashWords(script, 'npx tsx runbooks/files.ts --output =')).toEqual([
    'table',
    'json',
    'ndjson',
    'csv',
  ]);
});

test('a new terminal of bash takes the script as it is printed', { tags: ['long'] }, async () => {
  const source = 'source <(node --import tsx runbooks/run.ts --completion bash) && complete -p npx tsx';
  const { code, stdout, stderr } = await ending(startShell(`bash --norc -c '${source}'`, {}));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('-F _state_manager npx');
});

test('zsh completes the same', async (context) => {
  if (!hasZsh()) context.skip('no zsh on this machine');
  const { stdout: script } = await run('--completion', 'zsh');
  for (const [line, expected] of LINES) expect([line, zshWords(script, line)]).toEqual([line, expected]);
});

test('no word of the scripts contains a character that is special to a shell', () => {
  const commands: Command[] = [];
  expect(completionScript('bash', commands, ['local'])).toContain("printf '%s\\n' table json ndjson csv");
  const words = [
    ...completionScript('zsh', commands, ['local', 'dev']).matchAll(/printf '%s\\n' (.*?) ;;/g),
  ].map(([, list]) => list);
  for (const list of words) expect(list).toMatch(/^[\w./ -]*$/);
});

/** What bash has in COMPREPLY where Tab is pressed at the end of this line. */
function bashWords(script: string, line: string): string[] {
  const words = line.split(' ');
  return shellLines('bash', [
    script,
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}`,
    '_state_manager',
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]);
}

/** The same for zsh, whose completion functions exist only while somebody types: these replace them. */
function zshWords(script: string, line: string): string[] {
  const words = line.split(' ');
  const current = words.at(-1) ?? '';
  const offered = shellLines('zsh', [
    `compdef() { :; }; _files() { :; }; compadd() { print -l -- \${(P)2}; }`,
    script,
    `words=(${words.map((word) => `'${word}'`).join(' ')}) CURRENT=${words.length}`,
    '_state_manager',
  ]);
  return offered.filter((word) => word.startsWith(current));
}

function shellLines(shell: string, lines: readonly string[]): string[] {
  const args = shell === 'zsh' ? ['-f', '-c'] : ['--norc', '-c'];
  const printed = execFileSync(shell, [...args, lines.join('\n')], { encoding: 'utf8' });
  return printed.split('\n').filter((word) => word !== '');
}

function hasZsh(): boolean {
  try {
    execFileSync('zsh', ['-f', '-c', 'true']);
    return true;
  } catch {
    return false;
  }
}
