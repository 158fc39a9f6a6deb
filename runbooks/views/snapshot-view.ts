import type { Alarm } from '../../shared/aws/monitoring.ts';
import { type Column, countColumn, type Screen, statusColumn, tableLines } from '../../shared/cli/table.ts';
import { type Colorize, detailLines } from '../../shared/cli/terminal.ts';
import type { Notice } from '../../shared/outlet/notice.ts';
import { isInFlight, STATUSES } from '../../shared/pipeline/status.ts';
import { drainText } from '../../shared/statistics/drain-text.ts';
import type { OldestFile } from '../../shared/statistics/oldest-in-flight.ts';
import { grouped } from '../../shared/text/number-text.ts';
import { ageText, durationText, utcText } from '../../shared/text/time-text.ts';
import type { MonitoringAnswer, Snapshot } from './snapshots.ts';
import { accuracyText } from './stats-view.ts';

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
  { name: 'file', title: 'file', value: ({ oldest }) => oldest, whole: true },
];

/** A snapshot in CSV. */
export const SNAPSHOT_COLUMNS: readonly Column<Snapshot>[] = [
  { name: 'at', value: ({ at }) => at },
  ...STATUSES.map((status) => countColumn<Snapshot>(status, ({ stats }) => stats.stats[status])),
  countColumn('total', ({ stats }) => stats.total),
  ...STATUSES.map((status) =>
    countColumn<Snapshot>(`${status}_per_minute`, ({ rates_per_minute: rates }) => rates?.[status]),
  ),
  { name: 'lag_seconds', value: ({ stats }) => stats.lag_seconds ?? undefined },
];

/**
 * A snapshot, for a terminal: of `watch`, and of `npm start`.
 *
 * @param more what is shown below; without it, what CloudWatch says
 */
export function snapshotLines(
  snapshot: Snapshot,
  { width, colorize }: Screen,
  more: readonly (readonly [name: string, text: string])[] = monitoringDetails(snapshot.monitoring, colorize),
): string[] {
  const { at, stats } = snapshot;
  const total = { status: 'total', files: stats.total, rate: undefined, age: '', oldest: '' };
  const now = Date.parse(at);
  return [
    ...tableLines(COLUMNS, [...statusRows(snapshot, now), total], { width, colorize }),
    '',
    ...detailLines(
      [
        ['now', utcText(at)],
        ['counts', accuracyText(stats, now)],
        ...(stats.drain ? [['backlog', drainText(stats.drain, now)] as const] : []),
        ['manifests', manifestsText(snapshot)],
        ...more,
        ...noticeDetails(snapshot.notices),
      ],
      colorize,
    ),
  ];
}

/** A snapshot, as a line of a log. */
export function snapshotLine({
  at,
  stats,
  rates_per_minute: rates,
  oldest_in_flight: oldest,
  monitoring,
}: Snapshot): string {
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

function statusRows(
  { stats, rates_per_minute: rates, oldest_in_flight }: Snapshot,
  now: number,
): StatusRow[] {
  return STATUSES.map((status) => {
    const oldest = oldest_in_flight.find((file) => file.status === status);
    return {
      status,
      files: stats.stats[status],
      rate: rates?.[status],
      age: oldest ? `${ageOf(oldest, now)}${alsoUnknown(oldest)}` : '',
      oldest: oldest?.file_key ?? '',
    };
  });
}

/** Where not all files were read, there may be an older one. */
function ageOf({ since, is_certain }: OldestFile, now: number): string {
  if (since === undefined) return 'unknown';
  return `${is_certain ? '' : '≥'}${ageText(since, now)}`;
}

/** Files of unknown age stand beside the oldest of the others: they may be older, or new. */
function alsoUnknown({ since, age_unknown: count }: OldestFile): string {
  return since !== undefined && count > 0 ? `, ${grouped(count)} unknown` : '';
}

function manifestsText({ stats: { manifests } }: Snapshot): string {
  const counts = STATUSES.filter((status) => isInFlight(status) || manifests.stats[status] > 0)
    .filter((status) => status !== 'manifested')
    .map((status) => `${grouped(manifests.stats[status])} ${status}`);
  return counts.join(' · ');
}

function monitoringDetails(monitoring: MonitoringAnswer, colorize: Colorize): [string, string][] {
  if ('unavailable' in monitoring) return [['alarms', `not read: ${monitoring.unavailable}`]];
  const { alarms, iterator_age_seconds: age } = monitoring;
  const alarmed = inAlarm(alarms);
  const text =
    alarmed.length > 0 ? colorize('bad', `ALARM ${alarmed.join(', ')}`) : `none of ${alarms.length} in alarm`;
  return [
    ['alarms', text],
    [
      'stream',
      age === undefined ? 'nothing read lately' : `read ${durationText(age * 1_000)} after it happened`,
    ],
  ];
}

/** The last notices: the id says what each is about, and may end with a time like that of the notice. */
function noticeDetails(notices: readonly Notice[]): [string, string][] {
  return notices.map(({ at, type, environment, id }) => [
    'notice',
    `${utcText(at)}  ${id.replace(`${environment}/${type}/`, `${type} `).replace(TIME_AT_END, '')}`,
  ]);
}

const TIME_AT_END = /\/\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function inAlarm(alarms: readonly Alarm[]): string[] {
  return alarms
    .filter(({ state, silent }) => state === 'ALARM' || silent)
    .map(({ name, silent }) => (silent ? `${name} (silent)` : name));
}
