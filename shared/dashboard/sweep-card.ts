import type { SweepReport } from '../orphans/sweep-report.ts';
import { ORPHAN_KINDS } from '../orphans/verdict.ts';
import { card, emptyCard, type Fact, factList } from '../page-kit/card.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { grouped } from '../text/number-text.ts';
import { orphansIn } from './in-flight.ts';
import { KIND_TEXTS } from './orphan-kinds.ts';
import { runbookCommand } from './runbook.ts';
import type { ViewContext } from './view-context.ts';

/** What the last orphan sweep came to. */
export function sweepCard(sweep: SweepReport, { now, navigation }: ViewContext): Html {
  const kinds = ORPHAN_KINDS.filter((kind) => sweep.totals[kind] > 0);
  const facts = kinds.map(
    (kind): Fact => [KIND_TEXTS[kind].name, html`<b>${grouped(sweep.totals[kind])}</b>`],
  );
  const total = orphansIn(sweep);
  return card(
    'Last sweep',
    html`<p class="sm-number">${grouped(total)}<small> ${total === 1 ? 'orphan' : 'orphans'}</small></p>
${facts.length > 0 && html`${factList(facts)}<p>${navigation.link('Show them', { view: 'orphans' })}</p>`}`,
    html`${grouped(sweep.checked)} looked at${sweep.unknown > 0 && `, ${grouped(sweep.unknown)} without a clear answer`}${!sweep.complete && ', not complete'}, ${asOf(sweep.at, now)}`,
  );
}

/** Stands where no sweep has been kept. */
export function noSweepCard(title: string, environment: string): Html {
  return emptyCard(
    title,
    'No sweep has looked for orphans yet. One runs by schedule; this looks at once:',
    runbookCommand(environment, 'find-orphans'),
  );
}
