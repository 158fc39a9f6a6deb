import { getFailures } from '../operations/get-failures.ts';
import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { OTHER_CLASS } from '../projection/failure-counts.ts';
import type { FailureSummary } from '../projection/read-failures.ts';
import { grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { drawClass, type OneClass, readOneClass } from './failure-class.ts';
import { classLink, dayTrend, howMany } from './failure-kinds.ts';
import { attempt } from './read.ts';
import type { FieldsOf } from './requests.ts';
import type { Source, View, ViewContext } from './view.ts';

/** Every class, the most frequent first. */
export type Classes = Read<readonly FailureSummary[]>;

/** Why files failed: every class with its count, or one of them with all that is known of it. */
export const failures: View<'failures', { readonly all: Classes } | { readonly one: Read<OneClass> }> = {
  tab: 'Failures',
  read: async ({ class: id, date }, source) =>
    id === undefined
      ? { all: await readClasses(source, date) }
      : { one: await attempt(source, () => readOneClass(source, id, date)) },
  draw: (data, context, fields) =>
    'one' in data
      ? drawClass(data.one, context, fields)
      : shown(titleOf(fields), data.all, (classes) => classTable(classes, context, fields)),
};

/** The classes of all dates, or of one: a Query or two. */
export function readClasses(source: Source, date_prefix?: string): Promise<Classes> {
  return attempt(source, async () => (await getFailures.run(source, { date_prefix })).failures);
}

function titleOf({ date }: FieldsOf<'failures'>): string {
  return date === undefined ? 'Failures by cause' : `Failures by cause of ${date}`;
}

function classTable(
  classes: readonly FailureSummary[],
  context: ViewContext,
  fields: FieldsOf<'failures'>,
): Html {
  const { now, navigation } = context;
  const time = asOf(isoTime(now), now);
  const all = fields.date !== undefined && navigation.link('All dates', { view: 'failures' });
  if (classes.length === 0) {
    return emptyCard(titleOf(fields), html`No file has failed or was refused, ${time}. ${all}`);
  }
  const { rows, left } = cutRows(classes.map((one) => classRow(one, context, fields)));
  return card(
    titleOf(fields),
    html`${all && html`<p>${all}</p>`}<table class="sm-table"><thead><tr><th class="sm-wide">cause</th><th class="sm-right">files</th><th class="sm-right">24 h</th><th>trend</th><th class="sm-roomy">since</th><th>last</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'causes')}`,
    html`files that are failed or quarantined now; 24 h: how often it happened, in all dates; ${time}`,
  );
}

function classRow(one: FailureSummary, context: ViewContext, { date }: FieldsOf<'failures'>): Html {
  const { now } = context;
  const { first_seen: first, last_seen: last } = one;
  const name = one.class !== OTHER_CLASS && html`<div class="sm-dim sm-small sm-name">${one.class}</div>`;
  return html`<tr data-class="${one.class}"><td class="sm-wide">${classLink(shortened(one.text, 200), one.class, date, context)}${name}</td><td class="sm-right sm-nowrap">${howMany(one)}</td><td class="sm-right">${grouped(one.last_day)}</td><td>${dayTrend(one)}</td><td class="sm-roomy sm-nowrap">${momentOf(first, now)}</td><td class="sm-nowrap">${momentOf(last, now)}</td></tr>`;
}

function momentOf(time: string | null, now: number): Content {
  return time === null ? html`<span class="sm-dim">unknown</span>` : moment(time, now);
}
