import { card, emptyCard } from '../page-kit/card.ts';
import { stackedBar } from '../page-kit/charts.ts';
import { statusLabel } from '../page-kit/glyph.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { isInFlight, STATUSES } from '../pipeline/status.ts';
import { grouped, percent } from '../text/number-text.ts';
import type { Stats } from './answers.ts';

/** How the settled files ended. */
export function outcomeCard({ stats, as_of }: Stats, now: number): Html {
  const segments = STATUSES.filter((status) => !isInFlight(status)).map((status) => ({
    status,
    count: stats[status],
  }));
  const settled = segments.reduce((sum, { count }) => sum + count, 0);
  if (settled === 0) return emptyCard('Success', 'No file has settled yet.');
  const legend = segments.map(
    ({ status, count }) => html`<li>${statusLabel(status)} <b>${grouped(count)}</b></li>`,
  );
  return card(
    'Success',
    html`<p class="sm-number">${percent(stats.completed, settled)}</p>${stackedBar(segments, settled)}<ul class="sm-legend">${legend}</ul>`,
    html`of ${grouped(settled)} settled files, ${asOf(as_of, now)}`,
  );
}
