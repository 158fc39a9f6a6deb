import type { Timeline } from '../operations/get-processing-timeline.ts';
import { card, cutRows, emptyCard } from '../page-kit/card.ts';
import { type Span, spanBar } from '../page-kit/charts.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { isInFlight } from '../pipeline/status.ts';
import { isoTime } from '../text/time.ts';
import { durationText, utcText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import { lookOf, statusGlyph } from './status-look.ts';
import type { ViewContext } from './view.ts';

// A file that is reset over and over has hundreds of events.
const MOST_STAGES = 30;
const MOST_SPANS = 400;

/** What happened to a file: its entire life on one line, then each attempt, to scale. */
export function timelineCard({ timeline, source }: Timeline, context: ViewContext): Html {
  const attempts = attemptsOf(timeline, context.now);
  if (attempts.length === 0) return emptyCard('Timeline', 'No known events.');
  const parts = attempts.map((attempt, i) => attemptRows(attempt, i + 1, attempts.length, context));
  // If not all fit, the latest ones matter most.
  const { rows: latest, left } = cutRows(parts.reverse());
  return card(
    'Timeline',
    html`${attempts.length > 1 && wholeLife(attempts, context)}${left > 0 && html`<p class="sm-note">▲ The first ${left} attempts do not fit here and are not shown.</p>`}<table class="sm-table sm-steps"><thead class="sm-hidden"><tr><th>event</th><th>time</th><th>lasted</th><th>to scale</th></tr></thead>${[...latest].reverse()}</table>`,
    html`bars are to scale; from the ${source}, ${asOf(isoTime(context.now), context.now)}`,
  );
}

function wholeLife(attempts: readonly Attempt[], { now }: ViewContext): Html {
  const start = Math.min(...attempts.map((attempt) => attempt.start));
  const end = Math.max(...attempts.map((attempt) => attempt.end));
  const spans = attempts
    .flatMap(({ stages }) => stages)
    .slice(-MOST_SPANS)
    .map(spanOf);
  return html`<div>${spanBar(spans, start, end, 'All attempts')}<p class="sm-scale"><span>${moment(isoTime(start), now)}</span><span>${durationText(end - start)}</span></p></div>`;
}

function attemptRows(attempt: Attempt, number: number, count: number, context: ViewContext): Html {
  const { stages, start, end } = attempt;
  const shown = stages.slice(0, MOST_STAGES);
  const left = stages.length - shown.length;
  const name = count > 1 ? `Attempt ${number}` : 'Total';
  return html`<tbody><tr class="sm-group"><th colspan="4">${name}: ${durationText(end - start)}</th></tr>${shown.map((stage) => stageRow(stage, attempt, context))}${left > 0 && html`<tr class="sm-detail"><td colspan="4">${left} more events of this attempt are not shown.</td></tr>`}</tbody>`;
}

function spanOf({ status, from, to, isOpen }: Stage): Span {
  return { tone: lookOf(status).tone, from, to, isOpen };
}

function stageRow(stage: Stage, { start, end }: Attempt, context: ViewContext): Html {
  const { event, status, timestamp } = stage;
  const lasted = lastedText(stage);
  return html`<tr><th scope="row">${statusGlyph(status)} ${event.replaceAll('_', ' ')}</th><td class="sm-nowrap">${clockText(timestamp, context.now)}</td><td class="sm-right sm-nowrap">${lasted}</td><td class="sm-wide">${spanBar([spanOf(stage)], start, end, `${shortened(status, 40)} ${lasted}`)}</td></tr>${detailRow(stage)}${changeRow(stage, context)}`;
}

/** To the millisecond, because steps often take less than a second. */
function clockText(timestamp: string, now: number): Content {
  const millis = Date.parse(timestamp);
  if (Number.isNaN(millis)) return shortened(timestamp, 30);
  const text = isoTime(millis);
  const isToday = text.slice(0, 10) === isoTime(now).slice(0, 10);
  return html`<time datetime="${text}" title="${text}">${isToday ? text.slice(11) : utcText(millis)}</time>`;
}

function lastedText({ status, from, to, isOpen }: Stage): string {
  if (isOpen) return `${durationText(to - from)} so far`;
  if (to < from) return `−${durationText(from - to)}, clock skew`;
  if (to === from) return '';
  return isInFlight(status) ? durationText(to - from) : `stayed ${durationText(to - from)}`;
}

/** The manifest, run and error of the attempt; the record keeps only those of the last attempt. */
function detailRow({ manifest, run, error }: Stage): Content {
  const details = [manifest && `in ${manifest}`, run && `by ${run}`, error].filter(
    (text) => text !== undefined,
  );
  if (details.length === 0) return undefined;
  return html`<tr class="sm-detail"><td colspan="4">${shortened(details.join(', '), 500)}</td></tr>`;
}

/** Who did it and why, if it was not the pipeline. */
function changeRow({ change_id: id, actor, reason }: Stage, { navigation }: ViewContext): Content {
  if (id === undefined) return undefined;
  return html`<tr class="sm-detail"><td colspan="4">by <b>${shortened(actor ?? 'an unknown actor', 120)}</b>: “${shortened(reason ?? 'no reason given', 300)}” ${navigation.link('change', { view: 'change', change: id }, { title: shortened(id, 100) })}</td></tr>`;
}

type TimelineEvent = Timeline['timeline'][number];

/** An event of a file, and how long the resulting status lasted. */
type Stage = TimelineEvent & {
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** When the next event came, or now if the status still lasts; otherwise the same as `from`. */
  readonly to: number;
  /** The status still lasts. */
  readonly isOpen: boolean;
};

/** The life of a file from its upload, or from a reset, until it settled or was reset. */
interface Attempt {
  readonly stages: readonly Stage[];
  readonly start: number;
  /** When it settled; the time from then to a reset is not part of the attempt. */
  readonly end: number;
}

/** The attempts of a file, in order. An event with an unreadable time gets the time of the one before it. */
function attemptsOf(events: readonly TimelineEvent[], now: number): Attempt[] {
  const times = events.map(({ timestamp }) => Date.parse(timestamp));
  const known = times.map((time, i) =>
    Number.isNaN(time) ? (times.slice(0, i).findLast(Number.isFinite) ?? now) : time,
  );
  const stages = events.map((event, i) => stageOf(event, known[i] ?? now, known[i + 1], now));
  const starts = stages.flatMap(({ event }, i) =>
    i === 0 || event === 'uploaded' || event === 'reset' ? [i] : [],
  );
  return starts.map((start, i) => attemptOf(stages.slice(start, starts[i + 1])));
}

/** @param next when the event after it came; undefined for the last one */
function stageOf(event: TimelineEvent, from: number, next: number | undefined, now: number): Stage {
  const isOpen = next === undefined && isInFlight(event.status);
  return { ...event, from, to: next ?? (isOpen ? Math.max(from, now) : from), isOpen };
}

/** With clock skew a later event can have an earlier time. */
function attemptOf(stages: readonly Stage[]): Attempt {
  const last = stages.at(-1);
  const hasSettled = last !== undefined && !isInFlight(last.status);
  const times = stages.flatMap((stage) =>
    stage === last && hasSettled ? [stage.from] : [stage.from, stage.to],
  );
  return { stages, start: Math.min(...times), end: Math.max(...times) };
}
