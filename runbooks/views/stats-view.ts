import pMap from 'p-map';
import { ask } from '../../shared/cli/ask.ts';
import type { View } from '../../shared/cli/output.ts';
import { type Column, countColumn, statusColumn, tableLines } from '../../shared/cli/table.ts';
import { getStats, isNothingCounted } from '../../shared/operations/get-stats.ts';
import type { OperationDeps } from '../../shared/operations/operation.ts';
import { IN_FLIGHT_STATUSES, STATUSES, type Status } from '../../shared/pipeline/status.ts';
import { behindText, cameText, expectedText } from '../../shared/statistics/came-text.ts';
import { drainText } from '../../shared/statistics/drain-text.ts';
import { grouped, growth, percent } from '../../shared/text/number-text.ts';
import { agoText, durationText, timeWithAge, utcText } from '../../shared/text/time-text.ts';
import { visibleText } from '../../shared/text/visible-text.ts';
import { wordLines } from './word-lines.ts';

export type Stats = Awaited<ReturnType<typeof getStats.run>>;

interface StatusRow {
  readonly status: string;
  readonly files: number;
  readonly share: string;
  /** How often the status was reached. */
  readonly arrivals: number | undefined;
  readonly manifests: number;
}

const STATUS_COLUMNS: readonly Column<StatusRow>[] = [
  statusColumn(),
  countColumn('files', ({ files }) => files),
  { name: 'share', value: ({ share }) => share, align: 'right', only: 'table' },
  countColumn('arrivals', ({ arrivals }) => arrivals),
  countColumn('manifests', ({ manifests }) => manifests),
];

/** The counts of everything, or of one date, a line for each status. */
export function statsView(stats: Stats, now: number): View<StatusRow> {
  const rows = statusRows(stats);
  const { total, manifests } = stats;
  const sums = { status: 'total', files: total, share: '', arrivals: undefined, manifests: manifests.total };
  return {
    columns: STATUS_COLUMNS,
    rows,
    lines: (screen) => [
      ...tableLines(STATUS_COLUMNS, [...rows, sums], screen),
      '',
      ...lateLines(stats),
      ...(stats.drain ? [`backlog: ${drainText(stats.drain, now)}`] : []),
      ...cameLines(stats, now),
      ...accuracyLines(stats, now),
      ...wordLines(stats),
    ],
  };
}

/** What is late in each status, and what soon will be; a line for each that has files. */
function lateLines({ in_flight }: Stats): string[] {
  if (!in_flight) return [];
  return IN_FLIGHT_STATUSES.flatMap((status) => {
    const late = in_flight[status];
    const { oldest_since: oldest, over_limit: over, over_limit_at_most: most, soon } = late;
    const unaged =
      late.not_counted === 0 ? [] : [`the age of ${grouped(late.not_counted)} is not counted yet`];
    const unknown = late.age_unknown === 0 ? [] : [`${grouped(late.age_unknown)} since an unknown time`];
    if (oldest === null && unaged.length + unknown.length === 0) return [];
    const count = over === most ? grouped(over) : `${grouped(over)} to ${grouped(most)}`;
    const limit = durationText(late.limit_hours * 3_600_000);
    const more = `, ${grouped(over + soon.more)} by ${utcText(soon.at).slice(0, 16)}Z unless they move`;
    const parts = [
      `${count === '0' ? 'none' : count} over the limit of ${limit}${soon.more === 0 ? '' : more}`,
      ...(oldest === null ? [] : [`the oldest entered in the hour from ${utcText(oldest).slice(0, 16)}Z`]),
      ...unknown,
      ...unaged,
    ];
    return [`${status}: ${parts.join('; ')}`];
  });
}

/** Whether the files of yesterday and today have arrived. */
function cameLines({ came }: Stats, now: number): string[] {
  if (!came) return [];
  const ago = agoText(came.at, now);
  return [
    ...(came.behind_seconds === undefined ? [] : [`${behindText(came.behind_seconds)} (${ago})`]),
    ...came.dates.map((date) => `${date.date_prefix}: ${cameText(date)} (${ago})`),
    ...(came.expected ?? []).map((answer) =>
      visibleText(`${answer.date_prefix}: ${expectedText(answer)} (${ago})`),
    ),
  ];
}

function accuracyLines(
  { last_audit: audit, dead_letters_waiting: letters, not_audited, ...stats }: Stats,
  now: number,
): string[] {
  return [
    accuracyText(stats, now),
    ...(audit ? [`last audit ${timeWithAge(audit.at, now)}: ${auditText(audit)}`] : []),
    ...(letters ? [`dead letters waiting ${timeWithAge(letters.at, now)}: ${grouped(letters.waiting)}`] : []),
    ...(not_audited === undefined ? [] : [visibleText(not_audited)]),
  ];
}

function auditText({
  drift_found: found,
  drift_repaired: repaired,
  issues_found: issues = 0,
}: NonNullable<Stats['last_audit']>): string {
  const drift = found === 0 ? 'no drift' : `${grouped(found)} differed, ${grouped(repaired)} repaired`;
  return issues === 0 ? drift : `${drift}; ${grouped(issues)} issues: see check-consistency.ts`;
}

/** Up to when changes are counted, and how far the consumer was behind then. */
export function accuracyText(
  stats: Pick<Stats, 'as_of' | 'lag_seconds' | 'total' | 'manifests'>,
  now: number,
): string {
  const { as_of, lag_seconds } = stats;
  if (isNothingCounted(stats)) return 'nothing has been counted yet';
  if (as_of === null) return 'counted from the records; no change from the stream yet';
  const lag = lag_seconds === null ? '' : `, ${durationText(lag_seconds * 1_000)} behind the stream`;
  return `counted up to ${timeWithAge(as_of, now)}${lag}`;
}

function statusRows(stats: Stats): StatusRow[] {
  const { stats: files, total, unknown_status = 0, manifests, arrivals } = stats;
  const rows = STATUSES.map((status) => ({
    status,
    files: files[status],
    share: percent(files[status], total),
    arrivals: arrivals[status],
    manifests: manifests.stats[status],
  }));
  const unknown = {
    status: 'unknown',
    files: unknown_status,
    share: percent(unknown_status, total),
    arrivals: undefined,
    manifests: manifests.unknown_status ?? 0,
  };
  return unknown.files + unknown.manifests === 0 ? rows : [...rows, unknown];
}

const CONCURRENT_READS = 8;

/**
 * The counts of each date, in the order given: one small read each, whatever the number of files.
 *
 * @param onRead called after each date with how many are read
 */
export function statsByDate(
  deps: OperationDeps,
  dates: readonly string[],
  onRead: (count: number) => void,
): Promise<DateStats[]> {
  let read = 0;
  return pMap(
    dates,
    async (date_prefix) => {
      const stats = await ask(deps, getStats, { date_prefix, in_flight: true });
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

const DATE_COLUMNS: readonly Column<DateRow>[] = [
  { name: 'date_prefix', title: 'date', value: ({ date }) => date },
  ...STATUSES.map((status) => countColumn<DateRow>(status, ({ stats }) => stats[status], TITLES[status])),
  countColumn('total', ({ total }) => total),
  { name: 'change', value: ({ change }) => change, align: 'right', only: 'table', priority: 1 },
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
    columns: DATE_COLUMNS,
    rows,
    records: dates,
    lines: (screen) => [
      ...tableLines(DATE_COLUMNS, [...rows, sums], screen),
      '',
      trendText(rows, screen.width),
    ],
  };
}

function trendText(rows: readonly DateRow[], width = 100): string {
  const shown = rows.slice(-(width - 20));
  const most = Math.max(...shown.map(({ total }) => total));
  const last = rows.at(-1);
  const change = last?.change ? `, ${last.date} ${last.change} from the date before` : '';
  return `trend  ${sparkline(shown.map(({ total }) => total))}  most ${grouped(most)}${change}`;
}

const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Counts as a line of small columns, the greatest as high as the line; 0 is the lowest. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts, 1);
  return counts.map((count) => LEVELS[Math.round((Math.max(0, count) / most) * 7)]).join('');
}
