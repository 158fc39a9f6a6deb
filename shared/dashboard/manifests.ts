import { getStats, type Stats } from '../operations/get-stats.ts';
import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { age, asOf } from '../page-kit/moment.ts';
import { failureClass } from '../pipeline/failure-class.ts';
import { MANIFEST_STATUSES } from '../pipeline/listings.ts';
import { MANIFEST_OF_DATE, MANIFEST_PREFIX, sinceOf } from '../pipeline/record.ts';
import { parseStatus, UNKNOWN_STATUS } from '../pipeline/status.ts';
import { type DateRange, listByStatus } from '../pipeline/status-index.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { readSuffixes } from '../projection/counter-items.ts';
import { eachUnknown } from '../statistics/unknown-status.ts';
import { grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { exportLinks } from './list-commands.ts';
import { exportedManifests } from './manifest-export.ts';
import { attempt, knownOf } from './read.ts';
import type { FieldsOf } from './requests.ts';
import { runbookCommand } from './runbook.ts';
import { statusLabel } from './status-look.ts';
import { stillNote } from './still.ts';
import { titleOfList } from './titles.ts';
import type { Source, View, ViewContext } from './view.ts';

type Request = FieldsOf<'manifests'>;

/** The data of a list of manifests. */
export interface Manifests {
  readonly list: Read<ManifestList>;
  /** Of the date, or of all dates. */
  readonly stats: Read<Stats>;
}

interface ManifestList {
  readonly manifests: readonly TrackingRecord[];
  /** Whether there are more than are listed; `perhaps` if not all records were read. */
  readonly areMore: 'no' | 'yes' | 'perhaps';
}

/** The manifests of a status, of a date, or of both; those in flight first. */
export const manifests: View<'manifests', Manifests> = {
  tab: 'Manifests',
  read: async (request, source) => {
    const [list, stats] = await Promise.all([
      attempt(source, () => readList(request, source, LISTED)),
      attempt(source, () => getStats.run(source, { date_prefix: request.date })),
    ]);
    return { list, stats };
  },
  draw,
  async export(request, source) {
    const { manifests, areMore } = await readList(request, source, MOST_EXPORTED);
    const missing = areMore === 'no' ? 0 : await missingOf(request, manifests.length, source);
    return exportedManifests(manifests, missing, source);
  },
};

const LISTED = 100;
const MOST_EXPORTED = 2_000;
// A full page has about 120 records, and in the index, files without a suffix are mixed with the manifests.
const pagesFor = (manifests: number) => Math.ceil(manifests / 12.5);

/** One query per status, because manifest records are seldom sharded. */
async function readList({ status, date }: Request, source: Source, most: number): Promise<ManifestList> {
  const range = date === undefined ? {} : { start: date, end: date };
  if (status === UNKNOWN_STATUS) return readUnknown(range, source, most);
  const suffixes = await readSuffixes(source.projection);
  const found: TrackingRecord[] = [];
  let areMore: ManifestList['areMore'] = 'no';
  for (const each of status === undefined ? MANIFEST_STATUSES : [status]) {
    const query = { kind: 'manifest', status: each, suffixes, range } as const;
    const page = await listByStatus(source.tracking, query, most + 1, {}, { pages: pagesFor(most) });
    found.push(...page.records);
    if (found.length > most) return { manifests: found.slice(0, most), areMore: 'yes' };
    if (page.next) areMore = 'perhaps';
  }
  return { manifests: found, areMore };
}

async function missingOf({ status, date }: Request, written: number, source: Source) {
  const { manifests } = await getStats.run(source, { date_prefix: date });
  const { stats, total, unknown_status: unknown = 0 } = manifests;
  const ofStatus = status === UNKNOWN_STATUS ? unknown : status && stats[status];
  const whole = ofStatus ?? total - unknown;
  return whole > written ? whole - written : 'unknown';
}

async function readUnknown(range: DateRange, source: Source, most: number): Promise<ManifestList> {
  const manifests: TrackingRecord[] = [];
  for await (const record of eachUnknown(source, { entity: 'manifest', range })) {
    if (manifests.length === most) return { manifests, areMore: 'yes' };
    manifests.push(record);
  }
  return { manifests, areMore: 'no' };
}

function draw({ list, stats }: Manifests, context: ViewContext, request: Request): Html {
  const known = knownOf(stats);
  return html`${known && statusChips(request, known, context)}${shown(titleOfList('manifests', request), list, (value) => listCard(value, request, context))}<p>${context.navigation.link('Locks of builders', { view: 'locks' })}</p>`;
}

/** The statuses to choose from, each with its count. */
function statusChips(
  { date, status: chosen }: Request,
  { manifests: { stats, total, unknown_status: unknown = 0 } }: Stats,
  { navigation }: ViewContext,
): Html {
  const dated = date === undefined ? {} : { date };
  const chip = (label: Content, count: number, status?: Request['status']) =>
    navigation.link(
      html`${label} <b>${grouped(count)}</b>`,
      { view: 'manifests', ...dated, ...(status && { status }) },
      { className: 'sm-chip', current: chosen === status },
    );
  const isShown = (status: (typeof MANIFEST_STATUSES)[number]) => stats[status] > 0 || chosen === status;
  const chips = MANIFEST_STATUSES.filter(isShown).map((status) =>
    chip(statusLabel(status), stats[status], status),
  );
  const other =
    (unknown > 0 || chosen === UNKNOWN_STATUS) && chip(statusLabel(UNKNOWN_STATUS), unknown, UNKNOWN_STATUS);
  return html`<nav class="sm-chips" aria-label="Statuses">${chip('All', total - unknown)}${chips}${other}</nav>`;
}

function listCard({ manifests, areMore }: ManifestList, request: Request, context: ViewContext): Html {
  const { now, environment } = context;
  const { status, date } = request;
  // Those of unknown status are searched for among all heads of their dates.
  const still = status === UNKNOWN_STATUS && stillNote(context);
  const title = titleOfList('manifests', request);
  const time = asOf(isoTime(now), now);
  const args = [...(status ? ['--status', status] : []), ...(date ? ['--date', date] : [])];
  const command = html`<p>To list all of them:</p>${runbookCommand(environment, 'manifests', args)}`;
  if (manifests.length === 0) {
    const none = areMore === 'no' ? 'No manifest records here' : 'No manifest among the records searched';
    return emptyCard(title, html`${none}, ${time}.`, html`${command}${still}`);
  }
  const to = { view: 'manifests' as const, ...(status && { status }), ...(date && { date }) };
  const text = areMore === 'no' ? `all ${grouped(manifests.length)}` : `up to ${grouped(MOST_EXPORTED)}`;
  const asFile = exportLinks({ to, text }, { name: 'manifests', args }, context);
  const { rows, left } = cutRows(manifests.map((record) => manifestRow(record, request, context)));
  return card(
    title,
    html`<table class="sm-table"><thead><tr><th>status</th><th class="sm-wide">manifest</th><th class="sm-right">files</th><th class="sm-right">for</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'manifests')}${moreNote(areMore, manifests.length)}${command}${asFile}${still}`,
    html`by status, those in flight first, then by date; ${time}`,
  );
}

function moreNote(areMore: ManifestList['areMore'], listed: number): Content {
  if (areMore === 'no') return false;
  return html`<p class="sm-note">There ${areMore === 'yes' ? 'are' : 'may be'} more than these ${grouped(listed)}.</p>`;
}

/** The class of the error. The full text, whose details differ between manifests, is in the manifest's own view. */
function errorText(error: unknown): Content {
  if (typeof error !== 'string' || error === '') return undefined;
  return html`<div class="sm-bad sm-small" title="${shortened(error, 1_000)}">${shortened(failureClass(error).text, 160)}</div>`;
}

function manifestRow(record: TrackingRecord, { date }: Request, context: ViewContext): Html {
  const { now, navigation } = context;
  const { date_prefix, manifest_path: path, file_key, file_count, error_message: error } = record;
  const since = sinceOf(record, now);
  const day = date === undefined && html`<span class="sm-dim sm-small">${shortened(date_prefix, 40)}</span> `;
  const own = file_key === MANIFEST_OF_DATE ? undefined : file_key.replace(MANIFEST_PREFIX, '');
  // A path says more than a name: it includes the bucket.
  const manifest = typeof path === 'string' && path !== '' ? path : (own ?? '');
  const label = html`<span class="sm-name">${shortened(own ?? (manifest || file_key), 1_100)}</span>`;
  const link =
    manifest === '' ? label : navigation.link(label, { view: 'manifest', date: date_prefix, manifest });
  return html`<tr><td>${statusLabel(shortened(parseStatus(record.status).status, 40))}</td><td class="sm-wide">${day}${link}${errorText(error)}</td><td class="sm-right">${typeof file_count === 'number' ? grouped(file_count) : ''}</td><td class="sm-right sm-nowrap">${since ? age(since, now) : 'age unknown'}</td></tr>`;
}
