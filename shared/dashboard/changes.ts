import { MOST_LOOKED_THROUGH, readUndos, type ShownChange } from '../operations/change-requests.ts';
import { listChanges } from '../operations/list-changes.ts';
import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import type { Exported } from './exported.ts';
import { exportLinks } from './list-commands.ts';
import { attempt } from './read.ts';
import { runbookCommand } from './runbook.ts';
import type { Source, View, ViewContext } from './view.ts';

/** A page of changes, newest first. */
export interface ChangeList {
  readonly changes: readonly ShownChange[];
  readonly next_token?: string;
  readonly undone: KnownUndos;
}

/** The undos of the changes that are shown. */
export type KnownUndos = Awaited<ReturnType<typeof readUndos>>;

const LISTED = 50;

/** What operators changed: who, what, when and why, and whether it was undone. */
export const changes: View<'changes', Read<ChangeList>> = {
  tab: 'Changes',
  read: ({ next: next_token }, source) =>
    attempt(source, async () => {
      const page = await listChanges.run(source, { limit: LISTED, next_token });
      return { ...page, undone: await readUndos(source, page.changes) };
    }),
  draw: (read, context) => shown('Changes', read, (list) => listCard(list, context)),
  export: (_, source) => exportChanges(source),
};

/** So many changes are written into one file. */
const MOST_EXPORTED = 2_000;
const READ_AT_ONCE = 500;
// As the runbook `changes` has them.
const COLUMNS = [
  ...['change_id', 'state', 'files', 'applied', 'skipped', 'failed', 'created_at', 'origin', 'undoes'],
  ...['actor', 'reason'],
];

/** All changes, whatever page is shown. */
async function exportChanges(source: Source): Promise<Exported> {
  const found: ShownChange[] = [];
  let next: string | undefined;
  do {
    const page = await listChanges.run(source, { limit: READ_AT_ONCE, next_token: next });
    found.push(...page.changes);
    next = page.next_token;
  } while (next && found.length < MOST_EXPORTED);
  return {
    columns: COLUMNS,
    rows: found.map((change) => ({ cells: cellsOf(change), record: change })),
    ...(next && { missing: 'unknown' }),
  };
}

function cellsOf({ counts, actor, ...change }: ShownChange) {
  return [
    ...[change.change_id, change.state, change.files, counts?.applied, counts?.skipped, counts?.failed],
    ...[change.created_at, change.origin, change.undoes, actor.identity, change.reason],
  ];
}

function listCard({ changes, next_token: next, undone }: ChangeList, context: ViewContext): Html {
  if (changes.length === 0) return emptyCard('Changes', 'No changes yet.', howTo(context));
  const { rows, left } = cutRows(
    changes.map((change) => changeRow(change, undone.undos.get(change.change_id)?.change_id, context)),
  );
  const unknown = !undone.isComplete && html`<p>Some of these may have been undone: ${UNDO_UNKNOWN}.</p>`;
  const more =
    next &&
    html`<p>${context.navigation.link('Show earlier changes', { view: 'changes', next }, { className: 'sm-button' })}</p>`;
  return card(
    'Changes',
    html`<table class="sm-table"><thead><tr><th>when</th><th class="sm-wide">what and why</th><th class="sm-right">changed</th><th>state</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'changes')}${unknown}${more}${takeAlong(context)}`,
    html`newest first, ${asOf(isoTime(context.now), context.now)}`,
  );
}

/** Why it is not known whether a change was undone. */
export const UNDO_UNKNOWN = `only the newest ${grouped(MOST_LOOKED_THROUGH)} changes are looked through for undos`;

function takeAlong(context: ViewContext): Html {
  const text = `up to ${grouped(MOST_EXPORTED)} changes, the newest first`;
  const links = exportLinks({ to: { view: 'changes' }, text }, { name: 'changes', args: [] }, context);
  return html`<p>The same in a terminal:</p>${runbookCommand(context.environment, 'changes')}${links}`;
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

/** How many files a change was applied to, as far as that is known, of how many, and how many it was not. */
export function filesText({ files, state, counts: ended, progress }: ShownChange): Content {
  const counts = ended ?? countsIn(state, progress);
  const of = `of ${countOf(files, 'file')}`;
  if (!counts) return `unknown, ${of}`;
  const rest = [
    ...(counts.skipped > 0 ? [`${grouped(counts.skipped)} skipped`] : []),
    ...(counts.failed > 0 ? [`${grouped(counts.failed)} failed`] : []),
  ];
  return html`${grouped(counts.applied)} ${of}${rest.length > 0 && html`<br><span class="sm-dim sm-small">${rest.join(', ')}</span>`}`;
}

/** While it is being prepared, no file is touched. */
function countsIn(
  state: ShownChange['state'],
  { applied = state === 'preparing' ? 0 : undefined, skipped = 0, failed = 0 }: Progress = {},
): ShownChange['counts'] {
  return applied === undefined ? undefined : { applied, skipped, failed };
}

type Progress = NonNullable<ShownChange['progress']>;

const STATES: Readonly<Record<string, string>> = {
  preparing: 'being prepared',
  applying: 'in progress',
  stopped: 'stopped early',
  done: 'done',
  closed: 'closed',
};

/** The state of a change, and why it stopped if it did. */
export function stateText({ state, stop_cause: cause }: ShownChange): Content {
  const text = STATES[state] ?? shortened(state, 40);
  return state === 'stopped'
    ? html`<span class="sm-bad">▲ ${text}${cause && `: ${shortened(cause, 40)}`}</span>`
    : text;
}
