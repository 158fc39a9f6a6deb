import type { Progress } from '../changes/context.ts';
import { Refused } from '../text/refused.ts';
import type { RunContext } from './command.ts';

/**
 * What to do about a change whose run ended with an error: the error itself need not name the change.
 *
 * @param phase the last one in which the run got on; undefined if it had not begun, and then nothing is said
 */
export function brokenOffText(
  context: Context,
  id: string,
  phase: Progress['phase'] | undefined,
  error: unknown,
): string | undefined {
  if (phase === undefined) return undefined;
  const { commandLine } = context;
  const toLook = `To see what it has done: ${commandLine('changes', [id])}`;
  if (error instanceof Refused && error.code === 'CHANGE_CLOSED') return toLook;
  const toClose = `To close it as it is: ${commandLine('changes', [id, '--close'])}`;
  if (phase === 'preparing') {
    return `An error ended change ${id} before any file was changed. To start over, run the same command.\n${toClose}`;
  }
  const toResume = `To resume it: ${resumeCommand(context, id)}`;
  return `An error ended this run of change ${id}. ${toLook}\n${toResume}\n${toClose}`;
}

/** The command that resumes a change, which knows its pace. */
export function resumeCommand({ commandLine }: Context, id: string, more: readonly string[] = []): string {
  return commandLine('changes', [id, '--resume', ...more]);
}

type Context = Pick<RunContext, 'commandLine'>;
