import { once } from 'node:events';
import { grouped } from '../text/number-text.ts';
import { jsonText } from '../text/plain-value.ts';
import { printable } from '../text/visible-text.ts';
import { listerFor, type OutputForm } from './forms.ts';
import type { Column, Screen } from './table.ts';
import type { OutputStream, Progress } from './terminal.ts';

/** How one answer is shown where it is not printed as JSON. */
export interface View<R> {
  /** For CSV. */
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  /** What NDJSON prints one per line; without it, the whole answer is one line. */
  readonly records?: readonly object[];
  /** For people; without it, the same columns and rows. */
  lines?(screen: Screen): readonly string[];
}

/** Standard output in the requested form. It carries data only. */
export interface Output {
  readonly form: OutputForm;
  /** Whether it goes straight to a person. */
  readonly onTerminal: boolean;
  /** One answer: JSON has `body` whole. */
  answer<R>(body: object, view: View<R>): Promise<void>;
  /**
   * A list of any length, in flat memory: JSON has whole rows. It ends early, after the current row, when `stop` is
   * aborted, or when nobody reads any more.
   *
   * @returns how many rows were printed
   */
  list<R>(
    columns: readonly Column<R>[],
    rows: AsyncIterable<R> | Iterable<R>,
    stop?: AbortSignal,
  ): Promise<number>;
  /**
   * Something that changes while somebody watches: on a terminal the lines are drawn over the former ones, elsewhere
   * one line is added.
   */
  live(lines: (screen: Screen) => readonly string[], line: string): Promise<void>;
  /** Aborted when nobody reads standard output any more. */
  readonly closed: AbortSignal;
}

/** @param redraw draws text over what it drew before */
export function outputTo(
  sink: Sink,
  form: OutputForm,
  screen: Screen,
  redraw: (text: string) => void,
): Output {
  // A line of a view is one line, whatever its words hold.
  const seen = (line: string) =>
    printable(line.replaceAll('\n', '\u240a'), screen.colorize('dim', '.') !== '.');
  const list: Output['list'] = async (columns, rows, stop) => {
    const lister = listerFor(form, columns, screen);
    let count = 0;
    try {
      for await (const row of rows) {
        await sink.write(lister.row(row));
        count++;
        if (stop?.aborted || sink.closed.aborted) break;
      }
    } finally {
      // What was read, or done, before a fault is still shown.
      await sink.write(lister.end());
    }
    return count;
  };
  return {
    form,
    onTerminal: screen.width !== undefined,
    closed: sink.closed,
    list,
    async live(lines, line) {
      if (screen.width === undefined) await sink.write(`${seen(line)}\n`);
      else redraw(lines(screen).map(seen).join('\n'));
    },
    async answer(body, { columns, rows, records = [body], lines }) {
      if (form === 'json') await sink.write(`${jsonText(body, 2)}\n`);
      else if (form === 'ndjson') await sink.write(records.map((record) => `${jsonText(record)}\n`).join(''));
      else if (form === 'table' && lines)
        await sink.write(
          lines(screen)
            .map((line) => `${seen(line)}\n`)
            .join(''),
        );
      else await list(columns, rows);
    },
  };
}

/** A list to print. */
export interface PrintedList<R> {
  /** What its rows are, for messages: `files`. */
  readonly things: string;
  readonly columns: readonly Column<R>[];
  /** Ctrl-C ends reading or working; rows that are at hand are all printed. */
  readonly rows: AsyncIterable<R> | Iterable<R>;
  /** Undefined: to the end. */
  readonly limit?: number | undefined;
  /** How to see the others where the limit cuts them off; left out, by the flags of `listFlags`. */
  readonly others?: string;
  /** How many there will be, where that is known. */
  readonly total?: number | undefined;
  /**
   * Whether the rest is read, too, when nobody reads what is printed any more, as after `| head`: for rows that are
   * counted, saved or written as they are read. Ctrl-C still ends it.
   */
  readonly toEnd?: boolean;
}

/** What printing a list needs of a run. */
interface ListPlace {
  readonly output: Output;
  note(text: string): void;
  progress(label: string, total?: number): Progress;
  readonly interrupted: AbortSignal;
}

/**
 * Prints a list as it is read, with progress while it goes to a file, and says when it is empty, was cut at
 * the limit or was interrupted: it never ends silently.
 *
 * @returns how many rows were printed; with `toEnd`, how many there are
 */
export async function printList<R>(
  { output, note, progress, interrupted }: ListPlace,
  { things, columns, rows, limit, total, others = BY_FLAGS, toEnd = false }: PrintedList<R>,
): Promise<number> {
  const stop = Symbol.asyncIterator in rows ? interrupted : undefined;
  // On a terminal the rows themselves show the progress.
  const bar = output.onTerminal ? undefined : progress(things, total);
  let read = 0;
  const source = counted(rows, limit, (count) => {
    read = count;
    bar?.update(count);
  });
  let printed = 0;
  try {
    printed = await output.list(columns, leftOpen(source), stop);
    if (toEnd) await readRest(source, stop);
  } finally {
    await source.return(undefined);
  }
  bar?.end();
  if (stop?.aborted) note(`Interrupted after ${grouped(printed)} ${things}; the list is not complete.`);
  else if (printed === 0) note(`No ${things}.`);
  else if (printed === limit) note(`${firstOnes(limit, things)} ${others}`);
  return Math.max(printed, read);
}

/** The same rows, which stay open for the rest when a list ends early. */
function leftOpen<R>(rows: AsyncGenerator<R>): AsyncIterable<R> {
  return { [Symbol.asyncIterator]: () => ({ next: () => rows.next() }) };
}

function firstOnes(limit: number, things: string): string {
  return limit === 1
    ? `Only the first of the ${things} is shown; there may be more.`
    : `These are the first ${grouped(limit)} ${things}; there may be more.`;
}

async function readRest(rows: AsyncGenerator, stop: AbortSignal | undefined): Promise<void> {
  let isAll = false;
  while (!isAll && !stop?.aborted) isAll = (await rows.next()).done === true;
}

const BY_FLAGS = 'Use --all, without --limit, to show all of them.';

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

/** Standard output, for text in any amount. */
export interface Sink {
  /** Resolves when more can be taken: memory stays flat however slow the reader is. */
  write(text: string): Promise<void>;
  /** Passes on at once what was written, so that it comes before what is printed elsewhere. */
  handOn(): void;
  /** Resolves when everything written has left this process. */
  flush(): Promise<void>;
  /** Aborted when nothing can be passed on any more: the reader is gone, as after `| head`, or the disk is full. */
  readonly closed: AbortSignal;
  /** Why nothing can be passed on, unless the reader is just gone. */
  fault(): Error | undefined;
}

const CHUNK = 65_536;

/**
 * Gathers small pieces of text into chunks, and passes on what there is whenever the process waits for something else,
 * so that the first line does not wait for the last.
 */
export function sinkOf(stream: OutputStream): Sink {
  const gone = new AbortController();
  let waiting = '';
  let fault: Error | undefined;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') fault ??= error;
    gone.abort();
  });
  const handOn = (): boolean => {
    const text = waiting;
    waiting = '';
    return text === '' || gone.signal.aborted || stream.write(text);
  };
  const drained = () =>
    once(stream, 'drain', { signal: gone.signal }).then(
      () => undefined,
      () => undefined,
    );
  return {
    async write(text) {
      if (waiting === '') setImmediate(handOn);
      waiting += text;
      if (waiting.length >= CHUNK && !handOn()) await drained();
    },
    handOn: () => void handOn(),
    async flush() {
      if (!handOn()) await drained();
      // A fault of the last write is reported a moment after it.
      await new Promise((resolve) => setImmediate(resolve));
    },
    closed: gone.signal,
    fault: () => fault,
  };
}

/** Where a command's words go. */
export interface Channels {
  /** Data, to standard output. */
  readonly sink: Sink;
  /** A line on standard error. */
  note(text: string): void;
}
