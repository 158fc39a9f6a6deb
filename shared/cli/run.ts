import { EXIT, type ExitCode } from '../text/refused.ts';
import { printable, visibleText } from '../text/visible-text.ts';
import type { Command, FlagShape, Invocation } from './command.ts';
import { parseCommandLine } from './command-line.ts';
import { expectedFailure } from './failure.ts';
import { commonFlags } from './flags.ts';
import { type Channels, type Sink, sinkOf } from './output.ts';
import { environmentsIn, findTarget, type Target } from './target.ts';
import type { OutputStream } from './terminal.ts';

const HELP_WIDTH = 100;
const STOPPING = 'Stopping after work in progress… press Ctrl-C again to quit now.';

/**
 * Runs a command as it was called: reads the command line, names the target, runs.
 *
 * @returns the exit code; it never rejects
 */
export async function runCommand<S extends FlagShape>(
  command: Command<S>,
  invocation: Invocation,
): Promise<number> {
  const { stdout, stderr, interrupt } = invocation;
  // When nobody reads standard error, there is nobody left to inform.
  stderr.on('error', () => undefined);
  const sink = sinkOf(stdout);
  const note = (text: string) => {
    sink.handOn();
    stderr.write(`${printable(text, hasColors(stderr))}\n`);
  };
  interrupt.signal.addEventListener('abort', () => note(STOPPING), { once: true });
  const code = await perform(command, invocation, { sink, note });
  await sink.flush();
  return interrupt.exitCode() ?? (tellFault(sink, note) ? EXIT.failed : code);
}

function hasColors(stream: OutputStream): boolean {
  return stream.isTTY === true && stream.hasColors?.() === true;
}

async function perform<S extends FlagShape>(
  command: Command<S>,
  invocation: Invocation,
  channels: Channels,
): Promise<ExitCode> {
  let target: Target | undefined;
  try {
    const script = `npx tsx runbooks/${command.name}.ts`;
    const spec = { ...command, script, common: commonFlags(environmentsIn(invocation.env)) };
    const line = await parseCommandLine(spec, invocation.argv, invocation.stdout.columns ?? HELP_WIDTH);
    if (line.help !== undefined) {
      await channels.sink.write(`${line.help}\n`);
      return EXIT.done;
    }
    const place = findTarget(line.common, invocation.env);
    target = place.target;
    // Help and usage errors come without what follows, which loads the SDK.
    const { startContext } = await import('./context.ts');
    const context = await startContext(command, line, place, invocation, channels);
    return (await command.run(context)) ?? EXIT.done;
  } catch (error) {
    if (invocation.interrupt.signal.aborted && isAbort(error)) return EXIT.interrupted;
    return report(error, target, channels.note);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The one place where errors end: what users can fix as a message, a bug of ours with its stack. */
function report(error: unknown, target: Target | undefined, note: Channels['note']): ExitCode {
  const failure = expectedFailure(error, target);
  if (failure) {
    // A message about a command line may take several lines; one about a record takes one, whatever its name contains.
    const message = failure.code === 'USAGE' ? failure.message : visibleText(failure.message);
    note(`${message}\n${failure.commandHint}`);
    return failure.exitCode;
  }
  const stack = error instanceof Error ? error.stack : String(error);
  note(`This is a bug. Please report it with the following output.\n${stack}`);
  return EXIT.failed;
}

/** What could not be printed is not shown; what was done is done. */
function tellFault(sink: Sink, note: Channels['note']): boolean {
  const fault = sink.fault();
  if (!fault) return false;
  note(
    `The output could not be written: ${fault.message}.\nFree some space or write it elsewhere. runbooks/changes.ts lists what was changed.`,
  );
  return true;
}
