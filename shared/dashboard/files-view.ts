import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { statusLabel } from '../page-kit/glyph.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { sinceOf } from '../pipeline/record.ts';
import { STATUSES } from '../pipeline/status.ts';
import { grouped, sizeText } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import type { FilesAnswer, ShownRecord, Stats } from './answers.ts';
import { fileLink } from './file-name.ts';
import { knownOf } from './read.ts';
import type { ViewContext } from './view-context.ts';
import type { ViewRequest } from './view-request.ts';

export type FilesRequest = Extract<ViewRequest, { view: 'files' }>;

/** What a list of files is drawn from. */
export interface Files {
  readonly list: Read<FilesAnswer>;
  /** Of the date, or of everything. */
  readonly stats: Read<Stats>;
}

/** The files of a date, of a status, or of both. */
export function filesView(request: FilesRequest, { list, stats }: Files, context: ViewContext): Html {
  const title = titleOf(request);
  return html`${stats.kind === 'read' && statusChips(request, stats.value, context)}${shown(
    title,
    list,
    (answer) => listCard(request, answer, knownOf(stats), context),
  )}`;
}

function listCard(
  request: FilesRequest,
  answer: FilesAnswer,
  stats: Stats | undefined,
  context: ViewContext,
): Html {
  const title = titleOf(request);
  if (answer.files.length === 0)
    return emptyCard(title, html`There are none, ${asOf(isoTime(context.now), context.now)}.`);
  const { rows, left } = cutRows(answer.files.map((file) => fileRow(file, request, context)));
  return card(
    title,
    html`<table class="sm-table"><thead><tr><th>status</th><th class="sm-wide">file</th><th class="sm-right">since</th><th class="sm-right sm-roomy">size</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'files')}${moreLink(request, answer, context)}`,
    html`${countText(request, answer, stats)}, ${asOf(isoTime(context.now), context.now)}`,
  );
}

function titleOf({ date, status }: FilesRequest): string {
  return `${status ? `${status.charAt(0).toUpperCase()}${status.slice(1)} files` : 'Files'}${date ? ` of ${date}` : ''}`;
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
  const chips = STATUSES.map((status) =>
    navigation.link(
      html`${statusLabel(status)} <b>${grouped(stats.stats[status])}</b>`,
      { view: 'files', ...(date && { date }), status },
      { className: 'sm-chip', current: chosen === status },
    ),
  );
  return html`<nav class="sm-chips" aria-label="Statuses">${all}${chips}</nav>`;
}

function fileRow(file: ShownRecord, { date }: FilesRequest, context: ViewContext): Html {
  const since = sinceOf(file);
  const error =
    typeof file.error_message === 'string' &&
    html`<div class="sm-bad sm-small">${shortened(file.error_message, 160)}</div>`;
  const day =
    date === undefined && html`<span class="sm-dim sm-small">${shortened(file.date_prefix, 40)}</span> `;
  return html`<tr><td>${statusLabel(shortened(String(file.status ?? 'unknown'), 20))}</td><td class="sm-wide">${day}${fileLink(file.date_prefix, file.file_key, context)}${error}</td><td class="sm-right sm-nowrap"${since && html` title="${since}"`}>${since ? ageText(since, context.now) : 'unknown'}</td><td class="sm-right sm-roomy sm-nowrap">${sizeText(file.file_size_mb)}</td></tr>`;
}

function ageText(since: string, now: number): string {
  return durationText(Math.max(0, now - Date.parse(since)));
}

function moreLink(
  request: FilesRequest,
  { next_token: next }: FilesAnswer,
  { navigation }: ViewContext,
): Content {
  return (
    next && html`<p>${navigation.link('More of them', { ...request, next }, { className: 'sm-button' })}</p>`
  );
}

function countText(
  { date, status, next }: FilesRequest,
  { files }: FilesAnswer,
  stats: Stats | undefined,
): string {
  const whole = stats && (status ? stats.stats[status] : stats.total);
  const of = whole !== undefined && whole > files.length ? ` of about ${grouped(whole)}` : '';
  const order = status && !date ? ', oldest date first' : ', in the order of their names';
  return `${next ? 'a further ' : ''}${grouped(files.length)}${of} files${order}`;
}
