import { explainRows, type RowsSay } from '../data-proof/explain-rows.ts';
import type { DateFindings } from '../data-proof/kept-proof.ts';
import { card, cutNote, cutRows, emptyCard, type Fact, factList } from '../page-kit/card.ts';
import { stackedBar } from '../page-kit/charts.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { age, asOf } from '../page-kit/moment.ts';
import { isInManifest } from '../pipeline/in-manifest.ts';
import { sinceOf } from '../pipeline/record.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import { classLink } from './failure-kinds.ts';
import type { ManifestFile, ManifestFiles } from './manifest-files.ts';
import { fileLink, manifestLink } from './navigation.ts';
import type { OneManifest } from './read-manifest.ts';
import { runbookCommand } from './runbook.ts';
import { barPart, statusLabel } from './status-look.ts';
import { stillNote } from './still.ts';
import type { ViewContext } from './view.ts';

const LIST_BYTES = 110_000;

/** The files of a manifest with their current states, and what is unusual about each. */
export function filesCard(files: ManifestFiles, one: OneManifest, context: ViewContext): Html {
  const { listed, total, by } = files;
  const now = asOf(isoTime(context.now), context.now);
  // Without the manifest itself, the records of its date are searched for those that name it.
  const still = by === 'records' && stillNote(context);
  if (listed.length === 0) return emptyCard('Files', html`${noneText(files)}, ${now}.`, still);
  const { rows, left } = cutRows(
    listed.map((file) => fileRow(file, one, context)),
    LIST_BYTES,
  );
  const counts = countBy(listed, statusOf);
  const parts = [...counts].map(([status, count]) => barPart(status, count));
  const legend = [...counts].map(
    ([status, count]) => html`<li>${statusLabel(shortened(status, 40))} <b>${grouped(count)}</b></li>`,
  );
  const unlisted = Math.max(0, (total ?? 0) - listed.length) + left;
  return card(
    html`Files <span class="sm-count">${grouped(total ?? listed.length)}</span>`,
    html`${stackedBar(parts, listed.length)}<ul class="sm-legend">${legend}</ul><table class="sm-table"><thead><tr><th>status</th><th class="sm-wide">file</th><th class="sm-right">for</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(unlisted, 'files')}${still}`,
    html`${SAYS[by]}${total === undefined && '; only the first records of the date were searched, so there may be more'}, ${now}`,
  );
}

const SAYS = {
  manifest: 'files that the manifest lists, each with its current record',
  records: 'files whose records name the manifest',
} as const;

function noneText({ total }: ManifestFiles): string {
  return total === undefined
    ? 'None of the first records of the date names it'
    : 'No record of the date names it';
}

const NO_RECORD = 'no record';

function statusOf({ record }: ManifestFile): string {
  return record ? parseStatus(record.status).status : NO_RECORD;
}

function countBy<T>(things: readonly T[], nameOf: (thing: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(nameOf(thing), (counts.get(nameOf(thing)) ?? 0) + 1);
  return counts;
}

function fileRow(file: ManifestFile, one: OneManifest, context: ViewContext): Html {
  const { date_prefix, file_key, record } = file;
  const since = record && sinceOf(record, context.now);
  const day = date_prefix !== one.date && html`<span class="sm-dim sm-small">${date_prefix}</span> `;
  return html`<tr><td>${statusLabel(shortened(statusOf(file), 40))}</td><td class="sm-wide">${day}${record ? fileLink(date_prefix, file_key, context) : html`<span class="sm-name">${shortened(file_key, 1_100)}</span>`}${remarks(record, one, context)}</td><td class="sm-right sm-nowrap">${since && age(since, context.now)}</td></tr>`;
}

/** Says that a file has no record, why it failed, or that another manifest has taken it since. */
function remarks(record: TrackingRecord | undefined, { name }: OneManifest, context: ViewContext): Content {
  if (!record) return html`<p class="sm-remark">Listed, but has no record: it expired or never existed.</p>`;
  const { manifest_path: other, date_prefix } = record;
  const failure = failureOfFile(record);
  const elsewhere =
    typeof other === 'string' &&
    !isInManifest(other, name) &&
    html`<p class="sm-remark">Its record names another manifest: ${manifestLink(date_prefix, other, context) || shortened(other, 300)}</p>`;
  return html`${failure && html`<div class="sm-small">${classLink(shortened(failure.text, 160), failure.id, undefined, context)}</div>`}${elsewhere}`;
}

const WORDS: Readonly<Record<string, string>> = {
  present: 'Complete, exactly once',
  whole: 'Complete, exactly once',
  lost: 'Lost',
  twice: 'Converted twice',
  partly: 'Only partly converted',
  nothing: 'No rows, not completed',
  unexpected: 'Has rows but is not completed',
  converted: 'Has rows; its record will follow',
};

/** What the last verification of the date says about these files. */
export function rowsProofCard(
  { proof, findings }: DateFindings,
  files: ManifestFiles | undefined,
  { date }: OneManifest,
  { now, environment }: ViewContext,
): Html {
  const title = 'Rows in the output';
  const command = runbookCommand(environment, 'verify-data', [date]);
  if (!proof) return emptyCard(title, 'The date has not been verified by its rows. To do so now:', command);
  const records = (files?.listed ?? []).flatMap(({ record }) => record ?? []);
  const says = records.map((record) =>
    explainRows({ proof, finding: findings.get(record.file_key) }, record, now),
  );
  const words = records.map((record, i) => wordOf(says[i] ?? null, record));
  const counts = countBy(words, (word) => word);
  const facts = [...counts].map(
    ([word, count]): Fact => [
      word,
      isBad(word) ? html`<span class="sm-bad">▲ ${grouped(count)}</span>` : grouped(count),
    ],
  );
  return card(
    title,
    html`${factList(facts)}${[...counts.keys()].some(isBad) && command}`,
    html`of ${countOf(records.length, 'file')}, verified ${asOf(isoTime(proof.at), now)}`,
  );
}

const NOT_EXPECTED = 'Not completed, so no rows are expected';
const NOT_VERIFIED = 'Not verified since it changed';

function wordOf(say: RowsSay | null, { status }: TrackingRecord): string {
  if (!say) return parseStatus(status).status === 'completed' ? NOT_VERIFIED : NOT_EXPECTED;
  return WORDS[say.is] ?? 'Unknown';
}

function isBad(word: string): boolean {
  return [WORDS.lost, WORDS.twice, WORDS.partly].includes(word);
}
