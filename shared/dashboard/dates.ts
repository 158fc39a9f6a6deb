import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { card, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { stackedBar } from '../page-kit/charts.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { FAILURE_STATUSES } from '../pipeline/record-failure.ts';
import { IN_FLIGHT_STATUSES, type Status } from '../pipeline/status.ts';
import { readCounters } from '../projection/counter-items.ts';
import type { Counters } from '../projection/counters.ts';
import { listDates } from '../projection/dates.ts';
import { grouped, percent } from '../text/number-text.ts';
import { dayOf, isCalendarDate, isoTime } from '../text/time.ts';
import { type DatedFlow, durationsCard, readFlowAndLimits } from './durations-card.ts';
import { attempt } from './read.ts';
import { barPart, statusGlyph, statusLabel } from './status-look.ts';
import type { Source, TimeRange, View, ViewContext } from './view.ts';

/** The counters of one date. */
export interface DateCounters {
  readonly date: string;
  readonly counters: Counters;
}

/** What the dates are drawn from. */
export interface Dates {
  /** Newest first. */
  readonly listed: readonly DateCounters[];
  /** How many dates have files. */
  readonly known: number;
  /** How long files of the newest dates took, if that is counted. */
  readonly flow?: Read<DatedFlow> | undefined;
}

/** How many files each date has, and in which statuses they are. */
export const dates: View<'dates', Read<Dates>> = {
  tab: 'Dates',
  read: (_, source) => readDates(source),
  draw: drawDates,
};

const FEWEST = 14;
const MOST_DATES = 25;
// A week: enough to see how long files take now.
const TIMED_DATES = 7;
const CONCURRENT_READS = 8;

/** Reads which dates exist, and the counters of those that are shown. */
export function readDates(source: Source): Promise<Read<Dates>> {
  const { projection, timeRange, now } = source;
  return attempt(source, async () => {
    const known = await listDates(projection);
    const shownDates = datesShown(known, { range: timeRange, now }, FEWEST, MOST_DATES);
    const [listed, flow] = await Promise.all([
      readDateCounters(projection, shownDates),
      readFlowAndLimits(source, shownDates.slice(0, TIMED_DATES)),
    ]);
    return { listed, known: known.length, flow };
  });
}

/**
 * Which dates are shown, newest first: those in the time range, but at least some from before its end. A
 * dashboard that is set to the last three hours should still show more than one date. Future dates are always shown,
 * since no range reaches them. They occur because the pipeline takes dates from names.
 *
 * @param known every date there is, oldest first
 * @param fewest how many to show even if the range is shorter
 */
export function datesShown(
  known: readonly string[],
  { range, now }: { readonly range: TimeRange | undefined; readonly now: number },
  fewest: number,
  most: number,
): string[] {
  const newestFirst = [...known].reverse();
  if (!range) return newestFirst.slice(0, most);
  const upToEnd = newestFirst.filter((date) => date <= dayOf(range.end));
  const within = upToEnd.filter((date) => date >= dayOf(range.start));
  const ahead = newestFirst.filter((date) => date > dayOf(Math.max(now, range.end))).slice(0, most / 2);
  return [...ahead, ...upToEnd.slice(0, Math.max(fewest, within.length))].slice(0, most);
}

/**
 * The counters of several dates, in the order given: half a read unit for each date. The reads are eventually
 * consistent, so the latest writes may be missing.
 */
function readDateCounters(table: Table, wanted: readonly string[]): Promise<DateCounters[]> {
  const read = async (date: string) => ({ date, counters: await readCounters(table, date, 'eventual') });
  return pMap(wanted, read, { concurrency: CONCURRENT_READS });
}

// Completed first, then in flight, and failures at the end of the bar.
const BAR_ORDER: readonly Status[] = [
  'completed',
  'processing',
  'manifested',
  'pending',
  'quarantined',
  'failed',
];

export function drawDates(read: Read<Dates>, context: ViewContext): Content {
  return shown(
    'Files by date',
    read,
    (value) => html`${dateTable(value, context)}${durationsCard(value.flow, context)}`,
  );
}

function dateTable({ listed, known }: Dates, context: ViewContext): Html {
  if (listed.length === 0) return emptyCard('Files by date', 'No date has files yet.');
  const most = Math.max(...listed.map(({ counters }) => totalOf(counters.file)), 1);
  const newest = Math.max(...listed.map(({ counters }) => counters.asOf ?? 0));
  const odd = listed.some(({ date }) => !isCalendarDate(date));
  const cut = known > listed.length && html`the newest ${listed.length} of ${grouped(known)} dates, `;
  return card(
    'Files by date',
    html`${legend()}<table class="sm-table sm-bars"><thead><tr><th>date</th><th class="sm-wide">files</th><th class="sm-right">total</th><th class="sm-right">completed</th><th class="sm-right sm-roomy">in flight</th><th class="sm-right">failed</th></tr></thead>
<tbody>${listed.map((date) => dateRow(date, most, context))}</tbody></table>${odd && html`<p class="sm-note">Dates that do not exist in the calendar were taken from file names. ${context.navigation.document('What your pipeline must be like', 'pipeline')}</p>`}`,
    html`${cut}${asOf(newest > 0 ? isoTime(newest) : undefined, context.now)}; all bars have the same scale`,
  );
}

function dateRow({ date, counters }: DateCounters, most: number, { navigation }: ViewContext): Html {
  const { file, asOf: time } = counters;
  const total = totalOf(file);
  const failed = file.failed + file.quarantined;
  const inFlight = IN_FLIGHT_STATUSES.reduce((sum, status) => sum + file[status], 0);
  const parts = [...BAR_ORDER.map((status) => barPart(status, file[status])), barPart('other', file.unknown)];
  return html`<tr title="${time === undefined ? '' : `as of ${isoTime(time)}`}"><th scope="row">${navigation.link(date, { view: 'files', date })}</th><td class="sm-wide">${stackedBar(parts, most)}</td><td class="sm-right">${grouped(total)}</td><td class="sm-right">${percent(file.completed, total)}</td><td class="sm-right sm-roomy">${grouped(inFlight)}</td><td class="sm-right">${failed > 0 ? failedLinks(date, file, navigation) : html`<span class="sm-dim">0</span>`}</td></tr>`;
}

/** One link per status, so that each leads to exactly as many files as it says. */
function failedLinks(
  date: string,
  file: Record<Status, number>,
  navigation: ViewContext['navigation'],
): Content {
  const statuses = FAILURE_STATUSES.filter((status) => file[status] > 0);
  return statuses.map((status, i) => {
    const label = html`${statusGlyph(status)} ${grouped(file[status])}`;
    return html`${i > 0 && ' '}${navigation.link(label, { view: 'files', date, status }, { title: status })}`;
  });
}

function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function legend(): Html {
  return html`<ul class="sm-legend">${BAR_ORDER.map((status) => html`<li>${statusLabel(status)}</li>`)}</ul>`;
}
