import { card, cutNote, cutRows, emptyCard, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import type { Matches } from '../pipeline/find-by-part.ts';
import { recordKind } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import type { FailureSummary } from '../statistics/read-failures.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { fileArgs } from '../text/shell-text.ts';
import { isoTime, resolveDate } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { classLink, howMany } from './failure-kinds.ts';
import { failures } from './failures.ts';
import { file, impossibleFile, type OneFile } from './file.ts';
import { files } from './files.ts';
import { manifest } from './manifest.ts';
import { fileLink, manifestShown } from './navigation.ts';
import type { FieldsOf } from './requests.ts';
import { runbookCommand } from './runbook.ts';
import { type Choices, type FoundBy, search } from './search.ts';
import { stillNote } from './still.ts';
import type { Source, View, ViewContext } from './view.ts';

type Fields = FieldsOf<'find'>;
/** Draws what was found, as its own view does. */
type Draw = (context: ViewContext) => Content;

/** What the words in the search box mean: a file, a manifest, a date or a class of failures; or a choice of these. */
export const find: View<'find', Draw> = {
  tab: 'Dates',
  async read(fields, source) {
    const found = await search(fields, source);
    const { name = '', date } = fields;
    switch (found.kind) {
      case 'date':
        return seen(files, { date: found.date }, 'name', source);
      case 'class':
        return seen(failures, { class: found.class }, found.by, source);
      case 'impossible':
        return drawnFile(impossibleFile(name, date === undefined ? '' : resolveDate(date, source.now)));
      case 'file':
        return seenRecord(found.key, found.by, source);
      case 'choices':
        return (context) => drawChoices(fields, found.choices, context);
    }
  },
  draw: (drawFound, context) => drawFound(context),
};

function seenRecord({ date_prefix: date, file_key }: RecordKey, by: FoundBy, source: Source): Promise<Draw> {
  const name = manifestShown(file_key);
  if (name === undefined) return seen(file, { date, file: file_key }, by, source);
  return seen(manifest, { date, manifest: name }, by, source);
}

/** Another view, drawn in place of this one. A search is not repeated automatically. */
async function seen<N extends 'files' | 'file' | 'failures' | 'manifest', D>(
  view: View<N, D>,
  fields: FieldsOf<N>,
  by: FoundBy,
  source: Source,
): Promise<Draw> {
  const data = await view.read(fields, source);
  return (context) => html`${view.draw(data, context, fields)}${by === 'search' && stillNote(context)}`;
}

function drawnFile(one: OneFile): Draw {
  return (context) => file.draw(one, context, one);
}

function drawChoices(fields: Fields, choices: Choices, context: ViewContext): Content {
  return shown('Search', choices.names, (names) =>
    names.keys.length + choices.classes.length > 0
      ? choicesCard(fields, names, choices, context)
      : nothingCard(fields, names, choices, context),
  );
}

/** Everything that the words may mean, each with its full name. */
function choicesCard(
  { name = '' }: Fields,
  names: Matches,
  { classes }: Choices,
  context: ViewContext,
): Html {
  const { rows, left } = cutRows([
    ...classes.map((each) => classRow(each, context)),
    ...names.keys.map((key) => nameRow(key, context)),
  ]);
  const more = names.isWhole ? '' : 'more than ';
  const parts = [
    ...(names.keys.length > 0 ? [`${more}${countOf(names.keys.length, 'name')}`] : []),
    ...(classes.length > 0
      ? [`${grouped(classes.length)} cause${classes.length === 1 ? '' : 's'} of failures`]
      : []),
  ];
  const narrow = !names.isWhole && 'Enter more of the name, or its date, to narrow the search.';
  return card(
    html`“<span class="sm-name">${shortened(name, 200)}</span>” matches ${parts.join(' and ')}`,
    html`${narrow && html`<p class="sm-note">${narrow}</p>`}<table class="sm-table sm-plain"><tbody>${rows}</tbody></table>${cutNote(left, 'names')}${stillNote(context)}`,
    asOf(isoTime(context.now), context.now),
  );
}

function nameRow(key: RecordKey, context: ViewContext): Html {
  return html`<tr><td>${recordKind(key)}</td><td class="sm-wide"><span class="sm-dim sm-small">${shortened(key.date_prefix, 40)}</span> ${fileLink(key.date_prefix, key.file_key, context)}</td></tr>`;
}

function classRow(one: FailureSummary, context: ViewContext): Html {
  return html`<tr><td>cause</td><td class="sm-wide">${classLink(shortened(one.text, 300), one.class, undefined, context)} ${howMany(one)}</td></tr>`;
}

/** Says where the search looked, so that the reader knows how to widen it. */
function nothingCard(fields: Fields, names: Matches, { dates }: Choices, context: ViewContext): Html {
  const { name = '' } = fields;
  const { environment, navigation, now } = context;
  const date = fields.date && resolveDate(fields.date, now);
  const wider =
    date !== undefined && html`<p>${navigation.link('Search all dates', { view: 'find', name })}</p>`;
  const [args, hint] =
    date === undefined
      ? [[...fileArgs('DATE', name)], 'Its date narrows the search, here and in a terminal:']
      : [fileArgs(date, name), 'The same in a terminal:'];
  return emptyCard(
    'Nothing found',
    html`No record of <b class="sm-name">${shortened(name, 300)}</b>. ${lookedText(names, dates)} No cause of failures contains it either.`,
    html`${wider}<p>Try a shorter part of the name: its beginning or any other part, in upper or lower case. ${hint}</p>${runbookCommand(environment, 'file', args)}${stillNote(context)}`,
  );
}

function lookedText({ lookedAt, isWhole }: Matches, dates: readonly string[]): string {
  const [newest, oldest] = [dates[0] ?? '', dates.at(-1) ?? ''];
  const span =
    dates.length > 1 ? `the newest ${grouped(dates.length)} dates, ${oldest} to ${newest}` : newest;
  if (!isWhole)
    return `No name of ${span} begins with it, and none of the ${grouped(lookedAt)} newest names searched contains it; there are more.`;
  return `None of the ${countOf(lookedAt, 'name')} of ${span} contains it.`;
}
