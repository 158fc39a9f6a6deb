import { card, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { TIMED_STEPS } from '../projection/durations.ts';
import { type FlowCounts, readFlowCounts } from '../projection/flow-counts.ts';
import { type Bucket, middleOf } from '../projection/log-buckets.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import { attempt } from './read.ts';
import type { Source, ViewContext } from './view.ts';

/** How long files of some dates took. */
export interface DatedFlow {
  readonly flow: FlowCounts;
  readonly dates: readonly string[];
}

/**
 * Reads how long files took, with one Query per date.
 *
 * @returns undefined if the profile does not count durations
 */
export async function readFlow(
  source: Source,
  dates: readonly string[],
): Promise<Read<DatedFlow> | undefined> {
  if (!source.profile.counters.flow) return undefined;
  return attempt(source, async () => ({ flow: await readFlowCounts(source.projection, dates), dates }));
}

/** A row of percentiles for each step; nothing if durations are not counted. */
export function durationsCard(read: Read<DatedFlow> | undefined, context: ViewContext): Content {
  return read !== undefined && shown('Durations', read, (value) => stepTable(value, context));
}

const PERCENTILES = ['p50', 'p95', 'p99'] as const;

function stepTable({ flow: { durations }, dates }: DatedFlow, { now }: ViewContext): Html {
  const time = asOf(isoTime(now), now);
  const made = TIMED_STEPS.filter((step) => durations[step].count > 0);
  if (made.length === 0) return emptyCard('Durations', html`No step has been counted yet, ${time}.`);
  const rows = made.map((step) => {
    const each = durations[step];
    const cells = PERCENTILES.map(
      (name) => html`<td class="sm-right sm-nowrap">${secondsOf(each[name])}</td>`,
    );
    return html`<tr data-step="${step}"><td class="sm-wide">${step.replaceAll('_', ' ')}</td><td class="sm-right sm-roomy">${grouped(each.count)}</td>${cells}</tr>`;
  });
  const heads = PERCENTILES.map((name) => html`<th class="sm-right">${name}</th>`);
  const unknown = made.reduce((sum, step) => sum + durations[step].unknown, 0);
  const of = dates.length === 1 ? `of ${dates[0]}` : `of the newest ${countOf(dates.length, 'date')}`;
  return card(
    'Durations',
    html`<table class="sm-table"><thead><tr><th class="sm-wide">step</th><th class="sm-right sm-roomy">files</th>${heads}</tr></thead><tbody>${rows}</tbody></table>`,
    html`${of}; exact to 5 %${unknown > 0 && `; ${grouped(unknown)} steps took an unknown time`}, ${time}`,
  );
}

function secondsOf(bucket: Bucket | undefined): string {
  return bucket ? durationText(middleOf(bucket) * 1_000) : '';
}
