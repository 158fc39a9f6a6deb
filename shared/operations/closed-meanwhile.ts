import type { Change, ChangeFile } from '../changes/change.ts';
import { requireChange } from '../changes/change-table.ts';
import type { RunOptions } from '../changes/context.ts';
import { Refused } from '../text/refused.ts';
import type { OperationDeps } from './operation.ts';

/**
 * Runs a change. If somebody closes or undoes it meanwhile, the caller still has to learn what was written until then.
 *
 * @returns the change as it ended, which may be `closed`
 * @throws Refused when it was closed before any file can have been written
 */
export async function runEvenIfClosed<O extends RunOptions>(
  deps: OperationDeps,
  id: string,
  options: O,
  run: (options: O) => Promise<Change>,
): Promise<Change> {
  let mayHaveWritten = false;
  const onFile = (file: ChangeFile) => {
    // A write that failed may have reached the table.
    mayHaveWritten ||= file.result?.kind !== 'skipped';
    options.onFile?.(file);
  };
  try {
    return await run({ ...options, onFile });
  } catch (error) {
    if (!mayHaveWritten) throw error;
    return closedChange(deps, id, error);
  }
}

/** The change that a run could not end because it was closed. @throws error where it is about anything else */
export async function closedChange(deps: OperationDeps, id: string, error: unknown): Promise<Change> {
  if (!(error instanceof Refused) || error.code !== 'CHANGE_CLOSED') throw error;
  return requireChange(deps, id);
}
