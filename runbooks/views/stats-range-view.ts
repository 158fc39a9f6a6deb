import pMap from 'p-map';
import { ask } from '../../shared/cli/ask.ts';
import { sparkline } from '../../shared/cli/bars.ts';
import type { View } from '../../shared/cli/output.ts';
import type { Stats } from '../../shared/cli/stats-view.ts';
import { type Column, countColumn, tableLines } from '../../shared/cli/table.ts';
import { getStats } from '../../shared/operations/get-stats.ts';
import type { OperationDeps } from '../../shared/operations/operation.ts';
import { STATUSES, type Status } from '../../shared/pipeline/status.ts';
import { grouped, growth } from '../../shared/text/number-text.ts';

const CONCURRENT_READS = 8;

/**
 * The counts of each date, in the order given: one small read each, whatever the number of files.
 *
 * @param onRead called after each date with how many are read
 */
export function statsByDate(
  service: OperationDeps,
  dates: readonly string[],
  onRead: (count: number) => void,
): Promise<DateStats[]> {
  let read = 0;
  return pMap(
    dates,
    async (date_prefix) => {
      const stats = await ask(service, getStats, { date_prefix });
      onRead(++read);
      return { date_prefix, ...stats };
    },
    { concurrency: CONCURRENT_READS },
  );
}

/** The counts of one date among several. */
export interface DateStats extends Stats {
  readonly date_prefix: string;
}

/** The counts of several dates together. */
export interface Totals {
  readonly stats: Readonly<Record<Status, number>>;
  readonly total: number;
}

interface DateRow extends Totals {
  readonly date: string;
  /** Compared with the date before. */
  readonly change: string;
}

// Six statuses side by side are too wide for a terminal of 80 columns under their own names.
const TITLES: Partial<Record<Status, string>> = {
  manifested: 'manifest.',
  processing: 'process.',
  quarantined: 'quarant.',
};

const COLUMNS: readonly Column<DateRow>[] = [
  { name: 'date_prefix', title: 'date', value: ({ date }) => date },
  ...STATUSES.map((status) => countColumn<DateRow>(status, ({ stats }) => stats[status], TITLES[status])),
  countColumn('total', ({ total }) => total),
  { name: 'change', value: ({ change }) => change, align: 'right', only: 'table', spare: 1 },
];

export function sumStats(dates: readonly DateStats[]): Totals {
  const sum = (count: (date: DateStats) => number) => dates.reduce((total, date) => total + count(date), 0);
  return {
    stats: Object.fromEntries(
      STATUSES.map((status) => [status, sum(({ stats }) => stats[status])]),
    ) as Record<Status, number>,
    total: sum(({ total }) => total),
  };
}

/** A line for each date, their sum, and the trend of their totals. */
export function statsRangeView(dates: readonly DateStats[]): View<DateRow> {
  const rows = dates.map(({ date_prefix, stats, total }, i) => {
    const before = dates[i - 1];
    return { date: date_prefix, stats, total, change: before ? growth(before.total, total) : '' };
  });
  const sums = { date: 'total', ...sumStats(dates), change: '' };
  return {
    columns: COLUMNS,
    rows,
    records: dates,
    lines: (screen) => [...tableLines(COLUMNS, [...rows, sums], screen), '', trendText(rows, screen.width)],
  };
}

function trendText(rows: readonly DateRow[], width = 100): string {
  const shown = rows.slice(-(width - 20));
  const most = Math.max(...shown.map(({ total }) => total));
  const last = rows.at(-1);
  const change = last?.change ? `, ${last.date} ${last.change} on the date before` : '';
  return `trend  ${sparkline(shown.map(({ total }) => total))}  most ${grouped(most)}${change}`;
}
