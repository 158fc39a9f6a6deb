import type { Table } from '../aws/deps.ts';
import { type LearntLimit, type LearntLimits, readLearntLimits } from '../orphans/learnt-limits.ts';
import { learntFromText, p99Text, settingText, verdictText } from '../orphans/learnt-limits-text.ts';
import { card, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { TIMED_STEPS } from '../projection/durations.ts';
import { type Bucket, middleOf } from '../projection/log-buckets.ts';
import { type FlowCounts, readFlowCounts } from '../statistics/flow-counts.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText, hoursText } from '../text/time-text.ts';
import { attempt } from './read.ts';
import type { Source, ViewContext } from './view.ts';

/** How long files of some dates took. */
export interface DatedFlow {
  readonly flow: FlowCounts;
  readonly dates: readonly string[];
  /** Left out where a single date is shown. */
  readonly learnt?: LearntLimits | undefined;
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

/** The same, with the limits learnt from the last weeks. */
export async function readFlowAndLimits(
  source: Source,
  dates: readonly string[],
): Promise<Read<DatedFlow> | undefined> {
  const { projection, profile } = source;
  if (!profile.counters.flow) return undefined;
  return attempt(source, async () => {
    const [flow, learnt] = await Promise.all([readFlowCounts(projection, dates), keptLimits(source)]);
    return { flow, dates, learnt };
  });
}

// Past dates hardly change, and a page is drawn again every few seconds.
const KEPT_MILLIS = 600_000;
const kept = new WeakMap<Table, { readonly at: number; readonly limits: LearntLimits | undefined }>();

async function keptLimits({ projection, profile, now }: Source): Promise<LearntLimits | undefined> {
  const known = kept.get(projection);
  if (known && Math.abs(now - known.at) < KEPT_MILLIS) return known.limits;
  const limits = await readLearntLimits(projection, profile, now);
  kept.set(projection, { at: now, limits });
  return limits;
}

/** A row of percentiles for each step; nothing if durations are not counted. */
export function durationsCard(read: Read<DatedFlow> | undefined, context: ViewContext): Content {
  return read !== undefined && shown('Durations', read, (value) => stepTable(value, context));
}

const PERCENTILES = ['p50', 'p95', 'p99'] as const;

function stepTable(
  { flow: { durations }, dates, learnt }: DatedFlow,
  { now, environment }: ViewContext,
): Html {
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
    html`<table class="sm-table"><thead><tr><th class="sm-wide">step</th><th class="sm-right sm-roomy">files</th>${heads}</tr></thead><tbody>${rows}</tbody></table>${learnt && limitTable(learnt, environment)}`,
    html`${of}; exact to 5%${unknown > 0 && `; ${grouped(unknown)} steps took an unknown time`}, ${time}`,
  );
}

function limitTable(learnt: LearntLimits, environment: string): Html {
  const setting = settingText(learnt.limits, environment);
  return html`<table class="sm-table"><thead><tr><th>limit of</th><th class="sm-right">set</th><th class="sm-right">p99</th><th class="sm-right sm-roomy">learnt</th><th class="sm-wide"></th></tr></thead><tbody>${learnt.limits.map(limitRow)}</tbody></table><p class="sm-note">${learntFromText(learnt)}.${setting && ` ${setting}`}</p>`;
}

function limitRow(limit: LearntLimit): Html {
  const learnt = 'learnt_hours' in limit ? hoursText(limit.learnt_hours) : '';
  return html`<tr data-limit="${limit.status}"><td>${limit.status}</td><td class="sm-right sm-nowrap">${hoursText(limit.configured_hours)}</td><td class="sm-right sm-nowrap">${p99Text(limit)}</td><td class="sm-right sm-nowrap sm-roomy">${learnt}</td><td class="sm-wide">${verdictText(limit)}</td></tr>`;
}

function secondsOf(bucket: Bucket | undefined): string {
  return bucket ? durationText(middleOf(bucket) * 1_000) : '';
}
