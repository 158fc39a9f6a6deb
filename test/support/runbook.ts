import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How a runbook's process ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The names of all runbooks. */
export const RUNBOOKS = readdirSync(`${ROOT}/runbooks`)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

/**
 * Starts a runbook as a process of its own, as people do, with nothing but the environment that is given: no
 * profile, no credentials and no service of this machine's own.
 */
export function startRunbook(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', `runbooks/${name}.ts`, ...args], {
    cwd: ROOT,
    env: onlyWith(environment),
  });
}

/** Runs a line in a shell, in the project's folder and with the same environment. */
export function startShell(
  line: string,
  environment: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  return spawn('sh', ['-c', line], { cwd: ROOT, env: onlyWith(environment) });
}

function onlyWith(environment: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...environment,
  };
}

/** Waits for a runbook to end; its standard input is empty, and no terminal. */
export async function ending(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  child.stdin.end();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}

export function runRunbook(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  return ending(startRunbook(name, args, environment));
}
