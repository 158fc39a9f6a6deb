import type { Stats } from '../operations/get-stats.ts';
import { card } from '../page-kit/card.ts';
import { meter } from '../page-kit/charts.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus } from '../pipeline/status.ts';
import type { StatusAge } from '../projection/ages.ts';
import { grouped } from '../text/number-text.ts';
import { durationText, utcText } from '../text/time-text.ts';
import { hoursWord } from './attention.ts';
import { statusLabel } from './status-look.ts';
import type { ViewContext } from './view.ts';

const HOUR = 3_600_000;

/** For each status in flight: the age of the oldest file, how many files are late, and how many soon will be. */
export function lateCard({ in_flight, as_of }: Stats, context: ViewContext): Html | undefined {
  const { now } = context;
  if (!in_flight) return undefined;
  const rows = IN_FLIGHT_STATUSES.map((status) => row(status, in_flight[status], context));
  const unaged = IN_FLIGHT_STATUSES.reduce((sum, status) => sum + Math.abs(in_flight[status].not_counted), 0);
  const foot = html`${unaged > 0 && html`incomplete: the ages of ${grouped(unaged)} are not counted yet, see rebuild; `}ages from the start of the hour, ${asOf(as_of, now)}`;
  return card('Oldest in flight', html`<ul class="sm-meters">${rows}</ul>`, foot);
}

function row(status: InFlightStatus, late: StatusAge, { now, navigation }: ViewContext): Html {
  const { oldest_since, limit_hours, age_unknown } = late;
  const unknown =
    age_unknown > 0 && html` <span class="sm-dim">${grouped(age_unknown)} of unknown age</span>`;
  if (oldest_since === null) {
    return html`<li>${statusLabel(status)}<span class="sm-dim">none</span>${unknown}</li>`;
  }
  const hours = Math.max(0, now - Date.parse(oldest_since)) / HOUR;
  const isSure = late.over_limit > 0;
  const isOver = late.over_limit_at_most > 0;
  const isUnsure = isOver && !isSure;
  const words = `${isUnsure ? 'up to ' : ''}${durationText(hours * HOUR)} of ${durationText(limit_hours * HOUR)}`;
  const link =
    isOver && navigation.link(overText(late), { view: 'files', status, older: hoursWord(limit_hours) });
  const drawn = meter(hours, limit_hours, `${status}: ${words}`, { isUnsure });
  return html`<li>${statusLabel(status)}<span class="${isSure ? 'sm-bad' : ''}">${isSure && '▲ '}${link && html`${link}: `}${words}</span>${drawn}${soonText(late)}${unknown}</li>`;
}

/** A file of the hour in which the limit falls may be within the limit or not. */
function overText({ over_limit: over, over_limit_at_most: most }: StatusAge): string {
  return over === most ? `${grouped(over)} over` : `${grouped(over)} to ${grouped(most)} over`;
}

/** Counts all that will be late, since some of them may be late already, within the hour of the limit. */
function soonText({ over_limit: over, soon }: StatusAge): Html | false {
  return (
    soon.more > 0 &&
    html` <span class="sm-dim">${grouped(over + soon.more)} will be late by ${utcText(soon.at).slice(0, 16)}Z unless they move</span>`
  );
}
