import { getStats, type Stats } from '../operations/get-stats.ts';
import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { FAILURE_STATUSES } from '../pipeline/record-failure.ts';
import { isStatus, STATUSES, UNKNOWN_STATUS } from '../pipeline/status.ts';
import { grouped } from '../text/number-text.ts';
import { isCalendarDate, isoTime } from '../text/time.ts';
import { type Dates, drawDates, readDates } from './dates.ts';
import { type DatedFlow, durationsCard, readFlow } from './durations-card.ts';
import { classLink } from './failure-kinds.ts';
import { exportFiles } from './file-export.ts';
import { fileRows } from './file-rows.ts';
import { countText, lookedText } from './file-words.ts';
import { takeAlongCard } from './list-commands.ts';
import { askedFiles, type FileList, type FilesRequest, readFileList } from './list-files.ts';
import { filterForm, sortLinks } from './list-tools.ts';
import { pager } from './pager.ts';
import { attempt, knownOf } from './read.ts';
import { statusLabel } from './status-look.ts';
import { stillNote } from './still.ts';
import { titleOfList } from './titles.ts';
import type { Source, View, ViewContext } from './view.ts';
import { wordsCard } from './words.ts';

type ListedStatus = NonNullable<FilesRequest['status']>;

/** The data of a list of files. */
export interface Files {
  readonly list: Read<FileList>;
  /** Of the date, or of all dates. */
  readonly stats: Read<Stats>;
  /** How long the files of the date took, if that is counted. */
  readonly flow?: Read<DatedFlow> | undefined;
}

/** The files of a date, of a status, or of both; without either, the dates to choose from. */
export const files: View<'files', Files | { readonly dates: Read<Dates> }> = {
  tab: 'Dates',
  read: async (request, source) =>
    request.date || request.status || request.class
      ? readFiles(askedFiles(request), source)
      : { dates: await readDates(source) },
  draw: (data, context, request) =>
    'dates' in data ? drawDates(data.dates, context) : drawFiles(data, context, askedFiles(request)),
  export: (request, source) => exportFiles(askedFiles(request), source),
};

/**
 * Two reads for the files of a date. Files of one status are spread over the shards of that status, and every shard
 * is read.
 */
async function readFiles(request: FilesRequest, source: Source): Promise<Files> {
  const { date } = request;
  const [list, stats, flow] = await Promise.all([
    attempt(source, () => readFileList(request, source)),
    attempt(source, () => getStats.run(source, { date_prefix: date })),
    date === undefined || request.status !== undefined ? undefined : readFlow(source, [date]),
  ]);
  return { list, stats, flow };
}

function drawFiles({ list, stats, flow }: Files, context: ViewContext, request: FilesRequest): Html {
  const chips = stats.kind === 'read' && statusChips(request, stats.value, context);
  const page = shown(titleOfList('files', request), list, (value) =>
    listCards(request, value, knownOf(stats), context),
  );
  return html`${chips}${classNote(request, context)}${wordsCard({ notes: knownOf(stats)?.notes ?? [] }, context)}${oddNote(request, knownOf(list), context)}${page}${durationsCard(flow, context)}`;
}

function listCards(
  request: FilesRequest,
  list: FileList,
  stats: Stats | undefined,
  context: ViewContext,
): Html {
  const whole = stats && (request.status ? countOf(stats, request.status) : stats.total);
  const tools = html`<div class="sm-tools">${sortLinks(request, context)}${filterForm(request, context)}</div>`;
  return html`${listCard(request, list, { whole, tools }, context)}${takeAlongCard(request, list, context)}`;
}

function listCard(
  request: FilesRequest,
  list: FileList,
  { whole, tools }: { readonly whole: number | undefined; readonly tools: Html },
  context: ViewContext,
): Html {
  const title = titleOfList('files', request);
  const time = asOf(isoTime(context.now), context.now);
  const looked = lookedText(request, list, whole);
  const notes = html`${looked && html`<p class="sm-note">${looked}</p>`}${isDear(request, list) && stillNote(context)}${list.incomplete && html`<p class="sm-bad">${list.incomplete}</p>`}`;
  if (list.files.length === 0) {
    const none = html`No files${list.next_token && ' among those searched so far'}, ${time}.`;
    const isNarrowed = request.older !== undefined || request.manifest !== undefined;
    return emptyCard(title, none, html`${isNarrowed && tools}${notes}${pager(request, list, context)}`);
  }
  const { rows, left } = cutRows(fileRows(request, list, context));
  return card(
    title,
    html`${tools}<table class="sm-table"><thead><tr><th>status</th><th class="sm-wide">file</th><th class="sm-right">for</th><th class="sm-right sm-roomy">size</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'files')}${notes}${pager(request, list, context)}`,
    html`${countText(request, list, whole)}, ${time}`,
  );
}

/** A list that takes this many reads is not refreshed automatically: a page refreshes every few seconds. */
const STILL_FROM = 500;

/** Files of a class are searched for among thousands, and those of unknown status among all heads of their dates. */
function isDear({ status, class: ofClass }: FilesRequest, { gathered }: FileList): boolean {
  return ofClass !== undefined || status === UNKNOWN_STATUS || (gathered?.looked ?? 0) > STILL_FROM;
}

/** Which cause is listed; or, in a list of failures, a link to their causes. */
function classNote({ date, status, class: id }: FilesRequest, context: ViewContext): Content {
  const dated = date === undefined ? {} : { date };
  if (id !== undefined) {
    const all = context.navigation.link('All causes', { view: 'files', ...dated, ...(status && { status }) });
    return html`<p class="sm-note">Only the class ${classLink(id, id, date, context)}. ${all}</p>`;
  }
  if (!FAILURE_STATUSES.some((each) => each === status)) return false;
  return html`<p>${context.navigation.link('Show them by cause', { view: 'failures', ...dated })}</p>`;
}

/** Statuses and dates that the documented pipeline does not have are shown unchanged, with a link to its description. */
function oddNote({ date }: FilesRequest, list: FileList | undefined, { navigation }: ViewContext): Content {
  const isOdd = list?.files.some(({ status }) => !isStatus(String(status)));
  const noDate = date !== undefined && !isCalendarDate(date);
  if (!isOdd && !noDate) return false;
  const what = [
    ...(isOdd
      ? [
          'Some files here have none of the six known statuses. They are counted as unknown, and nothing changes them automatically.',
        ]
      : []),
    ...(noDate ? ['This date does not exist in the calendar. It was taken from the file names.'] : []),
  ];
  return html`<p class="sm-note">${what.join(' ')} ${navigation.document('What your pipeline must be like', 'pipeline')}</p>`;
}

/** The statuses to choose from, each with its count. */
function statusChips(
  { date, status: chosen }: FilesRequest,
  stats: Stats,
  { navigation }: ViewContext,
): Html {
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
