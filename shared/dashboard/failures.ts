import { getFailures, type ShownClass } from '../operations/get-failures.ts';
import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { OTHER_CLASS } from '../projection/failure-counts.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { knownText } from './acknowledged.ts';
import type { Exported } from './exported.ts';
import { drawClass, type OneClass, readOneClass } from './failure-class.ts';
import { classLink, dayTrend, howMany } from './failure-kinds.ts';
import { exportLinks } from './list-commands.ts';
import { sortNav } from './list-tools.ts';
import { attempt } from './read.ts';
import { CLASS_ORDERS, type FieldsOf } from './requests.ts';
import { runbookCommand } from './runbook.ts';
import type { Source, View, ViewContext } from './view.ts';

/** Every class, the most frequent first. */
export type Classes = Read<readonly ShownClass[]>;

/** Why files failed: every class with its count, or one class with everything that is known of it. */
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
  async export({ date: date_prefix, class: id, sort }, source) {
    const { failures: all } = await getFailures.run(source, { date_prefix, class: id });
    return exported(inOrder(all, sort));
  },
};

// The same columns as the runbook `failures`.
const COLUMNS = [
  'failed',
  'quarantined',
  'last_day',
  'last_hours',
  'first_seen',
  'last_seen',
  'class',
  'text',
] as const;

function exported(classes: readonly ShownClass[]): Exported {
  return {
    columns: COLUMNS,
    rows: classes.map((record) => ({ cells: COLUMNS.map((name) => record[name] ?? undefined), record })),
  };
}

type Order = NonNullable<FieldsOf<'failures'>['sort']>;

const ORDER_TEXTS: Readonly<Record<Order, string>> = {
  files: 'most files first',
  day: 'most in 24 h first',
  last: 'most recent first',
};

/** They are read with the most files first. */
function inOrder(classes: readonly ShownClass[], order: Order = 'files'): readonly ShownClass[] {
  if (order === 'files') return classes;
  if (order === 'day') return classes.toSorted((a, b) => b.last_day - a.last_day);
  return classes.toSorted((a, b) => Date.parse(b.last_seen ?? EPOCH) - Date.parse(a.last_seen ?? EPOCH));
}

const EPOCH = '1970-01-01T00:00:00Z';

function orderLinks({ date, sort = 'files' }: FieldsOf<'failures'>, context: ViewContext): Html {
  const choices = CLASS_ORDERS.map((order) => ({
    text: ORDER_TEXTS[order],
    to: { view: 'failures' as const, ...(date !== undefined && { date }), sort: order },
    current: order === sort,
  }));
  return sortNav(choices, context);
}

/** The classes of all dates, or of one: a Query or two. */
export function readClasses(source: Source, date_prefix?: string): Promise<Classes> {
  return attempt(source, async () => (await getFailures.run(source, { date_prefix })).failures);
}

function titleOf({ date }: FieldsOf<'failures'>): string {
  return date === undefined ? 'Failures by cause' : `Failures by cause of ${date}`;
}

function classTable(
  classes: readonly ShownClass[],
  context: ViewContext,
  fields: FieldsOf<'failures'>,
): Html {
  const { now, navigation } = context;
  const time = asOf(isoTime(now), now);
  const all = fields.date !== undefined && navigation.link('All dates', { view: 'failures' });
  if (classes.length === 0) {
    return emptyCard(titleOf(fields), html`No file has failed or been refused, ${time}. ${all}`);
  }
  const { rows, left } = cutRows(inOrder(classes, fields.sort).map((one) => classRow(one, context, fields)));
  return card(
    titleOf(fields),
    html`${all && html`<p>${all}</p>`}${orderLinks(fields, context)}<table class="sm-table"><thead><tr><th class="sm-wide">cause</th><th class="sm-right">files</th><th class="sm-right">24 h</th><th>trend</th><th class="sm-roomy">since</th><th>last</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'causes')}${takeAlong(classes.length, fields, context)}`,
    html`files that are failed or quarantined now; 24 h: how often it happened, over all dates; last: to the hour; ${time}`,
  );
}

function takeAlong(count: number, { date, sort }: FieldsOf<'failures'>, context: ViewContext): Html {
  const args = date === undefined ? [] : ['--date', date];
  const to = { view: 'failures' as const, ...(date !== undefined && { date }), ...(sort && { sort }) };
  const links = exportLinks({ to, text: `${countOf(count, 'cause')}` }, { name: 'failures', args }, context);
  return html`<p>The same in a terminal:</p>${runbookCommand(context.environment, 'failures', args)}${links}`;
}

function classRow(one: ShownClass, context: ViewContext, { date }: FieldsOf<'failures'>): Html {
  const { now } = context;
  const { first_seen: first, last_seen: last } = one;
  const name = one.class !== OTHER_CLASS && html`<div class="sm-dim sm-small sm-name">${one.class}</div>`;
  const known = one.acknowledged && html`<div class="sm-dim sm-small">${knownText(one.acknowledged)}</div>`;
  return html`<tr data-class="${one.class}"><td class="sm-wide">${classLink(shortened(one.text, 200), one.class, date, context)}${name}${known}</td><td class="sm-right sm-nowrap">${howMany(one)}</td><td class="sm-right">${grouped(one.last_day)}</td><td>${dayTrend(one)}</td><td class="sm-roomy sm-nowrap">${momentOf(first, now)}</td><td class="sm-nowrap">${momentOf(last, now)}</td></tr>`;
}

function momentOf(time: string | null, now: number): Content {
  return time === null ? html`<span class="sm-dim">unknown</span>` : moment(time, now);
}
