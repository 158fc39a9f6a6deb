import { limitsOfProfile } from '../orphans/limits.ts';
import { card, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { senderRule } from '../pipeline/sender.ts';
import { senderPathOf } from '../settings/index-profile.ts';
import { readSenders, type SenderReport, type SenderSummary } from '../statistics/read-senders.ts';
import { grouped, percent } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { attempt } from './read.ts';
import { runbookCommand } from './runbook.ts';
import type { Source, ViewContext } from './view.ts';

const SHOWN = 8;

/**
 * Reads the counts of each sender.
 *
 * @returns undefined if the profile does not count senders
 */
export async function readSenderReport(source: Source): Promise<Read<SenderReport> | undefined> {
  const { projection, profile, now } = source;
  const rule = senderRule(senderPathOf(profile));
  return (
    rule && attempt(source, () => readSenders(projection, rule, undefined, limitsOfProfile(profile), now))
  );
}

/** The senders with the most failures and late files; nothing if senders are not counted. */
export function sendersCard(read: Read<SenderReport> | undefined, context: ViewContext): Content {
  return read !== undefined && shown('Senders', read, (report) => senderTable(report, context));
}

function senderTable({ senders, not_counted }: SenderReport, { now, environment }: ViewContext): Html {
  const time = asOf(isoTime(now), now);
  const missing = not_counted > 0 && html`; ${grouped(not_counted)} files are not counted yet, see rebuild`;
  if (senders.length === 0)
    return emptyCard('Senders', html`No file is counted by sender${missing}, ${time}.`);
  const left = senders.length - SHOWN;
  const more =
    left > 0 && html`<p>${grouped(left)} more:</p>${runbookCommand(environment, 'stats', ['--senders'])}`;
  return card(
    'Senders',
    html`<table class="sm-table"><thead><tr><th class="sm-wide">sender</th><th class="sm-right">failed</th><th class="sm-right sm-roomy">of settled</th><th class="sm-right">late</th><th class="sm-right">files</th></tr></thead><tbody>${senders.slice(0, SHOWN).map(senderRow)}</tbody></table>${more}`,
    html`most failures first; late: in flight for longer than the limit, to the hour${missing}, ${time}`,
  );
}

function senderRow({ sender, stats, failed_share: share, over_limit: late, total }: SenderSummary): Html {
  const cell = (count: number) =>
    html`<td class="sm-right">${count > 0 ? html`<span class="sm-bad">${grouped(count)}</span>` : '0'}</td>`;
  return html`<tr data-sender="${sender}"><td class="sm-wide">${shortened(sender, 60)}</td>${cell(stats.failed)}<td class="sm-right sm-roomy">${share === null ? '' : percent(share, 1)}</td>${cell(late)}<td class="sm-right">${grouped(total)}</td></tr>`;
}
