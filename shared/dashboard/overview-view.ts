import type { SweepReport } from '../orphans/sweep-report.ts';
import { emptyCard, faultCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { isInFlight, STATUSES } from '../pipeline/status.ts';
import type { StatsReport } from '../projection/stats-report.ts';
import { grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import { accuracyCard } from './accuracy-card.ts';
import type { Stats } from './answers.ts';
import { concerns } from './attention.ts';
import { banner } from './banner.ts';
import { flowCard } from './flow-card.ts';
import { type Sample, withReports } from './history.ts';
import { oldestCard } from './oldest-card.ts';
import { outcomeCard } from './outcome-card.ts';
import { knownOf } from './read.ts';
import { runbookCommand } from './runbook.ts';
import { statusTiles } from './status-tiles.ts';
import { noSweepCard, sweepCard } from './sweep-card.ts';
import type { ViewContext } from './view-context.ts';

/** What the overview is drawn from. */
export interface Overview {
  readonly stats: Read<Stats>;
  /** Undefined when none has been kept. */
  readonly sweep: Read<SweepReport | undefined>;
  /** What was kept hour by hour, oldest first. */
  readonly reports: Read<readonly StatsReport[]>;
  /** What was seen here lately, the present among it. */
  readonly samples: readonly Sample[];
}

/** One glance: does it need me, where are the files, how fast do they move, and how far is that to be trusted. */
export function overviewView({ stats, sweep, reports, samples }: Overview, context: ViewContext): Html {
  const { now } = context;
  const history = withReports(knownOf(reports) ?? [], samples);
  if (stats.kind === 'read' && stats.value.as_of === null) return nothingYet(context);
  const found = concerns(knownOf(stats), knownOf(sweep), now);
  const unchecked = [
    ...(stats.kind === 'read' ? [] : ['the counts, which could not be read']),
    ...(knownOf(sweep) ? [] : ['orphans, which no sweep has searched for yet']),
  ];
  return html`${banner(found, unchecked, context)}
${shown('Files', stats, (counts) => html`${statusTiles(counts, history, context)}${tilesFoot(counts, history, now)}`)}
<div class="sm-cards">${flowCard(history, now)}
${stats.kind === 'read' && outcomeCard(stats.value, now)}
${shown('Oldest in flight', sweep, (last) => (last ? oldestCard(last, now) : emptyCard('Oldest in flight', 'The next sweep measures it.')))}
${shown('Last sweep', sweep, (last) =>
  last ? sweepCard(last, context) : noSweepCard('Last sweep', context.environment),
)}
${stats.kind === 'read' && accuracyCard(stats.value, context)}
${reports.kind === 'failed' && faultCard('Trend', reports.message)}</div>`;
}

function tilesFoot(
  { total, unknown_status: unknown, manifests, as_of }: Stats,
  history: readonly Sample[],
  now: number,
): Html {
  const span = (history.at(-1)?.at ?? 0) - (history[0]?.at ?? 0);
  return html`<p class="sm-note"><b data-status="total">${grouped(total)}</b> files${unknown && html`, ${grouped(unknown)} of them in a status nobody knows`}, ${asOf(as_of, now)}.${span > 0 && ` Lines: the last ${durationText(span)}.`} Manifests: ${manifestsText(manifests)}.</p>`;
}

function manifestsText({ stats, total }: Stats['manifests']): Content {
  const inFlight = STATUSES.filter((status) => isInFlight(status) && stats[status] > 0);
  const parts = inFlight.map((status) => `${grouped(stats[status])} ${status}`);
  return `${grouped(total)}${parts.length > 0 ? `, of which ${parts.join(' and ')}` : ''}`;
}

function nothingYet({ environment }: ViewContext): Html {
  return emptyCard(
    'Nothing was counted yet',
    'Files appear here as soon as the pipeline writes to its table. For those that were there before the State Manager came, rebuild the projection:',
    runbookCommand(environment, 'rebuild'),
  );
}
