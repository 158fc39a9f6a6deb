import { card } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { moment } from '../page-kit/moment.ts';
import type { Words } from '../reports/notes.ts';
import { shortened } from '../text/visible-text.ts';
import { knownText } from './acknowledged.ts';
import type { ViewContext } from './view.ts';

/** The notes and acknowledgements of a file or a date; nothing if there are none. */
export function wordsCard({ notes = [], acknowledgements = [] }: Words, context: ViewContext): Content {
  if (notes.length + acknowledgements.length === 0) return false;
  const known = acknowledgements.map(
    (each) =>
      html`<p><b>${knownText(each)}</b>${each.kind !== undefined && ` (${each.kind.replaceAll('_', ' ')} only)`} <span class="sm-dim">${shortened(each.actor, 120)}</span></p>`,
  );
  return card('Notes', html`${known}${notes.map((note) => noteLine(note, context))}`);
}

function noteLine({ text, actor, at }: NonNullable<Words['notes']>[number], { now }: ViewContext): Html {
  return html`<p>${shortened(text, 1_000)} <span class="sm-dim">${shortened(actor, 120)}, ${moment(at, now)}</span></p>`;
}
