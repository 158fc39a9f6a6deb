import { card, emptyCard } from '../page-kit/card.ts';
import { lineChart } from '../page-kit/charts.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import type { Sample } from './history.ts';
import { flowOf } from './trend.ts';

/** How many files a minute come and settle. */
export function flowCard(samples: readonly Sample[], now: number): Html {
  const flow = flowOf(samples);
  const last = samples.at(-1);
  if (!flow || !last) {
    return emptyCard(
      'Flow',
      'It takes two looks to measure it: the next refresh shows it.',
      undefined,
      'double',
    );
  }
  const { settledSeries: series, seriesMillis, millis } = flow;
  const figures = html`<div class="sm-figures">${figure(flow.inPerMinute, 'became pending')}${figure(flow.outPerMinute, 'settled')}</div>`;
  const chart =
    series.length > 2 &&
    lineChart(
      series,
      { from: 0, to: Math.max(...series) },
      'completed',
      `Files settled a minute over the last ${durationText(seriesMillis)}`,
    );
  const scale =
    series.length > 2 &&
    html`; line: settled, last ${durationText(seriesMillis)}, at most ${grouped(Math.max(...series))} a minute`;
  const foot = html`over the last ${durationText(millis)}${scale}, ${asOf(isoTime(last.at), now)}`;
  return card('Flow', html`${figures}${chart}`, foot, 'double');
}

function figure(perMinute: number, what: string): Html {
  return html`<div><p class="sm-number">${rateText(perMinute)}<small> a minute</small></p><p class="sm-dim">${what}</p></div>`;
}

/** Less than ten a minute is still worth a decimal. */
function rateText(perMinute: number): string {
  return perMinute > 0 && perMinute < 10 ? perMinute.toFixed(1) : grouped(perMinute);
}
