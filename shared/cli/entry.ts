import { constants } from 'node:os';
import { isEntry, processVariables, silenceNodeVersionWarning } from '../aws/process-environment.ts';
import type { Command, FlagShape, Interrupt, Invocation } from './command.ts';
import { runCommand } from './run.ts';

/**
 * Runs a command when its file is what was started; imported, a runbook does nothing.
 *
 * @param meta `import.meta` of the command's file
 */
export async function main<S extends FlagShape>(
  meta: Pick<ImportMeta, 'url'>,
  command: Command<S>,
): Promise<void> {
  await runAsProcess(meta, (invocation) => runCommand(command, invocation));
}

/**
 * The only place that touches the process: turns what it was started with into an invocation, and the result of that
 * into the exit code.
 */
export async function runAsProcess(
  meta: Pick<ImportMeta, 'url'>,
  run: (invocation: Invocation) => Promise<number>,
): Promise<void> {
  if (isEntry(meta.url)) process.exitCode = await run(processInvocation());
}

/** This process's own arguments, variables, streams and signals. */
function processInvocation(): Invocation {
  silenceNodeVersionWarning();
  const { stdin, stdout, stderr } = process;
  return {
    argv: process.argv.slice(2),
    env: processVariables(),
    stdin,
    stdout,
    stderr,
    interrupt: onInterrupt(process),
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
// One Ctrl-C arrives twice where a launcher such as npx also passes it on.
const ECHO_MILLIS = 500;

/**
 * Listens from now on; a second Ctrl-C ends the process at once.
 *
 * @param clock in milliseconds
 */
export function onInterrupt(
  emitter: Pick<NodeJS.Process, 'on' | 'exit'>,
  clock: () => number = performance.now.bind(performance),
): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  let cameAt = 0;
  for (const name of SIGNALS) {
    emitter.on(name, () => {
      const code = 128 + constants.signals[name];
      if (exitCode !== undefined) {
        if (clock() - cameAt > ECHO_MILLIS) emitter.exit(code);
        return;
      }
      exitCode = code;
      cameAt = clock();
      controller.abort();
    });
  }
  return { signal: controller.signal, exitCode: () => exitCode };
}
