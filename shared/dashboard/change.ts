import {
  detailOf,
  readUndos,
  type ShownChange,
  type ShownChangeFile,
} from '../operations/change-requests.ts';
import { getChange } from '../operations/get-change.ts';
import { card, cutNote, cutRows, factList, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { filesText, type KnownUndos, stateText, UNDO_UNKNOWN } from './changes.ts';
import { fileLink } from './navigation.ts';
import { attempt } from './read.ts';
import type { FieldsOf } from './requests.ts';
import { runbookCommand } from './runbook.ts';
import { statusLabel } from './status-look.ts';
import type { View, ViewContext } from './view.ts';

/** One change with one page of its files. */
export interface OneChange {
  readonly change: ShownChange & { readonly may_be_undone: boolean };
  readonly files: readonly ShownChangeFile[];
  readonly next_token?: string;
  readonly undone: KnownUndos;
}

const LISTED = 50;

/** One change: who made it and why, and the result for each of its files. */
export const change: View<'change', Read<OneChange>> = {
  tab: 'Changes',
  read: ({ change: change_id, next: next_token }, source) =>
    attempt(source, async () => {
      const one = await getChange.run(source, { change_id, limit: LISTED, next_token });
      return { ...one, undone: await readUndos(source, [one.change]) };
    }),
  draw,
};

function draw(read: Read<OneChange>, context: ViewContext, { change: id }: FieldsOf<'change'>): Content {
  const title = html`Change <span class="sm-name">${shortened(id, 100)}</span>`;
  return shown(title, read, (one) => html`${headCard(title, one, context)}${filesCard(one, context)}`);
}

function headCard(
  title: Html,
  { change, undone: { undos, isComplete } }: OneChange,
  { now, environment, navigation }: ViewContext,
): Html {
  const { undoes } = change;
  const undo = undos.get(change.change_id);
  return card(
    title,
    html`${factList([
      ['Made', moment(change.created_at, now)],
      ['By', html`<span class="sm-name">${shortened(change.actor.identity, 200)}</span>`],
      ['Request', change.actor.request_id && shortened(change.actor.request_id, 100)],
      ['Reason', shortened(change.reason, 600)],
      ['Made with', shortened(change.origin, 100)],
      ['Undoes', undoes && navigation.link(shortened(undoes, 100), { view: 'change', change: undoes })],
      ['Undone by', undo ? undoText(undo, navigation) : !isComplete && `unknown: ${UNDO_UNKNOWN}`],
      ['Changed', filesText(change)],
      ['State', stateText(change)],
    ])}${change.may_be_undone && !undo && html`<p>To undo it, with a new guarded change:</p>${runbookCommand(environment, 'undo', [change.change_id])}`}`,
    asOf(isoTime(now), now),
  );
}

function undoText(undo: ShownChange, navigation: ViewContext['navigation']): Html {
  const { change_id } = undo;
  return html`${navigation.link(shortened(change_id, 100), { view: 'change', change: change_id })}, ${stateText(undo)}`;
}

function filesCard({ change, files, next_token: next }: OneChange, context: ViewContext): Html {
  const { rows, left } = cutRows(files.map((file) => fileRow(file, context)));
  const more =
    next &&
    html`<p>${context.navigation.link('Show more', { view: 'change', change: change.change_id, next }, { className: 'sm-button' })}</p>`;
  return card(
    'Files',
    html`<table class="sm-table"><thead><tr><th class="sm-wide">file</th><th>from</th><th>to</th><th>result</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'files')}${more}`,
    asOf(isoTime(context.now), context.now),
  );
}

function fileRow(file: ShownChangeFile, context: ViewContext): Html {
  const { date_prefix, file_key, before, after, result, why } = file;
  const note = detailOf(file) || why;
  return html`<tr><td class="sm-wide">${fileLink(date_prefix, file_key, context)}<p class="sm-remark">${shortened(note, 200)}</p></td><td>${statusOf(before)}</td><td>${statusOf(after)}</td><td>${shortened(result, 40)}</td></tr>`;
}

function statusOf({ status }: { readonly [name: string]: unknown }): Content {
  return typeof status === 'string'
    ? statusLabel(shortened(status, 20))
    : html`<span class="sm-dim">unchanged</span>`;
}
