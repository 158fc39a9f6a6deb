import type { View } from '../../shared/cli/output.ts';
import { type Column, tableLines } from '../../shared/cli/table.ts';
import { colorizeStatus, detailLines } from '../../shared/cli/terminal.ts';
import type { getProcessingTimeline } from '../../shared/operations/get-processing-timeline.ts';
import { durationText, timeWithAge, utcText } from '../../shared/text/time-text.ts';
import { wordLines } from './word-lines.ts';

export type Timeline = Awaited<ReturnType<typeof getProcessingTimeline.run>>;

interface EventRow {
  readonly event: string;
  readonly timestamp: string;
  readonly status: string;
  /** Since the event before; undefined for the first one. */
  readonly seconds: number | undefined;
  /** Where it lies between the first event (0) and the last (1). */
  readonly start: number;
  readonly end: number;
  readonly manifest?: string;
  readonly error?: string;
  readonly run?: string;
  readonly change_id?: string;
  readonly actor?: string | undefined;
  readonly reason?: string | undefined;
}

const WIDEST_BAR = 40;
/** The width of the columns beside the bars, and the gaps. */
const OTHER_COLUMNS = 53;

const COLUMNS: readonly Column<EventRow>[] = [
  {
    name: 'event',
    value: ({ event }) => event,
    color: ({ status }, text, colorize) => colorizeStatus(colorize, status, text),
  },
  {
    name: 'timestamp',
    title: 'time',
    value: ({ timestamp }) => timestamp,
    text: ({ timestamp }) => utcText(timestamp),
  },
  { name: 'status', value: ({ status }) => status, only: 'csv' },
  {
    name: 'seconds',
    title: 'after',
    value: ({ seconds }) => seconds,
    text: ({ seconds }) => (seconds === undefined ? '' : durationText(seconds * 1_000)),
    align: 'right',
  },
  { name: 'manifest', value: ({ manifest }) => manifest, only: 'csv' },
  { name: 'error', value: ({ error }) => error, only: 'csv' },
  { name: 'run', value: ({ run }) => run, only: 'csv' },
  { name: 'change_id', value: ({ change_id }) => change_id, only: 'csv' },
  { name: 'actor', value: ({ actor }) => actor, only: 'csv' },
  { name: 'reason', value: ({ reason }) => reason, only: 'csv' },
];

/** A file's events, and the time between them drawn to scale. */
export function timelineView(timeline: Timeline, now: number): View<EventRow> {
  const rows = eventRows(timeline);
  return {
    columns: COLUMNS,
    rows,
    records: timeline.timeline,
    lines: (screen) => [
      ...detailLines(summary(timeline, now), screen.colorize),
      '',
      ...tableLines([...COLUMNS, barColumn(screen.width)], rows, screen),
      ...rows.flatMap(detailLine),
      ...rows.flatMap(changeLine),
      ...wordLines(timeline),
    ],
  };
}

function summary({ file, current_status, timeline, ...rest }: Timeline, now: number): [string, string][] {
  const last = timeline.at(-1);
  const { total_processing_time: total, source } = rest;
  return [
    ['file', file],
    ['status', last ? `${current_status} since ${timeWithAge(last.timestamp, now)}` : current_status],
    ['total', total === null ? 'not settled yet' : durationText(total * 1_000)],
    ['source', source],
  ];
}

function eventRows({ timeline }: Timeline): EventRow[] {
  const times = timeline.map(({ timestamp }) => Date.parse(timestamp));
  const first = Math.min(...times);
  const span = Math.max(...times) - first;
  const place = (time: number) => (span === 0 ? 0 : (time - first) / span);
  return timeline.map((event, i) => {
    const at = times[i] ?? first;
    const before = times[i - 1];
    return {
      ...event,
      seconds: before === undefined ? undefined : (at - before) / 1_000,
      start: place(before ?? at),
      end: place(at),
    };
  });
}

/** Where a clock went back there is no bar, but a negative duration. */
function barColumn(screenWidth = WIDEST_BAR + OTHER_COLUMNS): Column<EventRow> {
  const width = Math.max(10, Math.min(WIDEST_BAR, screenWidth - OTHER_COLUMNS));
  return {
    name: '',
    value: ({ start, end, seconds }) => (seconds && seconds > 0 ? barText(start, end, width) : ''),
    color: ({ status }, text, colorize) => colorizeStatus(colorize, status, text),
  };
}

/** What each attempt left behind. The record itself keeps only that of the last one. */
function detailLine({ event, timestamp, manifest, error, run }: EventRow): string[] {
  const details = [
    ...(manifest ? [`in ${manifest}`] : []),
    ...(run ? [`by ${run}`] : []),
    ...(error ? [error] : []),
  ];
  return details.length > 0 ? ['', `${event} at ${utcText(timestamp)}: ${details.join(', ')}`] : [];
}

function changeLine({ event, change_id, actor, reason }: EventRow): string[] {
  return change_id
    ? ['', `${event} by ${actor ?? 'unknown'}: ${reason ?? 'no reason given'} (change ${change_id})`]
    : [];
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar from `start` to `end`, given as fractions of a line `width` columns wide; always at least a sliver. */
export function barText(start: number, end: number, width: number): string {
  const from = Math.min(Math.floor(start * width), width - 1);
  const eighths = Math.max(1, Math.round((end * width - from) * 8));
  return ' '.repeat(from) + '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}
