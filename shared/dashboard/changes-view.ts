import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import type { ChangesAnswer, ShownChange } from './answers.ts';
import { runbookCommand } from './runbook.ts';
import type { ViewContext } from './view-context.ts';

/** What operators changed: who, what, when and why, and whether it was undone. */
export function changesView(read: Read<ChangesAnswer>, context: ViewContext): Content {
  return shown('Changes', read, (answer) => listOf(answer, context));
}

function listOf({ changes, next_token: next }: ChangesAnswer, context: ViewContext): Html {
  if (changes.length === 0) return emptyCard('Changes', 'Nobody has changed anything yet.', howTo(context));
  const undoneBy = new Map(changes.flatMap(({ undoes, change_id }) => (undoes ? [[undoes, change_id]] : [])));
  const { rows, left } = cutRows(
    changes.map((change) => changeRow(change, undoneBy.get(change.change_id), context)),
  );
  const more =
    next &&
    html`<p>${context.navigation.link('Earlier ones', { view: 'changes', next }, { className: 'sm-button' })}</p>`;
  return card(
    'Changes',
    html`<table class="sm-table"><thead><tr><th>when</th><th class="sm-wide">what and why</th><th class="sm-right">changed</th><th>state</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'changes')}${more}`,
    html`newest first, ${asOf(isoTime(context.now), context.now)}`,
  );
}

function howTo({ environment }: ViewContext): Html {
  return html`<p>Every change that an operator applies is listed here and can be undone, for example:</p>${runbookCommand(environment, 'reset-stuck', ['--hours', '2'])}`;
}

function changeRow(
  change: ShownChange,
  undoneBy: string | undefined,
  { now, navigation }: ViewContext,
): Html {
  const { change_id: id, actor, reason, origin, created_at, undoes } = change;
  const what =
    undoes === undefined
      ? shortened(origin, 60)
      : html`undoes ${navigation.link(shortened(undoes, 60), { view: 'change', change: undoes })}`;
  return html`<tr><td class="sm-nowrap">${navigation.link(moment(created_at, now), { view: 'change', change: id })}</td><td class="sm-wide"><b>${what}</b><p>“${shortened(reason, 300)}”</p><p class="sm-dim sm-small">${shortened(actor.identity, 160)}</p></td><td class="sm-right">${filesText(change)}</td><td>${stateText(change)}${undoneBy && html`<br>${navigation.link('undone', { view: 'change', change: undoneBy })}`}</td></tr>`;
}

export function filesText({ files, counts }: ShownChange): Content {
  if (!counts) return filesOf(files);
  const rest = [
    ...(counts.skipped > 0 ? [`${grouped(counts.skipped)} skipped`] : []),
    ...(counts.failed > 0 ? [`${grouped(counts.failed)} failed`] : []),
  ];
  return html`${filesOf(counts.applied)}${rest.length > 0 && html`<br><span class="sm-dim sm-small">${rest.join(', ')}</span>`}`;
}

function filesOf(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'file' : 'files'}`;
}

const STATES: Readonly<Record<string, string>> = {
  preparing: 'being prepared',
  applying: 'under way',
  stopped: 'stopped early',
  done: 'done',
  closed: 'closed',
};

export function stateText({ state, stop_cause: cause }: ShownChange): Content {
  const text = STATES[state] ?? shortened(state, 40);
  return state === 'stopped'
    ? html`<span class="sm-bad">▲ ${text}${cause && `: ${shortened(cause, 40)}`}</span>`
    : text;
}
