import type { Stats } from '../operations/get-stats.ts';
import { card, cutNote, cutRows } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import type { InFlightStatus } from '../pipeline/status.ts';
import { filterHolding, readAcknowledged } from '../reports/acknowledged-files.ts';
import { type Acknowledgement, isOfClass, lastDayOf } from '../reports/acknowledgements.ts';
import { countAcknowledgedLate } from '../statistics/acknowledged-late.ts';
import { countOf } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { classLink } from './failure-kinds.ts';
import { fileLink } from './navigation.ts';
import { runbookCommand } from './runbook.ts';
import type { Source, ViewContext } from './view.ts';

/** The acknowledgements that apply now. */
export interface AcknowledgedNow {
  /** The one that ends first comes first. */
  readonly all: readonly Acknowledgement[];
  /** How many late files of each status are acknowledged. */
  readonly late: Readonly<Record<InFlightStatus, number>>;
}

/** One query, plus one or two reads for each acknowledged file. */
export async function readAcknowledgedNow(
  source: Pick<Source, 'tracking' | 'projection' | 'now'>,
  stats: Stats | undefined,
): Promise<AcknowledgedNow> {
  const known = await readAcknowledged(source);
  const late = stats?.in_flight ? await countAcknowledgedLate(source, known, stats.in_flight) : NONE_LATE;
  const holding = await filterHolding(source, known.all);
  return { all: holding.sort((a, b) => (a.until < b.until ? -1 : 1)), late };
}

const NONE_LATE = { pending: 0, manifested: 0, processing: 0 };

/** Such as `known until 2026-12-01: fixed by the next release`. */
export function knownText(word: Pick<Acknowledgement, 'until' | 'reason'>): string {
  return `known until ${lastDayOf(word)}: ${shortened(word.reason, 300)}`;
}

/** What is excluded from what needs attention, until when, and why; nothing if nothing is excluded. */
export function acknowledgedCard({ all }: AcknowledgedNow, context: ViewContext): Content {
  const [first] = all;
  if (!first) return false;
  const { rows, left } = cutRows(
    all.map((each) => knownRow(each, context)),
    MOST_BYTES,
  );
  const more = all.some((each) => each.until !== first.until) ? ' or later' : '';
  return card(
    'Known',
    html`<p class="sm-number">${all.length}<small> known until ${lastDayOf(first)}${more}</small></p><table class="sm-table sm-plain"><tbody>${rows}</tbody></table>${cutNote(left, 'acknowledgements')}${runbookCommand(context.environment, 'acknowledge')}`,
    html`excluded from what needs attention, from alarms and from healing, but still counted; ${asOf(isoTime(context.now), context.now)}`,
  );
}

const MOST_BYTES = 10_000;

/** Says below the banner that it excludes something. */
export function acknowledgedNote({ all }: AcknowledgedNow): Content {
  const [first] = all;
  return (
    first &&
    html`<p class="sm-note">${countOf(all.length, 'acknowledgement')} ${all.length === 1 ? 'applies' : 'apply'} here, the first until ${lastDayOf(first)}: see Known.</p>`
  );
}

function knownRow(each: Acknowledgement, context: ViewContext): Html {
  const link = isOfClass(each)
    ? classLink(shortened(each.class, 80), each.class, undefined, context)
    : fileLink(each.date_prefix, each.file_key, context);
  const kind = !isOfClass(each) && each.kind !== undefined && ` (${each.kind.replaceAll('_', ' ')})`;
  return html`<tr><td class="sm-wide">${link}${kind}<p class="sm-remark">${knownText(each)}</p></td></tr>`;
}
