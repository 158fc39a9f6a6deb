import { ORPHAN_KINDS, type OrphanKind } from '../orphans/verdict.ts';
import { card, emptyCard, type Fact, factList } from '../page-kit/card.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import { KIND_TEXTS } from './orphan-kinds.ts';
import { runbookCommand } from './runbook.ts';
import { changedOfKind, orphansIn, type SweepNow } from './sweep-now.ts';
import type { ViewContext } from './view.ts';

/** How many of each kind are still orphans; kinds without any are left out. */
export function kindsStill(
  sweep: SweepNow,
): readonly { readonly kind: OrphanKind; readonly count: number }[] {
  return ORPHAN_KINDS.map((kind) => ({
    kind,
    count: sweep.totals[kind] - changedOfKind(sweep, kind),
  })).filter(({ count }) => count > 0);
}

/** What the last orphan sweep found. */
export function sweepCard(sweep: SweepNow, { now, navigation }: ViewContext): Html {
  const facts = kindsStill(sweep).map(
    ({ kind, count }): Fact => [
      navigation.link(KIND_TEXTS[kind].name, { view: 'orphans', kind }),
      html`<b>${grouped(count)}</b>`,
    ],
  );
  const total = orphansIn(sweep);
  const undated = sweep.ageUnknown?.count ?? 0;
  return card(
    'Last sweep',
    html`<p class="sm-number">${grouped(total)}<small> ${total === 1 ? 'orphan' : 'orphans'}</small></p>
${facts.length > 0 && html`${factList(facts)}<p>${navigation.link('Show them', { view: 'orphans' })}</p>`}`,
    html`${grouped(sweep.checked)} checked${sweep.unknown > 0 && `, ${grouped(sweep.unknown)} unclear`}${undated > 0 && `, ${grouped(undated)} of unknown age`}${sweep.cutOff ? ', ended early' : !sweep.complete && ', not complete'}${changedText(sweep)}, ${sweptText(sweep, now)}`,
  );
}

/** Says that a sweep did not finish, and why; nothing if it did. */
export function cutOffNote({ cutOff, incomplete }: SweepNow): Html | false {
  const text =
    incomplete ?? (cutOff && 'The sweep ended before it was finished; the next one does the rest.');
  return text !== undefined && text !== false && html`<p class="sm-bad">▲ ${shortened(text, 600)}</p>`;
}

/** Shown only if something has changed since and so, as far as is known, is no longer an orphan. */
export function changedText({ changed }: SweepNow): string {
  return changed && changed.size > 0 ? `; ${grouped(changed.size)} more changed since` : '';
}

/** When it searched: its findings are that old. */
export function sweptText({ startedAt, at }: SweepNow, now: number): Html {
  const millis = Date.parse(at) - Date.parse(startedAt);
  return html`${asOf(at, now)}${millis >= 1_000 && `, after searching for ${durationText(millis)}`}`;
}

/** Shown if there is no report of a sweep. */
export function noSweepCard(title: string, environment: string): Html {
  return emptyCard(
    title,
    'No sweep has searched for orphans yet. Sweeps run on a schedule; to search now:',
    runbookCommand(environment, 'find-orphans'),
  );
}
