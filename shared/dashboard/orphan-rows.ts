import type { ReportedOrphan } from '../orphans/sweep-state.ts';
import type { RecommendedChange } from '../orphans/verdict.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { moment } from '../page-kit/moment.ts';
import { hoursText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import { fileLink } from './navigation.ts';
import { commandLine } from './runbook.ts';
import { statusLabel } from './status-look.ts';
import type { ViewContext } from './view.ts';

/**
 * An orphan as a row.
 *
 * @param changed its new status if it changed since it was found; otherwise undefined
 */
export function orphanRow(orphan: ReportedOrphan, changed: string | undefined, context: ViewContext): Html {
  const { date_prefix, file_key, status, hours, summary, change, needs_force, commands = [] } = orphan;
  if (file_key === '') return dateRow(orphan, context);
  if (changed !== undefined) return changedRow(orphan, changed, context);
  const force = needs_force ? ' Needs --force.' : '';
  return html`<tr><td>${statusLabel(shortened(status, 20))}</td><td class="sm-wide">${fileLink(date_prefix, file_key, context)}<p class="sm-remark">${shortened(summary, 300)} <b>${CHANGES[change]}${force}</b></p>${commands.map((line) => commandLine(shortened(line, 400)))}</td><td class="sm-right sm-nowrap">${hours === undefined ? 'age unknown' : hoursText(hours)}${foundText(orphan, context)}</td></tr>`;
}

/**
 * Leaves each command to the first orphan that shows it: all files of an execution have the same.
 *
 * @param isChanged whether an orphan has changed since it was found, so that its commands are not shown
 */
export function withCommandsOnce(
  orphans: readonly ReportedOrphan[],
  isChanged: (orphan: ReportedOrphan) => boolean,
): ReportedOrphan[] {
  const shown = new Set<string>();
  return orphans.map((orphan) => {
    if (isChanged(orphan)) return orphan;
    const commands = (orphan.commands ?? []).filter((command) => !shown.has(command));
    for (const command of commands) shown.add(command);
    return { ...orphan, commands };
  });
}

/** When the sweep found it: a sweep takes a while, and its findings may be that old. */
function foundText({ foundAt }: ReportedOrphan, { now }: ViewContext): Content {
  return foundAt !== undefined && html`<p class="sm-dim sm-small">found ${moment(foundAt, now)}</p>`;
}

/** The next sweep will say whether anything is still wrong with it. */
function changedRow(orphan: ReportedOrphan, changed: string, context: ViewContext): Html {
  const { date_prefix, file_key } = orphan;
  return html`<tr><td>${statusLabel(shortened(changed, 20))}</td><td class="sm-wide">${fileLink(date_prefix, file_key, context)}<p class="sm-remark">Changed since.</p></td><td class="sm-right sm-nowrap">${foundText(orphan, context)}</td></tr>`;
}

/** A verdict on a whole date has no file and no time. */
function dateRow(
  { date_prefix, status, summary, change }: ReportedOrphan,
  { navigation }: ViewContext,
): Html {
  const link = navigation.link(date_prefix, { view: 'files', date: date_prefix });
  return html`<tr><td>${statusLabel(shortened(status, 20))}</td><td class="sm-wide">${link}<p class="sm-remark">${shortened(summary, 500)} <b>${CHANGES[change]}</b></p></td><td></td></tr>`;
}

/** The recommended change, in words. */
const CHANGES: Readonly<Record<RecommendedChange, string>> = {
  reset: 'Reset it to pending.',
  advance: 'Mark it completed.',
  fail: 'Mark it failed.',
  quarantine: 'Mark it quarantined.',
  none: 'Changing the status will not fix it.',
};
