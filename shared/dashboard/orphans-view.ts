import { limitArgs } from '../orphans/limits.ts';
import type { SweepReport } from '../orphans/sweep-report.ts';
import type { ReportedOrphan } from '../orphans/sweep-state.ts';
import { ORPHAN_KINDS, type OrphanKind, type RecommendedChange } from '../orphans/verdict.ts';
import { card, cutNote, cutRows, emptyCard, MOST_ROW_BYTES, type Read, shown } from '../page-kit/card.ts';
import { statusLabel } from '../page-kit/glyph.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import { fileLink } from './file-name.ts';
import { orphansIn } from './in-flight.ts';
import { KIND_TEXTS } from './orphan-kinds.ts';
import { runbookCommand } from './runbook.ts';
import { noSweepCard } from './sweep-card.ts';
import type { ViewContext } from './view-context.ts';

/** Files and manifests that will not move by themselves, by kind, with the verdict and what to do. */
export function orphansView(read: Read<SweepReport | undefined>, context: ViewContext): Content {
  return shown('Orphans', read, (sweep) =>
    sweep ? orphansOf(sweep, context) : noSweepCard('Orphans', context.environment),
  );
}

function orphansOf(value: SweepReport, context: ViewContext): Html {
  if (orphansIn(value) === 0) {
    return emptyCard(
      'Orphans',
      html`The last sweep found none among ${grouped(value.checked)}, ${asOf(value.at, context.now)}.`,
    );
  }
  const kinds = ORPHAN_KINDS.filter((kind) => value.totals[kind] > 0);
  const share = Math.floor(MOST_ROW_BYTES / kinds.length);
  return html`<p class="sm-note"><b>${grouped(orphansIn(value))}</b> found among ${grouped(value.checked)}${!value.complete && '; the sweep is not complete, there may be more'}, ${asOf(value.at, context.now)}.</p>${kinds.map((kind) => kindCard(kind, value, share, context))}`;
}

function kindCard(
  kind: OrphanKind,
  { orphans, totals, at, limitHours }: SweepReport,
  mostBytes: number,
  context: ViewContext,
): Html {
  const ofKind = orphans.filter((orphan) => orphan.kind === kind);
  const { rows, left } = cutRows(
    ofKind.map((orphan) => orphanRow(orphan, context)),
    mostBytes,
  );
  const total = totals[kind];
  return card(
    html`${KIND_TEXTS[kind].name} <span class="sm-count">${grouped(total)}</span>`,
    html`<p class="sm-dim">${KIND_TEXTS[kind].meaning}</p>
<table class="sm-table sm-orphans"><thead class="sm-hidden"><tr><th>status</th><th>file</th><th>for</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'orphans')}
${total > ofKind.length && html`<p class="sm-note">The report tells of the first ${grouped(ofKind.length)} of them.</p>`}
<p>All of them, as they are now:</p>${runbookCommand(context.environment, 'find-orphans', ['--kind', kind, ...limitArgs(limitHours)])}`,
    asOf(at, context.now),
  );
}

function orphanRow(orphan: ReportedOrphan, context: ViewContext): Html {
  const { date_prefix: datePrefix, file_key: fileKey, status, hours, summary, change } = orphan;
  return html`<tr><td>${statusLabel(shortened(status, 20))}</td><td class="sm-wide">${fileLink(datePrefix, fileKey, context)}<p class="sm-verdict">${shortened(summary, 300)} ${changeText(change)}</p></td><td class="sm-right sm-nowrap">${hours === undefined ? 'unknown' : durationText(hours * 3_600_000)}</td></tr>`;
}

const CHANGES: Readonly<Record<RecommendedChange, string>> = {
  reset: 'Put it back to pending.',
  advance: 'Mark it completed.',
  fail: 'Mark it failed.',
  quarantine: 'Mark it quarantined.',
  none: 'No change of status mends it.',
};

function changeText(change: RecommendedChange): Content {
  return html`<b>${CHANGES[change]}</b>`;
}
