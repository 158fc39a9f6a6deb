import { EXIT, type ExitCode } from '../text/refused.ts';
import type { Command, FlagShape } from './command.ts';
import { readCommandLine } from './command-line.ts';
import { expectedFailure } from './failure.ts';
import { onInterrupt } from './interrupt.ts';
import { enterTarget, type Surroundings, startContext } from './run-context.ts';
import { sinkOf } from './sink.ts';
import type { Target } from './target.ts';

const HELP_WIDTH = 100;

/**
 * Makes a process of a runbook: reads the command line, names the target, runs, and ends with the exit code.
 * It never rejects.
 */
export async function runCommand<S extends FlagShape>(command: Command<S>): Promise<void> {
  const surroundings = enterProcess();
  const { sink, interrupt } = surroundings;
  const code = await perform(command, surroundings);
  await sink.flush();
  process.exitCode = interrupt.exitCode() ?? (tellFault(surroundings) ? EXIT.failed : code);
}

/** What could not be written out is not shown; what was done is done. */
function tellFault({ sink, note }: Surroundings): boolean {
  const fault = sink.fault();
  if (!fault) return false;
  note(
    `The output could not be written: ${fault.message}.\nMake room or write it elsewhere; what was changed is listed by runbooks/changes.ts.`,
  );
  return true;
}

function enterProcess(): Surroundings {
  // When nobody reads standard error, there is nobody left to tell.
  process.stderr.on('error', () => undefined);
  const sink = sinkOf(process.stdout);
  const note = (text: string) => {
    sink.handOn();
    process.stderr.write(`${text}\n`);
  };
  return { sink, interrupt: onInterrupt(process, note), note };
}

async function perform<S extends FlagShape>(
  command: Command<S>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  let target: Target | undefined;
  try {
    const width = process.stdout.columns ?? HELP_WIDTH;
    const line = await readCommandLine(command, process.argv.slice(2), width);
    if (line.help !== undefined) {
      await surroundings.sink.write(`${line.help}\n`);
      return EXIT.done;
    }
    target = enterTarget(line.common);
    const context = await startContext(command.name, line.flags, line.common, target, surroundings);
    return (await command.run(context)) ?? EXIT.done;
  } catch (error) {
    if (surroundings.interrupt.signal.aborted && isAbort(error)) return EXIT.interrupted;
    return report(error, target, surroundings.note);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The one place where errors end: what users can mend as a message, a bug of ours with its stack. */
function report(error: unknown, target: Target | undefined, note: (text: string) => void): ExitCode {
  const failure = expectedFailure(error, target);
  if (failure) {
    note(`${failure.message}\n${failure.commandHint}`);
    return failure.exitCode;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  note(`This is a fault of the runbook; please report it with these lines.\n${stack}`);
  return EXIT.failed;
}
