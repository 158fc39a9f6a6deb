import type { SweepReport } from '../orphans/sweep-report.ts';
import { card } from '../page-kit/card.ts';
import { meter } from '../page-kit/charts.ts';
import { statusLabel } from '../page-kit/glyph.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { durationText } from '../text/time-text.ts';
import { IN_FLIGHT, type InFlight } from './in-flight.ts';

/** How long the oldest file has been in each in-flight status, against how long it may. */
export function oldestCard(sweep: SweepReport, now: number): Html {
  return card(
    'Oldest in flight',
    html`<ul class="sm-meters">${IN_FLIGHT.map((status) => row(status, sweep))}</ul>`,
    html`by the last sweep, ${asOf(sweep.at, now)}`,
  );
}

function row(status: InFlight, { oldestHours, limitHours }: SweepReport): Html {
  const hours = oldestHours[status];
  const limit = limitHours[status];
  if (hours === undefined || limit === undefined) {
    return html`<li>${statusLabel(status)}<span class="sm-dim">none</span></li>`;
  }
  const isOver = hours > limit;
  const words = `${hoursText(hours)} of ${hoursText(limit)}`;
  return html`<li>${statusLabel(status)}<span class="${isOver ? 'sm-bad' : ''}">${isOver && '▲ over: '}${words}</span>${meter(hours, limit, `${status}: ${words}`)}</li>`;
}

function hoursText(hours: number): string {
  return durationText(hours * 3_600_000);
}
