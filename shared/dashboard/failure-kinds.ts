import { card, emptyCard } from '../page-kit/card.ts';
import { lineChart } from '../page-kit/charts.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { FAILURE_STATUSES, type FailureStatus } from '../pipeline/record-failure.ts';
import type { FailureSummary } from '../statistics/read-failures.ts';
import { grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { lookOf, statusGlyph } from './status-look.ts';
import type { ViewContext } from './view.ts';

const SHOWN = 5;
const HOUR_MILLIS = 3_600_000;

/** The most frequent causes, for the overview. */
export function failuresCard(classes: readonly FailureSummary[], context: ViewContext): Html {
  const now = asOf(isoTime(context.now), context.now);
  const current = classes.filter((one) => sizeOf(one) > 0);
  if (current.length === 0) return emptyCard('Failures', html`No file is failed or quarantined, ${now}.`);
  const rows = current
    .slice(0, SHOWN)
    .map(
      (one) =>
        html`<li><span>${classLink(shortened(one.text, 90), one.class, undefined, context)}</span><b>${grouped(sizeOf(one))}</b></li>`,
    );
  const more =
    current.length > SHOWN &&
    html`<p>${context.navigation.link(`All ${grouped(current.length)} causes`, { view: 'failures' })}</p>`;
  const fresh = current.reduce((sum, { last_hours }) => sum + last_hours, 0);
  return card(
    'Failures',
    html`<ul class="sm-meters">${rows}</ul>${more}`,
    html`files by cause; ${grouped(fresh)} in this hour and the last, ${now}`,
  );
}

/** A link to the page of a class. */
export function classLink(
  label: Content,
  classId: string,
  date: string | undefined,
  { navigation }: Pick<ViewContext, 'navigation'>,
): Html {
  const to = { view: 'failures' as const, class: classId, ...(date !== undefined && { date }) };
  return navigation.link(label, to, { title: classId });
}

/**
 * How many files are in a class, with refused ones counted separately.
 *
 * @param linked makes a count a link to its files
 */
export function howMany(
  counts: Pick<FailureSummary, 'failed' | 'quarantined'>,
  linked: (label: Html, status: FailureStatus) => Html = (label) => label,
): Html {
  const isShown = (status: FailureStatus) =>
    counts[status] > 0 || (status === 'failed' && counts.quarantined === 0);
  const parts = FAILURE_STATUSES.filter(isShown).map((status) =>
    linked(html`<span title="${status}">${statusGlyph(status)} ${grouped(counts[status])}</span>`, status),
  );
  return html`${parts.map((part, i) => html`${i > 0 && ' '}${part}`)}`;
}

/**
 * How often a class was entered in each of the last 24 hours.
 *
 * @param now milliseconds since the epoch; given where there is room to show each hour's count under the pointer
 */
export function dayTrend({ by_hour, last_day }: FailureSummary, now?: number): Html {
  const most = Math.max(...by_hour, 1);
  const label = `${grouped(last_day)} in 24 hours, ${grouped(by_hour.at(-1) ?? 0)} in the current hour`;
  const hour = Math.floor((now ?? 0) / HOUR_MILLIS) * HOUR_MILLIS;
  const told = (now === undefined ? [] : by_hour).map((count, i) => ({
    at: hour - (by_hour.length - 1 - i) * HOUR_MILLIS,
    text: `${grouped(count)} in this hour`,
  }));
  return html`<div class="sm-spark">${lineChart(by_hour, { from: 0, to: most }, lookOf('failed').tone, label, told)}</div>`;
}

function sizeOf({ failed, quarantined }: FailureSummary): number {
  return failed + quarantined;
}
