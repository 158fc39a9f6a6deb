import type { View } from '../../shared/cli/output.ts';
import type { Column } from '../../shared/cli/table.ts';
import { type Colorize, colorizeStatus, detailLines } from '../../shared/cli/terminal.ts';
import { shownRecord } from '../../shared/operations/answers.ts';
import { sinceOf } from '../../shared/pipeline/record.ts';
import { parseStatus } from '../../shared/pipeline/status.ts';
import type { TrackingRecord } from '../../shared/pipeline/tracking-table.ts';
import type { Drift } from '../../shared/projection/drift.ts';
import type { FileReport } from '../../shared/projection/file-report.ts';
import type { Head } from '../../shared/projection/head.ts';
import { jsonText } from '../../shared/text/plain-value.ts';
import { timeWithAge } from '../../shared/text/time-text.ts';
import { visibleText } from '../../shared/text/visible-text.ts';

/** One attribute as each table has it. */
interface AttributeRow {
  readonly attribute: string;
  readonly record: string | undefined;
  readonly head: string | undefined;
}

const COLUMNS: readonly Column<AttributeRow>[] = [
  { name: 'attribute', value: ({ attribute }) => attribute },
  { name: 'record', value: ({ record }) => record },
  { name: 'head', value: ({ head }) => head },
];

const DRIFT_TEXTS: Readonly<Record<Drift, string>> = {
  missing_head: 'missing head: the stream has not shown this record yet, or lost it',
  stale_head: 'stale head: the stream has not shown the latest change yet, or lost it',
  record_gone: 'record gone: the stream has not shown its removal yet, or lost it',
};

/** The report as JSON has it. */
export function fileBody({ key, record, head, drift, failure }: FileReport) {
  return {
    date_prefix: key.date_prefix,
    file_key: key.file_key,
    drift: drift ?? null,
    class: failure ?? null,
    record: record ? shownRecord(record) : null,
    head: head ? shownHead(head) : null,
  };
}

/** One file as the tracking table and the projection have it, and whether they agree. */
export function fileView(report: FileReport, now: number): View<AttributeRow> {
  const record = report.record ? texts(shownRecord(report.record)) : {};
  const head = report.head ? texts(shownHead(report.head)) : {};
  const attributes = [...new Set([...Object.keys(record), ...Object.keys(head)])];
  return {
    columns: COLUMNS,
    rows: attributes.map((attribute) => ({ attribute, record: record[attribute], head: head[attribute] })),
    lines: ({ colorize }) => [
      ...detailLines(summary(report, now, colorize), colorize),
      ...section('record', Object.entries(record), colorize),
      ...section('head', Object.entries(head), colorize),
    ],
  };
}

function summary(
  { key, record, head, drift, failure }: FileReport,
  now: number,
  colorize: Colorize,
): [string, string][] {
  return [
    ['file', key.file_key],
    ['date', key.date_prefix],
    [
      'record',
      record ? statusSince(parseStatus(record.status).status, sinceOf(record, now), now, colorize) : 'none',
    ],
    ...(failure ? [['class', `${failure.id}: ${visibleText(failure.text)}`] as [string, string]] : []),
    ['head', head ? statusSince(head.status, head.since, now, colorize) : 'none'],
    ['drift', drift ? colorize('warning', DRIFT_TEXTS[drift]) : colorize('good', 'none')],
  ];
}

function statusSince(status: string, since: string | undefined, now: number, colorize: Colorize): string {
  return `${colorizeStatus(colorize, status)} since ${since ? timeWithAge(since, now) : 'an unknown time'}`;
}

function section(title: string, details: readonly [string, string][], colorize: Colorize): string[] {
  return details.length === 0
    ? []
    : ['', colorize('heading', title.toUpperCase()), ...detailLines(details, colorize)];
}

function shownHead({ status, since, position, revision, events, pages, expiresAt }: Head) {
  return {
    status,
    since,
    position,
    revision,
    inline_events: events.length,
    pages,
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
}

function texts(attributes: TrackingRecord | ReturnType<typeof shownHead>): Record<string, string> {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : jsonText(value);
}
