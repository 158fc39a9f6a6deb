import { card, cutRows, emptyCard } from '../page-kit/card.ts';
import { spanBar } from '../page-kit/charts.ts';
import { glyph } from '../page-kit/glyph.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { isInFlight } from '../pipeline/status.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import type { Timeline } from './answers.ts';
import { type Attempt, attemptsOf, type Stage } from './attempts.ts';
import type { ViewContext } from './view-context.ts';

// Files that were reset again and again have hundreds of events.
const MOST_STAGES = 30;
const MOST_SPANS = 400;

/** What happened to a file: the whole of its life on one line, then each attempt, to scale. */
export function timelineCard({ timeline, source }: Timeline, context: ViewContext): Html {
  const attempts = attemptsOf(timeline, context.now);
  if (attempts.length === 0) return emptyCard('Timeline', 'Nothing is known of what happened to it.');
  const parts = attempts.map((attempt, i) => attemptRows(attempt, i + 1, attempts.length, context));
  // Where not all fit, the latest are what matters.
  const { rows: latest, left } = cutRows(parts.reverse());
  return card(
    'Timeline',
    html`${attempts.length > 1 && wholeLife(attempts, context)}${left > 0 && html`<p class="sm-note">▲ The first ${left} attempts do not fit here and are not shown.</p>`}<table class="sm-table sm-timeline"><thead class="sm-hidden"><tr><th>event</th><th>time</th><th>lasted</th><th>to scale</th></tr></thead>${[...latest].reverse()}</table>`,
    html`bars are to scale, told by ${source === 'stream' ? 'the stream' : `the ${source}`}, ${asOf(isoTime(context.now), context.now)}`,
  );
}

function wholeLife(attempts: readonly Attempt[], { now }: ViewContext): Html {
  const start = Math.min(...attempts.map((attempt) => attempt.start));
  const end = Math.max(...attempts.map((attempt) => attempt.end));
  const spans = attempts.flatMap(({ stages }) => stages).slice(-MOST_SPANS);
  return html`<div class="sm-life">${spanBar(spans, start, end, 'The whole of it')}<p class="sm-scale"><span>${moment(isoTime(start), now)}</span><span>${durationText(end - start)}</span></p></div>`;
}

function attemptRows(attempt: Attempt, number: number, count: number, context: ViewContext): Html {
  const { stages, start, end } = attempt;
  const shown = stages.slice(0, MOST_STAGES);
  const left = stages.length - shown.length;
  const name = count > 1 ? `Attempt ${number}` : 'In all';
  return html`<tbody><tr class="sm-attempt"><th colspan="4">${name}: ${durationText(end - start)}</th></tr>${shown.map((stage) => stageRow(stage, attempt, context))}${left > 0 && html`<tr class="sm-why"><td colspan="4">${left} more events of this attempt are not shown.</td></tr>`}</tbody>`;
}

function stageRow(stage: Stage, { start, end }: Attempt, context: ViewContext): Html {
  const { event, status, timestamp } = stage;
  const lasted = lastedText(stage);
  return html`<tr><th scope="row">${glyph(status)} ${event.replaceAll('_', ' ')}</th><td class="sm-nowrap">${clockText(timestamp, context.now)}</td><td class="sm-right sm-nowrap">${lasted}</td><td class="sm-wide">${spanBar([stage], start, end, `${shortened(status, 40)} ${lasted}`)}</td></tr>${changeRow(stage, context)}`;
}

/** To the millisecond: steps often take less than a second. */
function clockText(timestamp: string, now: number): Content {
  const millis = Date.parse(timestamp);
  if (Number.isNaN(millis)) return shortened(timestamp, 30);
  const text = isoTime(millis);
  const isToday = text.slice(0, 10) === isoTime(now).slice(0, 10);
  return html`<time datetime="${text}" title="${text}">${isToday ? text.slice(11, 23) : text.slice(0, 19).replace('T', ' ')}</time>`;
}

function lastedText({ status, from, to, isOpen }: Stage): string {
  if (isOpen) return `${durationText(to - from)} so far`;
  if (to < from) return `−${durationText(from - to)}, a clock went back`;
  if (to === from) return '';
  return isInFlight(status) ? durationText(to - from) : `lay ${durationText(to - from)}`;
}

/** Who did it and why, where it was not the pipeline. */
function changeRow({ change_id: id, actor, reason }: Stage, { navigation }: ViewContext): Content {
  if (id === undefined) return undefined;
  return html`<tr class="sm-why"><td colspan="4">by <b>${shortened(actor ?? 'an unknown actor', 120)}</b>: “${shortened(reason ?? 'no reason was given', 300)}” ${navigation.link('change', { view: 'change', change: id }, { title: shortened(id, 100) })}</td></tr>`;
}
