import { lineChart, type Scale } from '../page-kit/charts.ts';
import { statusLabel } from '../page-kit/glyph.ts';
import { type Html, html } from '../page-kit/html.ts';
import { STATUSES, type Status } from '../pipeline/status.ts';
import { grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import type { Stats } from './answers.ts';
import type { Sample } from './history.ts';
import { growthOf, levelsOf } from './trend.ts';
import type { ViewContext } from './view-context.ts';

/** A tile for each status: how many files, and how that came to be. */
export function statusTiles(stats: Stats, samples: readonly Sample[], context: ViewContext): Html {
  return html`<div class="sm-tiles">${STATUSES.map((status) => tile(status, stats, samples, context))}</div>`;
}

function tile(status: Status, stats: Stats, samples: readonly Sample[], { navigation }: ViewContext): Html {
  const look = { title: `Files that are ${status}` };
  return html`<section class="sm-tile"><h3>${navigation.link(statusLabel(status), { view: 'files', status }, look)}</h3>
<p class="sm-number" data-status="${status}">${grouped(stats.stats[status])}</p>
<p class="sm-growth">${growthText(samples, status)}</p>${trendChart(samples, status)}</section>`;
}

function growthText(samples: readonly Sample[], status: Status): string {
  const growth = growthOf(samples, status);
  if (!growth) return 'trend: next look';
  const sign = growth.count > 0 ? '+' : growth.count < 0 ? '−' : '±';
  return `${sign}${grouped(Math.abs(growth.count))} in ${durationText(growth.millis)}`;
}

function trendChart(samples: readonly Sample[], status: Status): Html {
  const levels = levelsOf(samples, status);
  const shown = levels.length > 0 ? levels : [0, 0];
  const ends = `${grouped(shown[0] ?? 0)} to ${grouped(shown.at(-1) ?? 0)}`;
  return lineChart(shown, scaleOf(shown), status, `${status}, trend: ${ends}`);
}

/** A small change of a large count looks small, and yet is not lost; a count that stays is a line half way up. */
function scaleOf(levels: readonly number[]): Scale {
  const least = Math.min(...levels);
  const most = Math.max(...levels);
  const slack = Math.max(0, Math.max(most / 4, 1) - (most - least));
  const from = Math.max(0, least - slack / 2);
  return { from, to: Math.max(most, from + slack + (most - least)) };
}
