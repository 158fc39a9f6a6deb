import type { getStats } from '../operations/get-stats.ts';
import { STATUSES } from '../pipeline/status.ts';
import { grouped, percent } from '../text/number-text.ts';
import { durationText, timeWithAge } from '../text/time-text.ts';
import type { View } from './output.ts';
import { type Column, countColumn, statusColumn, tableLines } from './table.ts';

export type Stats = Awaited<ReturnType<typeof getStats.run>>;

interface StatusRow {
  readonly status: string;
  readonly files: number;
  readonly share: string;
  /** How often the status was reached. */
  readonly arrivals: number | undefined;
  readonly manifests: number;
}

const COLUMNS: readonly Column<StatusRow>[] = [
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
    columns: COLUMNS,
    rows,
    lines: (screen) => [...tableLines(COLUMNS, [...rows, sums], screen), '', ...accuracyLines(stats, now)],
  };
}

function accuracyLines(
  { last_audit: audit, dead_letters_waiting: letters, ...stats }: Stats,
  now: number,
): string[] {
  return [
    accuracyText(stats, now),
    ...(audit ? [`last audit ${timeWithAge(audit.at, now)}: ${auditText(audit)}`] : []),
    ...(letters ? [`dead letters waiting ${timeWithAge(letters.at, now)}: ${grouped(letters.waiting)}`] : []),
  ];
}

function auditText({
  drift_found: found,
  drift_repaired: repaired,
}: {
  drift_found: number;
  drift_repaired: number;
}): string {
  return found === 0 ? 'no drift' : `${grouped(found)} differed, ${grouped(repaired)} repaired`;
}

/** Up to when changes are counted, and how far the consumer was behind then. */
export function accuracyText(
  { as_of, lag_seconds }: Pick<Stats, 'as_of' | 'lag_seconds'>,
  now: number,
): string {
  if (as_of === null) return 'nothing was counted yet';
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
