import { listDate } from '../operations/get-file-state.ts';
import { getStats, type Stats } from '../operations/get-stats.ts';
import { queryByStatus } from '../operations/query-by-status.ts';
import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { age, asOf } from '../page-kit/moment.ts';
import { sinceOf } from '../pipeline/record.ts';
import { FAILURE_STATUSES } from '../pipeline/record-failure.ts';
import { isStatus, STATUSES, UNKNOWN_STATUS } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { withHeadTimes } from '../projection/known-age.ts';
import { grouped, sizeText } from '../text/number-text.ts';
import { isCalendarDate, isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { type Dates, drawDates, readDates } from './dates.ts';
import { type DatedFlow, durationsCard, readFlow } from './durations-card.ts';
import { classLink } from './failure-kinds.ts';
import { fileLink } from './navigation.ts';
import { attempt, knownOf } from './read.ts';
import type { FieldsOf } from './requests.ts';
import { statusLabel } from './status-look.ts';
import type { Source, View, ViewContext } from './view.ts';

type Request = FieldsOf<'files'>;
type ListedStatus = NonNullable<Request['status']>;

/** A page of files, and where the next one begins. */
export interface FileList {
  readonly files: readonly TrackingRecord[];
  readonly next_token?: string;
  /** Why files are missing from it. */
  readonly incomplete?: string;
}

/** What a list of files is drawn from. */
export interface Files {
  readonly list: Read<FileList>;
  /** Of the date, or of everything. */
  readonly stats: Read<Stats>;
  /** How long the files of the date took, where it is counted. */
  readonly flow?: Read<DatedFlow> | undefined;
}

/** The files of a date, of a status, or of both; without either, the dates to choose from. */
export const files: View<'files', Files | { readonly dates: Read<Dates> }> = {
  tab: 'Dates',
  read: async (request, source) =>
    request.date || request.status || request.class
      ? read(asked(request), source)
      : { dates: await readDates(source) },
  draw: (data, context, request) =>
    'dates' in data ? drawDates(data.dates, context) : draw(data, context, asked(request)),
};

const LISTED = 50;

/** The files of a class are those that failed, where nothing else is said. */
function asked(request: Request): Request {
  return request.class && !request.status ? { ...request, status: 'failed' } : request;
}

/**
 * Two reads for the files of a date. Those of one status are in as many places as a status has shards, and
 * each of them is read.
 */
async function read(request: Request, source: Source): Promise<Files> {
  const { date } = request;
  const [list, stats, flow] = await Promise.all([
    attempt(source, () => readList(request, source)),
    attempt(source, () => getStats.run(source, { date_prefix: date })),
    date === undefined || request.status !== undefined ? undefined : readFlow(source, [date]),
  ]);
  return { list, stats, flow };
}

/** A file whose own times cannot be read costs one more read: its head may know. */
async function readList(request: Request, source: Source): Promise<FileList> {
  const { date = '', status, class: ofClass, next: next_token } = request;
  const page = { limit: LISTED, next_token };
  const date_range = date ? { start: date, end: date } : undefined;
  const list: FileList = status
    ? await queryByStatus.run(source, { status, class: ofClass, date_range, ...page })
    : await listDate(source, date, page);
  return { ...list, files: await withHeadTimes(source.projection, list.files, source.now) };
}

function draw({ list, stats, flow }: Files, context: ViewContext, request: Request): Html {
  const chips = stats.kind === 'read' && statusChips(request, stats.value, context);
  const page = shown(titleOf(request), list, (value) => listCard(request, value, knownOf(stats), context));
  return html`${chips}${classNote(request, context)}${oddNote(request, knownOf(list), context)}${page}${durationsCard(flow, context)}`;
}

function listCard(request: Request, list: FileList, stats: Stats | undefined, context: ViewContext): Html {
  const title = titleOf(request);
  if (list.files.length === 0)
    return emptyCard(
      title,
      html`No files${list.next_token && ' among those looked at so far'}, ${asOf(isoTime(context.now), context.now)}. ${list.incomplete}`,
      moreLink(request, list, context),
    );
  const { rows, left } = cutRows(list.files.map((file) => fileRow(file, request, context)));
  return card(
    title,
    html`<table class="sm-table"><thead><tr><th>status</th><th class="sm-wide">file</th><th class="sm-right">since</th><th class="sm-right sm-roomy">size</th></tr></thead><tbody>${rows}</tbody></table>${list.incomplete && html`<p class="sm-bad">${list.incomplete}</p>`}${cutNote(left, 'files')}${moreLink(request, list, context)}`,
    html`${countText(request, list, stats)}, ${asOf(isoTime(context.now), context.now)}`,
  );
}

function titleOf({ date, status }: Request): string {
  return `${status ? `${status.charAt(0).toUpperCase()}${status.slice(1)} files` : 'Files'}${date ? ` of ${date}` : ''}`;
}

/** Which cause is listed; or, where files of a date failed, the way to their causes. */
function classNote({ date, status, class: id }: Request, context: ViewContext): Content {
  const dated = date === undefined ? {} : { date };
  if (id !== undefined) {
    const all = context.navigation.link('All causes', { view: 'files', ...dated, ...(status && { status }) });
    return html`<p class="sm-note">Only of the class ${classLink(id, id, date, context)}. ${all}</p>`;
  }
  if (!FAILURE_STATUSES.some((each) => each === status)) return false;
  return html`<p>${context.navigation.link('Show them by cause', { view: 'failures', ...dated })}</p>`;
}

/** What the pipeline of the documentation does not have is shown as it is, with the page that says what it has. */
function oddNote({ date }: Request, list: FileList | undefined, { navigation }: ViewContext): Content {
  const isOdd = list?.files.some(({ status }) => !isStatus(String(status)));
  const noDate = date !== undefined && !isCalendarDate(date);
  if (!isOdd && !noDate) return false;
  const what = [
    ...(isOdd
      ? [
          'A status here is none of the six: such files are counted as unknown, and nothing changes them by itself.',
        ]
      : []),
    ...(noDate ? ['No calendar has this date: it was cut out of the names.'] : []),
  ];
  return html`<p class="sm-note">${what.join(' ')} ${navigation.document('What your pipeline must be like', 'pipeline')}</p>`;
}

/** The statuses to choose from, each with its count. */
function statusChips({ date, status: chosen }: Request, stats: Stats, { navigation }: ViewContext): Html {
  const all =
    date !== undefined &&
    navigation.link(
      html`All <b>${grouped(stats.total)}</b>`,
      { view: 'files', date },
      { className: 'sm-chip', current: chosen === undefined },
    );
  const unknown = stats.unknown_status || chosen === UNKNOWN_STATUS ? ([UNKNOWN_STATUS] as const) : [];
  const chips = [...STATUSES, ...unknown].map((status: ListedStatus) =>
    navigation.link(
      html`${statusLabel(status)} <b>${grouped(countOf(stats, status))}</b>`,
      { view: 'files', ...(date && { date }), status },
      { className: 'sm-chip', current: chosen === status },
    ),
  );
  return html`<nav class="sm-chips" aria-label="Statuses">${all}${chips}</nav>`;
}

function countOf({ stats, unknown_status: unknown = 0 }: Stats, status: ListedStatus): number {
  return status === UNKNOWN_STATUS ? unknown : stats[status];
}

function fileRow(file: TrackingRecord, { date }: Request, context: ViewContext): Html {
  const since = sinceOf(file, context.now);
  const error =
    typeof file.error_message === 'string' &&
    html`<div class="sm-bad sm-small">${shortened(file.error_message, 160)}</div>`;
  const day =
    date === undefined && html`<span class="sm-dim sm-small">${shortened(file.date_prefix, 40)}</span> `;
  return html`<tr><td>${statusLabel(shortened(String(file.status ?? 'unknown'), 20))}</td><td class="sm-wide">${day}${fileLink(file.date_prefix, file.file_key, context)}${error}</td><td class="sm-right sm-nowrap">${since ? age(since, context.now) : 'age unknown'}</td><td class="sm-right sm-roomy sm-nowrap">${sizeText(file.file_size_mb)}</td></tr>`;
}

function moreLink(request: Request, { next_token: next }: FileList, { navigation }: ViewContext): Content {
  return (
    next &&
    html`<p>${navigation.link('Show more', { view: 'files', ...request, next }, { className: 'sm-button' })}</p>`
  );
}

function countText(
  { date, status, class: id, next }: Request,
  { files }: FileList,
  stats: Stats | undefined,
): string {
  const whole = id === undefined && stats && (status ? countOf(stats, status) : stats.total);
  const of = typeof whole === 'number' && whole > files.length ? ` of about ${grouped(whole)}` : '';
  const order = status && !date ? ', oldest date first' : ', sorted by name';
  return `${next ? 'the next ' : ''}${grouped(files.length)}${of} files${order}`;
}
