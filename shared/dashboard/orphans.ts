import { limitArgs } from '../orphans/limits.ts';
import type { ReportedOrphan } from '../orphans/sweep-state.ts';
import { ORPHAN_KINDS, type OrphanKind, type RecommendedChange } from '../orphans/verdict.ts';
import { card, cutNote, cutRows, emptyCard, MOST_ROW_BYTES, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { unknownAgesText } from '../pipeline/unknown-ages.ts';
import { grouped } from '../text/number-text.ts';
import { shellWord } from '../text/shell-text.ts';
import { shortened } from '../text/visible-text.ts';
import { exportLinks } from './list-commands.ts';
import { sortNav } from './list-tools.ts';
import { fileLink } from './navigation.ts';
import { KIND_TEXTS } from './orphan-kinds.ts';
import { exportedOrphans, listOrphans } from './orphan-list.ts';
import { orphanRow, withCommandsOnce } from './orphan-rows.ts';
import { attempt } from './read.ts';
import type { FieldsOf } from './requests.ts';
import { runbookCommand } from './runbook.ts';
import { statusLabel } from './status-look.ts';
import { changedText, cutOffNote, kindsStill, noSweepCard, sweptText } from './sweep-cards.ts';
import { changedOfKind, changedStatus, orphansIn, readSweepNow, type SweepNow } from './sweep-now.ts';
import type { View, ViewContext } from './view.ts';

type Request = FieldsOf<'orphans'>;

/** Files and manifests that are stuck for good, by kind, each with the verdict and what to do. */
export const orphans: View<'orphans', Read<SweepNow | undefined>> = {
  tab: 'Orphans',
  read: (_, source) => attempt(source, () => readSweepNow(source)),
  draw: (read, context, request) =>
    shown('Orphans', read, (sweep) =>
      sweep ? kindCards(sweep, request, context) : noSweepCard('Orphans', context.environment),
    ),
  async export(request, source) {
    const sweep = await readSweepNow(source);
    return sweep ? exportedOrphans(sweep, request) : { columns: [], rows: [] };
  },
};

function kindCards(sweep: SweepNow, request: Request, context: ViewContext): Html {
  const time = html`${changedText(sweep)}, ${sweptText(sweep, context.now)}`;
  const found = orphansIn(sweep);
  const undated = undatedCard(sweep, context);
  if (found === 0 && !sweep.changed?.size) {
    const none = emptyCard(
      'Orphans',
      html`The last sweep checked ${grouped(sweep.checked)} and found none${unverifiableText(sweep)}${time}.`,
    );
    return html`${cutOffNote(sweep)}${none}${undated}`;
  }
  const kinds = ORPHAN_KINDS.filter((kind) => sweep.totals[kind] > 0 && (request.kind ?? kind) === kind);
  const share = Math.floor(MOST_ROW_BYTES / Math.max(1, kinds.length));
  const more = !sweep.complete && '; not everything could be checked, so there may be more';
  const none = kinds.length === 0 && request.kind && noneCard(request.kind, time);
  return html`${cutOffNote(sweep)}<p class="sm-note"><b>${grouped(found)}</b> found in ${grouped(sweep.checked)} checked${more}${unverifiableText(sweep)}${time}.</p>${kindChips(sweep, request, context)}${orderLinks(request, context)}${none}${kinds.map((kind) => kindCard(kind, sweep, { request, share }, context))}${undated}`;
}

function noneCard(kind: OrphanKind, time: Html): Html {
  return emptyCard(KIND_TEXTS[kind].name, html`None was found${time}.`);
}

/** The kinds to choose from, each with how many are still orphans. */
function kindChips(sweep: SweepNow, { kind: chosen, sort }: Request, { navigation }: ViewContext): Html {
  const chip = (label: Html, kind: OrphanKind | undefined) =>
    navigation.link(
      label,
      { view: 'orphans', ...(kind && { kind }), ...(sort && { sort }) },
      { className: 'sm-chip', current: chosen === kind },
    );
  const kinds = kindsStill(sweep).map(({ kind, count }) =>
    chip(html`${KIND_TEXTS[kind].name} <b>${grouped(count)}</b>`, kind),
  );
  return html`<nav class="sm-chips" aria-label="Kinds">${chip(html`All <b>${grouped(orphansIn(sweep))}</b>`, undefined)}${kinds}</nav>`;
}

function orderLinks({ kind, sort = 'age' }: Request, context: ViewContext): Html {
  const orders = [
    ['longest waiting first', 'age'],
    ['by name', 'name'],
  ] as const;
  const choices = orders.map(([text, order]) => ({
    text,
    to: { view: 'orphans' as const, ...(kind && { kind }), sort: order },
    current: order === sort,
  }));
  return sortNav(choices, context);
}

const MOST_UNDATED_BYTES = 20_000;

/** Files that may be stuck or new, which cannot be known: they are shown apart from the orphans. */
function undatedCard({ ageUnknown, at }: SweepNow, context: ViewContext): Content {
  if (!ageUnknown?.count) return false;
  const rows = ageUnknown.files.map(
    ({ date_prefix, file_key, status }) =>
      html`<tr><td>${statusLabel(shortened(status, 20))}</td><td class="sm-wide">${fileLink(date_prefix, file_key, context)}</td></tr>`,
  );
  return card(
    html`Age unknown <span class="sm-count">${grouped(ageUnknown.count)}</span>`,
    html`<p class="sm-dim">${shortened(unknownAgesText(ageUnknown), 600)}</p><table class="sm-table sm-plain"><tbody>${cutRows(rows, MOST_UNDATED_BYTES).rows}</tbody></table>`,
    asOf(at, context.now),
  );
}

/** Shown only if there are any: they need no action. */
function unverifiableText({ unverifiable = 0 }: SweepNow): string {
  return unverifiable > 0 ? `; ${grouped(unverifiable)} completed too long ago to be verified` : '';
}

function kindCard(
  kind: OrphanKind,
  sweep: SweepNow,
  { request, share }: { readonly request: Request; readonly share: number },
  context: ViewContext,
): Html {
  const ofKind = listOrphans(sweep, { ...request, kind });
  const isChanged = (orphan: ReportedOrphan) => changedStatus(sweep, orphan) !== undefined;
  const { rows, left } = cutRows(
    withCommandsOnce(ofKind, isChanged).map((orphan) =>
      orphanRow(orphan, changedStatus(sweep, orphan), context),
    ),
    share,
  );
  const total = sweep.totals[kind];
  const { name, meaning } = KIND_TEXTS[kind];
  const layout =
    kind === 'outputs_not_found' &&
    html`<p>${context.navigation.document('What your pipeline must be like', 'pipeline')}</p>`;
  const first = `The report lists only the first ${grouped(ofKind.length)}; only these are sorted.`;
  return card(
    html`${name} <span class="sm-count">${grouped(total - changedOfKind(sweep, kind))}</span>`,
    html`<p class="sm-dim">${meaning}</p>
<table class="sm-table sm-plain"><thead class="sm-hidden"><tr><th>status</th><th>file</th><th>for</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'orphans')}
${total > ofKind.length && html`<p class="sm-note">${first}</p>`}${layout}${commands(kind, sweep, ofKind, context)}`,
    asOf(sweep.at, context.now),
  );
}

/** The commands for a kind: one lists all of its orphans, and one per recommended change plans that change. */
function commands(
  kind: OrphanKind,
  sweep: SweepNow,
  ofKind: readonly ReportedOrphan[],
  context: ViewContext,
): Html {
  const { environment } = context;
  const args = ['--kind', kind, ...limitArgs(sweep.limitHours)];
  const still = ofKind.filter((orphan) => changedStatus(sweep, orphan) === undefined);
  const changes = [...new Set(still.filter(isFixed).map(({ change }) => change))];
  const file = `${kind}.ndjson`;
  const plans = changes.map((change) =>
    runbookCommand(environment, 'batch-update', ['--list=-', '--new-status', NEW_STATUS[change]], {
      from: ofChange(file, change),
    }),
  );
  const to = { view: 'orphans' as const, kind };
  const text = `the ${grouped(still.length)} listed here`;
  return html`<p>To list all of them in their current state:</p>${runbookCommand(environment, 'find-orphans', args)}
${plans.length > 0 && html`<p>To plan the fix, without those that need force; nothing is written:</p>${runbookCommand(environment, 'find-orphans', [...args, '--output', 'ndjson'], { into: file })}${plans}`}
${still.length > 0 && context.navigation.download && exportLinks({ to, text }, { name: 'find-orphans', args }, context)}`;
}

function isFixed({ change, needs_force }: ReportedOrphan): boolean {
  return change !== 'none' && !needs_force;
}

function ofChange(file: string, change: RecommendedChange): readonly string[] {
  return [
    ...['grep', shellWord(`"recommended_change":"${change}"`), shellWord(file)],
    ...['|', 'grep', '-v', shellWord('"needs_force":true')],
  ];
}

const NEW_STATUS: Readonly<Record<RecommendedChange, string>> = {
  reset: 'pending',
  advance: 'completed',
  fail: 'failed',
  quarantine: 'quarantined',
  none: '',
};
