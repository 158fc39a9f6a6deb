import { card, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { stackedBar } from '../page-kit/charts.ts';
import { glyph, statusLabel } from '../page-kit/glyph.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { isInFlight, STATUSES, type Status } from '../pipeline/status.ts';
import { grouped, percent } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import type { DateCounters } from './date-counters.ts';
import type { ViewContext } from './view-context.ts';

/** What the dates are drawn from. */
export interface Dates {
  /** Newest first. */
  readonly listed: readonly DateCounters[];
  /** How many dates have files at all. */
  readonly known: number;
}

// Settled well, then what is under way in the order of its life, then what went wrong: that is at the end.
const BAR_ORDER: readonly Status[] = [
  'completed',
  'processing',
  'manifested',
  'pending',
  'quarantined',
  'failed',
];

/** How many files each date has, and what became of them. */
export function datesView(read: Read<Dates>, context: ViewContext): Content {
  return shown('Files by date', read, (dates) => tableOf(dates, context));
}

function tableOf({ listed, known }: Dates, context: ViewContext): Html {
  if (listed.length === 0) return emptyCard('Files by date', 'No date has files yet.');
  const most = Math.max(...listed.map(({ counters }) => totalOf(counters.file)), 1);
  const newest = Math.max(...listed.map(({ counters }) => counters.asOf ?? 0));
  const cut = known > listed.length && html`the newest ${listed.length} of ${grouped(known)} dates, `;
  return card(
    'Files by date',
    html`${legend()}<table class="sm-table sm-dates"><thead><tr><th>date</th><th class="sm-wide">files</th><th class="sm-right">in all</th><th class="sm-right">completed</th><th class="sm-right sm-roomy">in flight</th><th class="sm-right">failed</th></tr></thead>
<tbody>${listed.map((date) => dateRow(date, most, context))}</tbody></table>`,
    html`${cut}${asOf(newest > 0 ? isoTime(newest) : undefined, context.now)}; bars are to one scale`,
  );
}

function dateRow({ date, counters }: DateCounters, most: number, { navigation }: ViewContext): Html {
  const { file, asOf: time } = counters;
  const total = totalOf(file);
  const failed = file.failed + file.quarantined;
  const inFlight = STATUSES.filter(isInFlight).reduce((sum, status) => sum + file[status], 0);
  const segments = [
    ...BAR_ORDER.map((status) => ({ status, count: file[status] })),
    { status: 'other', count: file.unknown },
  ];
  return html`<tr title="${time === undefined ? '' : `as of ${isoTime(time)}`}"><th scope="row">${navigation.link(date, { view: 'files', date })}</th><td class="sm-wide">${stackedBar(segments, most)}</td><td class="sm-right">${grouped(total)}</td><td class="sm-right">${percent(file.completed, total)}</td><td class="sm-right sm-roomy">${grouped(inFlight)}</td><td class="sm-right">${failed > 0 ? failedLink(date, file, navigation) : html`<span class="sm-dim">0</span>`}</td></tr>`;
}

function failedLink(
  date: string,
  file: Record<Status, number>,
  navigation: ViewContext['navigation'],
): Content {
  const status = file.failed > 0 ? 'failed' : 'quarantined';
  const label = html`${glyph(status)} ${grouped(file.failed + file.quarantined)}`;
  return navigation.link(
    label,
    { view: 'files', date, status },
    { title: `${file.failed} failed, ${file.quarantined} quarantined` },
  );
}

function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function legend(): Html {
  return html`<ul class="sm-legend">${BAR_ORDER.map((status) => html`<li>${statusLabel(status)}</li>`)}</ul>`;
}
