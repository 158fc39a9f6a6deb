import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { listRunbooks, loadRunbook } from '../../runbooks/run.ts';
import type { Interrupt, Invocation } from '../../shared/cli/command.ts';
import { runCommand } from '../../shared/cli/run.ts';
import type { OutputStream } from '../../shared/cli/terminal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How a runbook ended, and its output. */
export interface Ended {
  readonly code: number | null;
  /** The signal that ended the process, if it did not end by itself. */
  readonly signal?: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The names of all runbooks. */
export const RUNBOOKS = listRunbooks().map(({ name }) => name);

/** What a test may give a runbook in addition to its arguments. */
interface Given {
  readonly stdin?: string;
  readonly interrupt?: Interrupt;
  /** Whether standard error is a terminal, where progress is drawn. */
  readonly onTerminal?: boolean;
  /** Called with each piece of standard output. */
  onOutput?(text: string): void;
  /** Whether whoever reads standard output leaves after its first piece, as `head` does. */
  readonly readerLeaves?: boolean;
}

/**
 * Runs a runbook in this process, with only the given environment; its standard input is empty and not a terminal.
 */
export async function runRunbook(
  name: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  given: Given = {},
): Promise<Ended> {
  const { invocation, said } = invocationOf(args, environment, given);
  const code = await runCommand(await loadRunbook(name), invocation);
  return { code, ...said };
}

/** The digest of the plan that `approve` has shown. */
export function digestShown({ stderr }: Pick<Ended, 'stderr'>): string {
  const [, digest] = /Digest: ([0-9a-f]{64})/.exec(stderr) ?? [];
  if (digest === undefined) throw new Error(`No digest was shown: ${stderr}`);
  return digest;
}

/** Streams for a call in this process, and what was written to them. */
export function invocationOf(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  { stdin = '', interrupt = neverInterrupted(), onTerminal = false, onOutput, readerLeaves }: Given = {},
): { readonly invocation: Invocation; readonly said: { stdout: string; stderr: string } } {
  const said = { stdout: '', stderr: '' };
  const stdout = collector((text) => {
    said.stdout += text;
    onOutput?.(text);
  }, readerLeaves);
  const stderr = Object.assign(
    collector((text) => {
      said.stderr += text;
    }),
    onTerminal ? { isTTY: true, columns: 120 } : {},
  );
  const invocation = { argv, env, stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr, interrupt };
  return { invocation, said };
}

function collector(take: (text: string) => void, isLeft = false): OutputStream {
  return new Writable({
    write(chunk, _encoding, done) {
      take(String(chunk));
      done(isLeft ? Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }) : null);
    },
  });
}

function neverInterrupted(): Interrupt {
  return { signal: new AbortController().signal, exitCode: () => undefined };
}

/** Ctrl-C at any moment that a test chooses. */
export function interruption(): { readonly interrupt: Interrupt; press(): void } {
  const controller = new AbortController();
  const { signal } = controller;
  return {
    interrupt: { signal, exitCode: () => (signal.aborted ? 130 : undefined) },
    press: () => controller.abort(),
  };
}

/**
 * Starts a runbook as a separate process, as people do, with only the given environment: without the profiles,
 * credentials and services of this machine.
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

/** Starts a program in its own process group, as a shell in a terminal does, with the same environment. */
export function startInTerminal(
  [program = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcessWithoutNullStreams {
  return spawn(program, args, { cwd: ROOT, env: onlyWith(environment), detached: true });
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

/** Waits for a process to end; its standard input is empty and not a terminal. */
export async function ending(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  }
  child.stdin.end();
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...how) => resolve(how)),
  );
  return { code, signal, ...said };
}
