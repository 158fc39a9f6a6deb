import { detailLines } from '../../shared/cli/details.ts';
import type { Paint } from '../../shared/cli/paint.ts';
import { accuracyText } from '../../shared/cli/stats-view.ts';
import { type Column, countColumn, type Screen, statusColumn, tableLines } from '../../shared/cli/table.ts';
import type { OldestFile } from '../../shared/pipeline/oldest-in-flight.ts';
import { isInFlight, STATUSES } from '../../shared/pipeline/status.ts';
import { grouped } from '../../shared/text/number-text.ts';
import { ageText, durationText, utcText } from '../../shared/text/time-text.ts';
import type { MonitoringAnswer } from './monitoring-answer.ts';
import type { Tick } from './watch-ticks.ts';

interface StatusRow {
  readonly status: string;
  readonly files: number;
  readonly rate: number | undefined;
  readonly age: string;
  readonly oldest: string;
}

const COLUMNS: readonly Column<StatusRow>[] = [
  statusColumn(),
  countColumn('files', ({ files }) => files),
  countColumn('arrivals_per_minute', ({ rate }) => rate, 'per min'),
  { name: 'age', title: 'oldest', value: ({ age }) => age, align: 'right' },
  { name: 'file', title: 'file', value: ({ oldest }) => oldest, shorten: true },
];

/** The columns of one look in CSV. */
export const TICK_COLUMNS: readonly Column<Tick>[] = [
  { name: 'at', value: ({ at }) => at },
  ...STATUSES.map((status) => countColumn<Tick>(status, ({ stats }) => stats.stats[status])),
  countColumn('total', ({ stats }) => stats.total),
  ...STATUSES.map((status) =>
    countColumn<Tick>(`${status}_per_minute`, ({ rates_per_minute: rates }) => rates?.[status]),
  ),
  { name: 'lag_seconds', value: ({ stats }) => stats.lag_seconds ?? undefined },
];

/** One look, for a terminal. */
export function tickLines(tick: Tick, { width, paint }: Screen): string[] {
  const { at, stats, monitoring } = tick;
  const total = { status: 'total', files: stats.total, rate: undefined, age: '', oldest: '' };
  const now = Date.parse(at);
  return [
    ...tableLines(COLUMNS, [...statusRows(tick, now), total], { width, paint }),
    '',
    ...detailLines(
      [
        ['now', utcText(at)],
        ['counts', accuracyText(stats, now)],
        ['manifests', manifestsText(tick)],
        ...monitoringDetails(monitoring, paint),
      ],
      paint,
    ),
  ];
}

/** One look, as a line of a log. */
export function tickLine({
  at,
  stats,
  rates_per_minute: rates,
  oldest_in_flight: oldest,
  monitoring,
}: Tick): string {
  const now = Date.parse(at);
  return [
    utcText(at).replace(' ', 'T'),
    ...STATUSES.map((status) => `${status}=${stats.stats[status]}`),
    `total=${stats.total}`,
    ...(rates ? [`completed_per_minute=${Math.round(rates.completed)}`] : []),
    ...(stats.lag_seconds === null ? [] : [`lag=${stats.lag_seconds}s`]),
    ...oldest.map((file) => `oldest_${file.status}=${ageOf(file, now).replace(' ', '')}`),
    ...('alarms' in monitoring ? [`alarms=${inAlarm(monitoring.alarms).join(',') || 'none'}`] : []),
  ].join(' ');
}

function statusRows({ stats, rates_per_minute: rates, oldest_in_flight }: Tick, now: number): StatusRow[] {
  return STATUSES.map((status) => {
    const oldest = oldest_in_flight.find((file) => file.status === status);
    return {
      status,
      files: stats.stats[status],
      rate: rates?.[status],
      age: oldest ? ageOf(oldest, now) : '',
      oldest: oldest?.file_key ?? '',
    };
  });
}

/** Where not all files were looked at, there may be an older one. */
function ageOf({ since, is_certain }: OldestFile, now: number): string {
  if (since === undefined) return 'unknown';
  return `${is_certain ? '' : '≥'}${ageText(since, now)}`;
}

function manifestsText({ stats: { manifests } }: Tick): string {
  const counts = STATUSES.filter((status) => isInFlight(status) || manifests.stats[status] > 0)
    .filter((status) => status !== 'manifested')
    .map((status) => `${grouped(manifests.stats[status])} ${status}`);
  return counts.join(' · ');
}

function monitoringDetails(monitoring: MonitoringAnswer, paint: Paint): [string, string][] {
  if ('unavailable' in monitoring) return [['alarms', `not read: ${monitoring.unavailable}`]];
  const { alarms, iterator_age_seconds: age } = monitoring;
  const alarmed = inAlarm(alarms);
  const text =
    alarmed.length > 0 ? paint('bad', `ALARM ${alarmed.join(', ')}`) : `none of ${alarms.length} in alarm`;
  return [
    ['alarms', text],
    [
      'stream',
      age === undefined ? 'nothing read lately' : `read ${durationText(age * 1_000)} after the fact`,
    ],
  ];
}

function inAlarm(alarms: readonly { readonly name: string; readonly state: string }[]): string[] {
  return alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
}
