import { grouped } from '../text/number-text.ts';
import type { RunContext } from './command.ts';
import type { Column } from './table.ts';

/** A list to print. */
export interface PrintedList<R> {
  /** What its rows are, for messages: `files`. */
  readonly things: string;
  readonly columns: readonly Column<R>[];
  /** Those that are still to be read or done end with Ctrl-C; those at hand are all printed. */
  readonly rows: AsyncIterable<R> | Iterable<R>;
  /** Undefined: to the end. */
  readonly limit?: number | undefined;
  /** How many there will be, where that is known. */
  readonly total?: number | undefined;
}

/**
 * Prints a list as it is read, with progress while it goes to a file, and says when it is empty, was cut at
 * the limit or was interrupted: it never ends silently.
 *
 * @returns how many rows were printed
 */
export async function printList<R>(
  {
    output,
    note,
    progress,
    interrupted,
  }: Pick<RunContext<unknown>, 'output' | 'note' | 'progress' | 'interrupted'>,
  { things, columns, rows, limit, total }: PrintedList<R>,
): Promise<number> {
  const stop = Symbol.asyncIterator in rows ? interrupted : undefined;
  // On a terminal the rows themselves show the progress.
  const bar = output.onTerminal ? undefined : progress(things, total);
  const printed = await output.list(
    columns,
    counted(rows, limit, (count) => bar?.update(count)),
    stop,
  );
  bar?.end();
  if (stop?.aborted) note(`Interrupted after ${grouped(printed)} ${things}; the list is not complete.`);
  else if (printed === 0) note(`No ${things}.`);
  else if (printed === limit) note(`These are the first ${grouped(limit)} ${things}; --all lists every one.`);
  return printed;
}

async function* counted<R>(
  rows: AsyncIterable<R> | Iterable<R>,
  limit: number | undefined,
  onRow: (count: number) => void,
): AsyncGenerator<R> {
  let count = 0;
  for await (const row of rows) {
    yield row;
    onRow(++count);
    if (count === limit) return;
  }
}
