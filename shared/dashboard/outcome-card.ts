import { grouped, percent } from '../files/number-text.ts';
import { isInFlight, STATUSES } from '../files/status.ts';
import type { Stats } from './answers.ts';
import { card, emptyCard } from './card.ts';
import { statusLabel } from './glyph.ts';
import { type Html, html } from './html.ts';
import { asOf } from './moment.ts';
import { stackedBar } from './stacked-bar.ts';

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
