import { isNothingCounted, type Stats } from '../operations/get-stats.ts';
import { card, emptyCard, factList } from '../page-kit/card.ts';
import { lineChart, type Scale, stackedBar, withAxes } from '../page-kit/charts.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment, timesMarked } from '../page-kit/moment.ts';
import { SETTLED_STATUSES, STATUSES, type Status } from '../pipeline/status.ts';
import { behindText, cameText, expectedText } from '../statistics/came-text.ts';
import { drainText } from '../statistics/drain-text.ts';
import { isMissing } from '../statistics/expected-files.ts';
import { isUnusual } from '../statistics/usual-arrivals.ts';
import { grouped, percent } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import { logLink } from './console-links.ts';
import { runbookCommand } from './runbook.ts';
import { barPart, lookOf, statusLabel } from './status-look.ts';
import { evenTimes, type Flow, flowOf, growthOf, levelsOf, type Sample } from './trend.ts';
import type { ViewContext } from './view.ts';

/** A tile for each status: how many files have it, and how that has changed. */
export function statusTiles(stats: Stats, samples: readonly Sample[], context: ViewContext): Html {
  return html`<div class="sm-tiles">${STATUSES.map((status) => tile(status, stats, samples, context))}</div>`;
}

function tile(status: Status, stats: Stats, samples: readonly Sample[], { navigation }: ViewContext): Html {
  const look = { title: `Files that are ${status}` };
  return html`<section class="sm-tile"><h2>${navigation.link(statusLabel(status), { view: 'files', status }, look)}</h2>
<p class="sm-number" data-status="${status}">${grouped(stats.stats[status])}</p>
<p class="sm-trend">${growthText(samples, status)}</p>${trendChart(samples, status)}</section>`;
}

function growthText(samples: readonly Sample[], status: Status): string {
  const growth = growthOf(samples, status);
  if (!growth) return 'trend: next refresh';
  const sign = growth.count > 0 ? '+' : growth.count < 0 ? '−' : '±';
  return `${sign}${grouped(Math.abs(growth.count))} in ${durationText(growth.millis)}`;
}

function trendChart(samples: readonly Sample[], status: Status): Html {
  const levels = levelsOf(samples, status);
  const shown = levels.length > 0 ? levels : [0, 0];
  const ends = `${grouped(shown[0] ?? 0)} to ${grouped(shown.at(-1) ?? 0)}`;
  const told = evenTimes(samples).map((at, i) => ({ at, text: `${grouped(levels[i] ?? 0)} ${status}` }));
  return lineChart(shown, scaleOf(shown), lookOf(status).tone, `${status}, trend: ${ends}`, told);
}

/** A small change of a large count looks small but can still be seen; a constant count is a line half way up. */
function scaleOf(levels: readonly number[]): Scale {
  const least = Math.min(...levels);
  const most = Math.max(...levels);
  const slack = Math.max(0, Math.max(most / 4, 1) - (most - least));
  const from = Math.max(0, least - slack / 2);
  return { from, to: Math.max(most, from + slack + (most - least)) };
}

/** How many files arrive and how many are settled per minute, and when those in flight will be. */
export function flowCard(
  samples: readonly Sample[],
  { drain, came }: Pick<Stats, 'drain' | 'came'>,
  now: number,
): Html {
  const flow = flowOf(samples);
  const last = samples.at(-1);
  if (!flow || !last) {
    return emptyCard('Flow', 'Needs two samples; shown after the next refresh.', undefined, 'double');
  }
  const { settledSeries: series, seriesMillis, millis } = flow;
  const figures = html`<div class="sm-figures">${figure(flow.inPerMinute, 'became pending')}${figure(flow.outPerMinute, 'settled')}</div>`;
  const chart = series.length > 2 && settledChart(flow, now);
  const scale = series.length > 2 && html`; line: settled per minute, last ${durationText(seriesMillis)}`;
  const foot = html`over the last ${durationText(millis)}${scale}, ${asOf(isoTime(last.at), now)}`;
  const backlog = drain && html`<p class="sm-dim">Backlog: ${timesMarked(drainText(drain, now))}</p>`;
  return card('Flow', html`${figures}${chart}${backlog}${came && cameLines(came, now)}`, foot, 'double');
}

/** Whether files arrive as usual, and whether expected files have arrived. */
function cameLines(
  { at, dates, expected = [], behind_seconds }: NonNullable<Stats['came']>,
  now: number,
): Html[] {
  const line = (isBad: boolean, text: string) =>
    html`<p class="${isBad ? 'sm-bad' : 'sm-dim'}">${isBad && '▲ '}${text}, ${asOf(at, now)}</p>`;
  return [
    ...(behind_seconds === undefined ? [] : [line(false, behindText(behind_seconds))]),
    ...dates.map((date) => line(isUnusual(date), `${date.date_prefix}: ${cameText(date)}`)),
    ...expected.map((answer) => line(isMissing(answer), `${answer.date_prefix}: ${expectedText(answer)}`)),
  ];
}

function settledChart({ settledSeries, seriesTimes, seriesMillis }: Flow, now: number): Html {
  const scale = { from: 0, to: Math.max(...settledSeries) };
  const told = seriesTimes.map((at, i) => ({
    at,
    text: `${rateText(settledSeries[i] ?? 0)} settled per minute`,
  }));
  const label = `Files settled per minute over the last ${durationText(seriesMillis)}, at most ${grouped(scale.to)}`;
  const chart = lineChart(settledSeries, scale, lookOf('completed').tone, label, told);
  const [start, end] = [seriesTimes[0] ?? now, seriesTimes.at(-1) ?? now].map((at) =>
    moment(isoTime(at), now),
  );
  return withAxes(chart, scale, start, end);
}

function figure(perMinute: number, what: string): Html {
  return html`<div><p class="sm-number">${rateText(perMinute)}<small> per minute</small></p><p class="sm-dim">${what}</p></div>`;
}

/** Below ten per minute, a decimal still matters. */
function rateText(perMinute: number): string {
  return perMinute > 0 && perMinute < 10 ? perMinute.toFixed(1) : grouped(perMinute);
}

/** How many of the settled files were completed. */
export function successCard({ stats, as_of }: Stats, now: number): Html {
  const settled = SETTLED_STATUSES.reduce((sum, status) => sum + stats[status], 0);
  if (settled === 0) return emptyCard('Success', 'No file has settled yet.');
  const parts = SETTLED_STATUSES.map((status) => barPart(status, stats[status]));
  const legend = SETTLED_STATUSES.map(
    (status) => html`<li>${statusLabel(status)} <b>${grouped(stats[status])}</b></li>`,
  );
  return card(
    'Success',
    html`<p class="sm-number">${percent(stats.completed, settled)}</p>${stackedBar(parts, settled)}<ul class="sm-legend">${legend}</ul>`,
    html`of ${grouped(settled)} settled files, ${asOf(as_of, now)}`,
  );
}

/** How far the counts can be trusted. */
export function accuracyCard(stats: Stats, context: ViewContext): Html {
  const { now, environment } = context;
  const { as_of, lag_seconds: lag, dead_letters_waiting: letters, last_audit: audit } = stats;
  return card(
    'Accuracy',
    html`${factList([
      ['Counted up to', as_of ? moment(as_of, now) : unstreamedText(stats)],
      ['Behind the stream', lag === null ? 'unknown' : durationText(lag * 1_000)],
      ['Dead letters waiting', letters ? lettersText(letters.waiting) : 'not counted yet'],
      ['Last audit', audit ? moment(audit.at, now) : 'none yet'],
      ['Differences found', audit && auditText(audit)],
      ['Issues found', audit && issuesText(audit)],
      ['Logs', logs(context)],
    ])}${letters && letters.waiting > 0 && runbookCommand(environment, 'replay-dead-letters')}`,
    html`${letters && html`dead letters ${asOf(letters.at, now)}`}`,
  );
}

/** A rebuild counts records, of whichever time, before the stream brings a change. */
function unstreamedText(stats: Stats): string {
  return isNothingCounted(stats) ? 'nothing counted yet' : 'unknown: no change from the stream yet';
}

/** The logs of the functions whose work is shown here; nothing on one machine, whose logs are files. */
function logs(context: ViewContext): Content {
  if (!context.deployed) return undefined;
  const handlers = ['stream-consumer', 'orphan-sweep', 'consistency-audit'] as const;
  return handlers.map((handler) => html`<div>${logLink(handler, context)}</div>`);
}

function lettersText(waiting: number): Content {
  return waiting === 0 ? '0' : html`<span class="sm-bad">▲ ${grouped(waiting)}</span>`;
}

function auditText({
  drift_found: found,
  drift_repaired: repaired,
}: NonNullable<Stats['last_audit']>): Content {
  if (found === 0) return 'none';
  const text = `${grouped(found)}, ${grouped(repaired)} repaired`;
  return found > repaired ? html`<span class="sm-bad">▲ ${text}</span>` : text;
}

function issuesText({ issues_found: found = 0 }: NonNullable<Stats['last_audit']>): Content {
  return found === 0 ? 'none' : html`<span class="sm-bad">▲ ${grouped(found)}</span>`;
}
