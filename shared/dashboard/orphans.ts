import { limitArgs } from '../orphans/limits.ts';
import type { ReportedOrphan } from '../orphans/sweep-state.ts';
import { ORPHAN_KINDS, type OrphanKind, type RecommendedChange } from '../orphans/verdict.ts';
import { card, cutNote, cutRows, emptyCard, MOST_ROW_BYTES, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { unknownAgesText } from '../pipeline/unknown-ages.ts';
import { grouped } from '../text/number-text.ts';
import { hoursText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import { fileLink } from './navigation.ts';
import { KIND_TEXTS } from './orphan-kinds.ts';
import { attempt } from './read.ts';
import { runbookCommand } from './runbook.ts';
import { statusLabel } from './status-look.ts';
import { changedText, noSweepCard, sweptText } from './sweep-cards.ts';
import { changedOfKind, changedStatus, orphansIn, readSweepNow, type SweepNow } from './sweep-now.ts';
import type { View, ViewContext } from './view.ts';

/** Files and manifests that are stuck for good, by kind, each with the verdict and what to do. */
export const orphans: View<'orphans', Read<SweepNow | undefined>> = {
  tab: 'Orphans',
  read: (_, source) => attempt(source, () => readSweepNow(source)),
  draw: (read, context) =>
    shown('Orphans', read, (sweep) =>
      sweep ? kindCards(sweep, context) : noSweepCard('Orphans', context.environment),
    ),
};

function kindCards(sweep: SweepNow, context: ViewContext): Html {
  const time = html`${changedText(sweep)}, ${sweptText(sweep, context.now)}`;
  const found = orphansIn(sweep);
  if (found === 0 && !sweep.changed?.size) {
    const none = emptyCard(
      'Orphans',
      html`The last sweep checked ${grouped(sweep.checked)} and found none${unverifiableText(sweep)}${time}.`,
    );
    return html`${none}${undatedCard(sweep, context)}`;
  }
  const kinds = ORPHAN_KINDS.filter((kind) => sweep.totals[kind] > 0);
  const share = Math.floor(MOST_ROW_BYTES / kinds.length);
  const more = !sweep.complete && '; not everything could be checked, so there may be more';
  return html`<p class="sm-note"><b>${grouped(found)}</b> found in ${grouped(sweep.checked)} checked${more}${unverifiableText(sweep)}${time}.</p>${kinds.map((kind) => kindCard(kind, sweep, share, context))}${undatedCard(sweep, context)}`;
}

const MOST_UNDATED_BYTES = 20_000;

/** What may be stuck or new, which nobody can tell: it stands apart from the orphans. */
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

/** Said only where there are any: it asks for nothing. */
function unverifiableText({ unverifiable = 0 }: SweepNow): string {
  return unverifiable > 0 ? `; ${grouped(unverifiable)} completed too long ago to be verified` : '';
}

function kindCard(kind: OrphanKind, sweep: SweepNow, mostBytes: number, context: ViewContext): Html {
  const { orphans, totals, at, limitHours } = sweep;
  const ofKind = orphans.filter((orphan) => orphan.kind === kind);
  const { rows, left } = cutRows(
    ofKind.map((orphan) => orphanRow(orphan, changedStatus(sweep, orphan), context)),
    mostBytes,
  );
  const total = totals[kind];
  const { name, meaning } = KIND_TEXTS[kind];
  const layout =
    kind === 'outputs_not_found' &&
    html`<p>${context.navigation.document('What your pipeline must be like', 'pipeline')}</p>`;
  return card(
    html`${name} <span class="sm-count">${grouped(total - changedOfKind(sweep, kind))}</span>`,
    html`<p class="sm-dim">${meaning}</p>
<table class="sm-table sm-plain"><thead class="sm-hidden"><tr><th>status</th><th>file</th><th>for</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'orphans')}
${total > ofKind.length && html`<p class="sm-note">The report has only the first ${grouped(ofKind.length)} of them.</p>`}
${layout}<p>To list all of them, as they are now:</p>${runbookCommand(context.environment, 'find-orphans', ['--kind', kind, ...limitArgs(limitHours)])}`,
    asOf(at, context.now),
  );
}

function orphanRow(orphan: ReportedOrphan, changed: string | undefined, context: ViewContext): Html {
  const { date_prefix, file_key, status, hours, summary, change, needs_force, commands = [] } = orphan;
  if (file_key === '') return dateRow(orphan, context);
  if (changed !== undefined) return changedRow(orphan, changed, context);
  const force = needs_force ? ' It needs --force.' : '';
  return html`<tr><td>${statusLabel(shortened(status, 20))}</td><td class="sm-wide">${fileLink(date_prefix, file_key, context)}<p class="sm-remark">${shortened(summary, 300)} <b>${CHANGES[change]}${force}</b></p>${commands.map((line) => html`<code class="sm-name">${shortened(line, 400)}</code><br>`)}</td><td class="sm-right sm-nowrap"><span title="when it was found${orphan.foundAt && `, ${orphan.foundAt}`}">${hours === undefined ? 'age unknown' : hoursText(hours)}</span></td></tr>`;
}

/** The next sweep tells whether anything is still wrong with it. */
function changedRow({ date_prefix, file_key }: ReportedOrphan, changed: string, context: ViewContext): Html {
  return html`<tr><td>${statusLabel(shortened(changed, 20))}</td><td class="sm-wide">${fileLink(date_prefix, file_key, context)}<p class="sm-remark">Changed since.</p></td><td></td></tr>`;
}

/** A verdict on a date as a whole has no file, and no time. */
function dateRow(
  { date_prefix, status, summary, change }: ReportedOrphan,
  { navigation }: ViewContext,
): Html {
  const link = navigation.link(date_prefix, { view: 'files', date: date_prefix });
  return html`<tr><td>${statusLabel(shortened(status, 20))}</td><td class="sm-wide">${link}<p class="sm-remark">${shortened(summary, 500)} <b>${CHANGES[change]}</b></p></td><td></td></tr>`;
}

const CHANGES: Readonly<Record<RecommendedChange, string>> = {
  reset: 'Reset it to pending.',
  advance: 'Mark it completed.',
  fail: 'Mark it failed.',
  quarantine: 'Mark it quarantined.',
  none: 'Changing the status will not fix it.',
};
