import { withBackoff } from './backoff.ts';
import type { Change, ChangeFile } from './change.ts';
import { putChangeFile } from './change-file-table.ts';
import { moveChange } from './change-table.ts';
import type { ChangeContext, RunOptions } from './context.ts';
import { eachPaced } from './paced.ts';
import { ChangeRefused } from './refused.ts';

/** Where the files of a change come from. */
export interface Source<T> {
  items(): Iterable<T> | AsyncIterable<T>;
  /** Decides about one of them, from its record as it stands; undefined leaves it out. */
  decide(item: T, change: Change): Promise<ChangeFile | undefined>;
}

/**
 * Writes the audit of every file of a change, what it is and what it shall become, before any is touched. An
 * audit that is there already stands: the run before may have acted on it.
 *
 * @returns the change, ready to be applied; undefined when the run was ended before all was prepared
 * @throws ChangeRefused when the source says two different things about one file
 */
export async function prepareFiles<T>(
  context: ChangeContext,
  change: Change,
  source: Source<T>,
  options: RunOptions,
): Promise<Change | undefined> {
  const { signal, onProgress } = options;
  const isOver = () => signal?.aborted ?? false;
  const prepare = (item: T) =>
    withBackoff(() => prepareFile(context, change, item, source), { ...context, signal });
  let done = 0;
  for await (const _ of eachPaced(source.items(), prepare, context, options, isOver)) {
    done += 1;
    onProgress?.({ phase: 'preparing', done, total: change.files });
  }
  if (isOver()) return undefined;
  return moveChange(context.projection, change.id, { from: ['preparing'], state: 'applying' });
}

async function prepareFile<T>(
  { projection }: ChangeContext,
  change: Change,
  item: T,
  source: Source<T>,
): Promise<void> {
  const file = await source.decide(item, change);
  if (!file) return;
  const stored = await putChangeFile(projection, change.id, file);
  if (isContradiction(stored, file)) throw duplicate(file);
}

/** A file that is listed twice is changed once, unless it is to become two different things. */
function isContradiction(stored: ChangeFile, file: ChangeFile): boolean {
  const [first, second] = [stored.after.status?.S, file.after.status?.S];
  return first !== undefined && second !== undefined && first !== second;
}

function duplicate({ key }: ChangeFile): ChangeRefused {
  return new ChangeRefused(
    'DUPLICATE_FILE',
    `${key.file_key} of ${key.date_prefix} is listed twice, with two different new statuses.`,
    'No file was touched: name each file once.',
  );
}
