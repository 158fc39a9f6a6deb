import type { DateProof } from '../data-proof/kept-proof.ts';
import { getStats, isNothingCounted, type Stats } from '../operations/get-stats.ts';
import { emptyCard, faultCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { isInFlight, STATUSES } from '../pipeline/status.ts';
import { readReportsSince } from '../reports/reports.ts';
import type { SenderReport } from '../statistics/read-senders.ts';
import type { StatsReport } from '../statistics/stats-report.ts';
import { grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import {
  type AcknowledgedNow,
  acknowledgedCard,
  acknowledgedNote,
  readAcknowledgedNow,
} from './acknowledged.ts';
import { banner, concerns } from './attention.ts';
import { dataCard, dataConcerns, readLatestProofs } from './data-card.ts';
import { failuresCard } from './failure-kinds.ts';
import { type Classes, readClasses } from './failures.ts';
import { lateCard } from './late-card.ts';
import { accuracyCard, flowCard, statusTiles, successCard } from './overview-cards.ts';
import { attempt, knownOf } from './read.ts';
import type { FieldsOf } from './requests.ts';
import { runbookCommand } from './runbook.ts';
import { readSenderReport, sendersCard } from './senders-card.ts';
import { noSweepCard, sweepCard } from './sweep-cards.ts';
import { readSweepNow, type SweepNow } from './sweep-now.ts';
import { type Sample, SPANS, type SpanName, USUAL_SPAN, withReports } from './trend.ts';
import type { Source, View, ViewContext } from './view.ts';

/** The data of the overview. */
export interface Overview {
  readonly stats: Read<Stats>;
  /** Undefined if there is no report yet. */
  readonly sweep: Read<SweepNow | undefined>;
  /** Why files failed, the most frequent cause first. */
  readonly failures: Classes;
  /** Undefined if the profile does not count senders. */
  readonly senders?: Read<SenderReport> | undefined;
  /** What the output rows proved for the last days. */
  readonly proofs: Read<readonly DateProof[]>;
  /** What is acknowledged. */
  readonly known: Read<AcknowledgedNow>;
  /** One per hour of the span, oldest first. */
  readonly reports: Read<readonly StatsReport[]>;
  /** The counts taken while the page was open, including the current ones. */
  readonly samples: readonly Sample[];
}

/** At a glance: whether to act, where the files are, how fast they move, and how far the counts can be trusted. */
export const overview: View<'overview', Overview> = {
  tab: 'Overview',
  read: ({ span }, source) => read(source, span),
  draw,
};

/** Covers a week of hourly reports; if they are more frequent, still more than a chart can show. */
const MOST_REPORTS = 400;

/**
 * Seven reads: the counts and what is kept beside them, the classes of failures, the last hours, the last sweep, what
 * rows proved, and the acknowledgements. Three more if senders are counted, and one or two for each file that is listed
 * or acknowledged.
 */
async function read(source: Source, span: SpanName = USUAL_SPAN): Promise<Overview> {
  const { projection, now } = source;
  const since = isoTime(now - SPANS[span]);
  const [stats, reports, sweep, failures, senders, proofs] = await Promise.all([
    attempt(source, () => getStats.run(source, { in_flight: true })),
    attempt(source, () => readReportsSince<StatsReport>(projection, 'stats', since, MOST_REPORTS)),
    attempt(source, () => readSweepNow(source)),
    readClasses(source),
    readSenderReport(source),
    attempt(source, () => readLatestProofs(source)),
  ]);
  const samples =
    stats.kind === 'read'
      ? source.keepSample({ at: now, counts: stats.value.stats, arrivals: stats.value.arrivals })
      : [];
  const known = await attempt(source, () => readAcknowledgedNow(source, knownOf(stats)));
  return { stats, reports, sweep, failures, senders, proofs, samples, known };
}

function draw(
  { stats, sweep, reports, samples, failures, senders, proofs, known }: Overview,
  context: ViewContext,
  { span }: FieldsOf<'overview'>,
): Html {
  const { now } = context;
  const history = withReports(knownOf(reports) ?? [], samples);
  if (stats.kind === 'read' && isNothingCounted(stats.value)) return nothingYet(context);
  const found = [
    ...concerns(knownOf(stats), knownOf(sweep), now, knownOf(known)),
    ...dataConcerns(knownOf(proofs) ?? []),
  ];
  const unchecked = [
    ...(stats.kind === 'read' ? [] : ['the counts, which could not be read']),
    ...(sweep.kind === 'read' ? [] : ['orphans, because the last sweep could not be read']),
    ...(proofs.kind === 'read' ? [] : ['the output rows, because their proof could not be read']),
    ...(sweep.kind === 'read' && !sweep.value ? ['orphans, because no sweep has run yet'] : []),
  ];
  return html`${banner(found, unchecked, context)}${known.kind === 'read' && acknowledgedNote(known.value)}
${shown('Files', stats, (counts) => html`${statusTiles(counts, history, context)}${tilesFoot(counts, context)}${historyNote(history, span, context)}`)}
<div class="sm-cards">${flowCard(history, knownOf(stats) ?? {}, now)}
${stats.kind === 'read' && successCard(stats.value, now)}
${stats.kind === 'read' && lateCard(stats.value, context)}
${shown('Failures', failures, (classes) => failuresCard(classes, context))}
${sendersCard(senders, context)}
${shown('Last sweep', sweep, (last) =>
  last ? sweepCard(last, context) : noSweepCard('Last sweep', context.environment),
)}
${shown('Proof in the data', proofs, (known) => dataCard(known, context))}
${shown('Known', known, (now) => acknowledgedCard(now, context))}
${stats.kind === 'read' && accuracyCard(stats.value, context)}
${reports.kind === 'failed' && faultCard('Trend', reports.message)}</div>`;
}

function tilesFoot(
  { total, unknown_status: unknown, manifests, as_of }: Stats,
  { now, navigation }: ViewContext,
): Html {
  return html`<p class="sm-note"><b data-status="total">${grouped(total)}</b> files${unknown && html`, ${navigation.link(html`${grouped(unknown)} of them`, { view: 'files', status: 'unknown' })} with an unknown status`}, ${asOf(as_of, now)}. ${navigation.link('Manifests', { view: 'manifests' })}: ${manifestsText(manifests)}.${unknown && html` ${navigation.document('What your pipeline must be like', 'pipeline')}`}</p>`;
}

/** How far back the lines go, and the spans to choose from. Less is shown if less is kept. */
function historyNote(
  history: readonly Sample[],
  chosen: SpanName = USUAL_SPAN,
  { navigation }: ViewContext,
): Html {
  const shown = (history.at(-1)?.at ?? 0) - (history[0]?.at ?? 0);
  const links = Object.keys(SPANS).map((name) => {
    const span = name as SpanName;
    const look = { current: span === chosen, title: `Lines over the last ${durationText(SPANS[span])}` };
    return navigation.link(durationText(SPANS[span]), { view: 'overview', span }, look);
  });
  const isLess = shown > 0 && shown < SPANS[chosen] * 0.9;
  return html`<nav class="sm-note sm-spans" aria-label="History">Lines: the last ${links}${isLess && html`; only ${durationText(shown)} so far`}</nav>`;
}

function manifestsText({ stats, total }: Stats['manifests']): Content {
  const inFlight = STATUSES.filter((status) => isInFlight(status) && stats[status] > 0);
  const parts = inFlight.map((status) => `${grouped(stats[status])} ${status}`);
  return `${grouped(total)}${parts.length > 0 ? `, of which ${parts.join(' and ')}` : ''}`;
}

function nothingYet({ environment }: ViewContext): Html {
  return emptyCard(
    'Nothing counted yet',
    'Files appear here as soon as the pipeline writes to its table. To count files that already existed, rebuild the projection:',
    runbookCommand(environment, 'rebuild'),
  );
}
