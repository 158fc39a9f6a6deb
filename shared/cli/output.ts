import { jsonText, listerFor, type OutputForm } from './lister.ts';
import type { Sink } from './sink.ts';
import type { Column, Screen } from './table.ts';

/** How one answer is shown where it is not printed as JSON. */
export interface View<R> {
  /** For CSV. */
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  /** What NDJSON has a line of each; without it, the one answer is the one line. */
  readonly records?: readonly object[];
  /** For people; without it, the same columns and rows. */
  lines?(screen: Screen): readonly string[];
}

/** Standard output in the form that was asked for. It carries data only. */
export interface Output {
  readonly form: OutputForm;
  /** Whether it is shown to a person at once. */
  readonly onTerminal: boolean;
  /** One answer: JSON has `body` whole. */
  answer<R>(body: object, view: View<R>): Promise<void>;
  /**
   * A list of any length, in flat memory: JSON has the rows whole. It ends early, after the row
   * at hand, when `stop` is aborted, or when nobody reads any more.
   *
   * @returns how many rows were printed
   */
  list<R>(
    columns: readonly Column<R>[],
    rows: AsyncIterable<R> | Iterable<R>,
    stop?: AbortSignal,
  ): Promise<number>;
  /**
   * What changes while it is looked at: on a terminal the lines are drawn over those before, elsewhere one
   * line is added.
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
      // What was read, or done, before a fault is shown all the same.
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
      if (screen.width === undefined) await sink.write(`${line}\n`);
      else redraw(lines(screen).join('\n'));
    },
    async answer(body, { columns, rows, records = [body], lines }) {
      if (form === 'json') await sink.write(`${jsonText(body, 2)}\n`);
      else if (form === 'ndjson') await sink.write(records.map((record) => `${jsonText(record)}\n`).join(''));
      else if (form === 'table' && lines)
        await sink.write(
          lines(screen)
            .map((line) => `${line}\n`)
            .join(''),
        );
      else await list(columns, rows);
    },
  };
}
