import { getFailures, type ShownClass } from '../operations/get-failures.ts';
import { card, cutNote, cutRows, emptyCard, factList, type Read, shown } from '../page-kit/card.ts';
import { withAxes } from '../page-kit/charts.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { FAILURE_STATUSES, type FailureStatus } from '../pipeline/record-failure.ts';
import type { ClassDate, ClassManifest } from '../statistics/class-details.ts';
import type { Sample } from '../statistics/read-failures.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { knownText } from './acknowledged.ts';
import { dayTrend, howMany } from './failure-kinds.ts';
import { fileLink, manifestLink } from './navigation.ts';
import type { FieldsOf } from './requests.ts';
import { runbookCommand } from './runbook.ts';
import type { Source, ViewContext } from './view.ts';

/** The data of one class's page. */
export interface OneClass {
  /** Undefined if no file (of the date, if one is given) is in the class or has been in the last 24 hours. */
  readonly summary: ShownClass | undefined;
  /** Newest first. */
  readonly dates: readonly ClassDate[];
  readonly datesComplete: boolean;
  readonly manifests: readonly ClassManifest[];
  /** How many files the manifests were taken from. */
  readonly manifestsOf: number;
  readonly manifestsComplete: boolean;
  readonly samples: readonly Sample[];
}

/** Reads everything that is known of a class. */
export async function readOneClass(
  source: Source,
  classId: string,
  date_prefix: string | undefined,
): Promise<OneClass> {
  const told = await getFailures.run(source, { class: classId, date_prefix });
  return {
    summary: told.failures[0],
    dates: told.dates ?? [],
    datesComplete: told.dates_complete ?? true,
    manifests: told.manifests ?? [],
    manifestsOf: told.manifests_of_files ?? 0,
    manifestsComplete: told.manifests_complete ?? true,
    samples: told.samples ?? [],
  };
}

type Fields = FieldsOf<'failures'>;

/** One class: how many, since when, where, and the command that puts its files back. */
export function drawClass(read: Read<OneClass>, context: ViewContext, fields: Fields): Content {
  const all = context.navigation.link('All causes', {
    view: 'failures',
    ...(fields.date && { date: fields.date }),
  });
  return html`<p>${all}</p>${shown('Failures', read, (one) => (one.summary ? known(one, one.summary, context, fields) : noneCard(fields, context)))}`;
}

function noneCard({ class: id = '', date }: Fields, { now }: ViewContext): Html {
  const of = date === undefined ? '' : ` of ${date}`;
  return emptyCard(
    'Failures',
    html`No file${of} is in the class ${shortened(id, 80)}, ${asOf(isoTime(now), now)}.`,
  );
}

function known(one: OneClass, summary: ShownClass, context: ViewContext, { date }: Fields): Html {
  return html`<header class="sm-title"><h2 class="sm-name">${shortened(summary.text, 300)}</h2></header>
<div class="sm-cards">${factsCard(summary, context, date)}${trendCard(summary, context)}</div>
${retryCard(summary, context, date)}
<div class="sm-cards sm-two">${datesCard(one, summary, context)}${manifestsCard(one, summary, context)}</div>${samplesCard(one, context)}`;
}

function factsCard(summary: ShownClass, { now, navigation }: ViewContext, date: string | undefined): Html {
  const { first_seen: first, last_seen: last, class: id } = summary;
  const links = FAILURE_STATUSES.filter((status) => summary[status] > 0).map((status) =>
    navigation.link(
      html`Show the ${countOf(summary[status], 'file')} that ${summary[status] === 1 ? 'is' : 'are'} ${status}`,
      { view: 'files', status, class: id, ...(date !== undefined && { date }) },
    ),
  );
  return card(
    date === undefined ? 'Files' : `Files of ${date}`,
    html`<p class="sm-number">${howMany(summary)}</p>${factList([
      ['Since', first !== null && moment(first, now)],
      ['Last (to the hour)', last !== null && moment(last, now)],
      ['Ever (all dates)', grouped(summary.entered)],
      ['Class', html`<span class="sm-name">${id}</span>`],
      ['Known', summary.acknowledged && knownText(summary.acknowledged)],
    ])}${links.map((link) => html`<p>${link}</p>`)}`,
    asOf(isoTime(now), now),
  );
}

function trendCard(summary: ShownClass, { now }: ViewContext): Html {
  const { by_hour: hours, last_day: day } = summary;
  return card(
    'Trend',
    html`<p class="sm-number">${grouped(day)}<small> in 24 hours</small></p>${withAxes(dayTrend(summary, now), { from: 0, to: Math.max(1, ...hours) }, '24h ago', 'now')}`,
    html`by hour, ${grouped(hours.at(-1) ?? 0)} in the current one; all dates; ${asOf(isoTime(now), now)}`,
    'double',
  );
}

/** The command only plans: it shows each file and its obstacles, and writes nothing. */
function retryCard({ class: id, failed }: ShownClass, { environment }: ViewContext, date?: string): Content {
  if (failed === 0) return false;
  const args = ['--status', 'failed', '--class', id, ...(date === undefined ? [] : ['--date', date])];
  return card(
    'Put them back',
    html`<p>Run this once the cause is fixed. It shows the plan for ${countOf(failed, 'failed file')} and leaves out those that would fail again. With <b>--apply</b> it makes the change, which can be undone.</p>${runbookCommand(environment, 'batch-update', [...args, '--new-status', 'pending'])}`,
  );
}

function datesCard(
  { dates, datesComplete }: OneClass,
  { class: id }: ShownClass,
  context: ViewContext,
): Html {
  if (dates.length === 0) return emptyCard('Dates', html`None, ${asOf(isoTime(context.now), context.now)}.`);
  const { rows, left } = cutRows(
    dates.map((each) => {
      const linked = (label: Content, status: FailureStatus) =>
        context.navigation.link(label, { view: 'files', date: each.date_prefix, status, class: id });
      const date = linked(shortened(each.date_prefix, 40), each.failed > 0 ? 'failed' : 'quarantined');
      const counts = howMany(each, linked);
      return html`<tr><td class="sm-wide">${date}</td><td class="sm-right sm-nowrap">${counts}</td></tr>`;
    }),
    LIST_BYTES,
  );
  const more = !datesComplete && '; more files are on earlier dates';
  return card(
    'Dates',
    list(rows, left, 'dates'),
    html`exact${more}, ${asOf(isoTime(context.now), context.now)}`,
  );
}

const LIST_BYTES = 40_000;

function manifestsCard(
  { manifests, manifestsOf, manifestsComplete }: OneClass,
  summary: ShownClass,
  context: ViewContext,
): Html {
  const time = asOf(isoTime(context.now), context.now);
  if (manifests.length === 0)
    return emptyCard('Manifests', html`No file of this class was found in the index, ${time}.`);
  const { rows, left } = cutRows(
    manifests.map(({ date_prefix, manifest, files }) => {
      const link = manifestLink(date_prefix, manifest, context);
      const name = link || html`<span class="sm-dim">${shortened(manifest ?? 'no manifest', 100)}</span>`;
      return html`<tr><td class="sm-wide"><span class="sm-dim sm-small">${shortened(date_prefix, 40)}</span> ${name}</td><td class="sm-right">${manifestCount({ date_prefix, manifest, files }, summary, context)}</td></tr>`;
    }),
    LIST_BYTES,
  );
  const of = manifestsComplete
    ? 'of all files'
    : `the most frequent among the first ${countOf(manifestsOf, 'file')} only`;
  return card('Manifests', list(rows, left, 'manifests'), html`${of}, ${time}`);
}

/** Links to the files if all of them have the same status, since a list has one status. */
function manifestCount(
  { date_prefix: date, manifest, files }: ClassManifest,
  { class: id, failed, quarantined }: ShownClass,
  { navigation }: ViewContext,
): Content {
  if (manifest === null || (failed > 0 && quarantined > 0)) return grouped(files);
  const status = failed > 0 ? 'failed' : 'quarantined';
  return navigation.link(grouped(files), { view: 'files', date, status, class: id, manifest });
}

function samplesCard({ samples }: OneClass, context: ViewContext): Content {
  if (samples.length === 0) return false;
  const rows = samples.map(
    ({ date_prefix, file_key, at }) =>
      html`<tr><td class="sm-wide"><span class="sm-dim sm-small">${shortened(date_prefix, 40)}</span> ${fileLink(date_prefix, file_key, context)}</td><td class="sm-nowrap">${at !== '' && moment(at, context.now)}</td></tr>`,
  );
  return card('Samples', list(rows, 0, 'files'), 'files that failed this way; they may have moved on since');
}

function list(rows: readonly Html[], left: number, things: string): Html {
  return html`<table class="sm-table sm-plain"><tbody>${rows}</tbody></table>${cutNote(left, things)}`;
}
