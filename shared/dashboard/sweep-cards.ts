import type { SweepReport } from '../orphans/sweep-report.ts';
import { ORPHAN_KINDS } from '../orphans/verdict.ts';
import { card, emptyCard, type Fact, factList } from '../page-kit/card.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { grouped } from '../text/number-text.ts';
import { KIND_TEXTS } from './orphan-kinds.ts';
import { runbookCommand } from './runbook.ts';
import type { ViewContext } from './view.ts';

/** How many orphans a sweep found, whether they are listed or not. */
export function orphansIn({ totals }: SweepReport): number {
  return Object.values(totals).reduce((sum, count) => sum + count, 0);
}

/** What the last orphan sweep found. */
export function sweepCard(sweep: SweepReport, { now, navigation }: ViewContext): Html {
  const kinds = ORPHAN_KINDS.filter((kind) => sweep.totals[kind] > 0);
  const facts = kinds.map(
    (kind): Fact => [KIND_TEXTS[kind].name, html`<b>${grouped(sweep.totals[kind])}</b>`],
  );
  const total = orphansIn(sweep);
  const undated = sweep.ageUnknown?.count ?? 0;
  return card(
    'Last sweep',
    html`<p class="sm-number">${grouped(total)}<small> ${total === 1 ? 'orphan' : 'orphans'}</small></p>
${facts.length > 0 && html`${factList(facts)}<p>${navigation.link('Show them', { view: 'orphans' })}</p>`}`,
    html`${grouped(sweep.checked)} checked${sweep.unknown > 0 && `, ${grouped(sweep.unknown)} unclear`}${undated > 0 && `, ${grouped(undated)} of unknown age`}${!sweep.complete && ', not complete'}, ${asOf(sweep.at, now)}`,
  );
}

/** Stands where there is no report of a sweep. */
export function noSweepCard(title: string, environment: string): Html {
  return emptyCard(
    title,
    'No sweep has searched for orphans yet. Sweeps run on a schedule; to search now:',
    runbookCommand(environment, 'find-orphans'),
  );
}
