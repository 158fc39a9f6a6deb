import type { RunContext } from '../../shared/cli/command.ts';
import type { Column } from '../../shared/cli/table.ts';
import type { DataFinding } from '../../shared/data-proof/data-finding.ts';
import { DATA_FINDINGS } from '../../shared/data-proof/judge-rows.ts';
import type { proofView } from '../../shared/data-proof/proof-view.ts';
import type { ReadMeter } from '../../shared/data-proof/ranged-object.ts';
import type { SurplusObject } from '../../shared/data-proof/surplus.ts';
import type { ManifestResult } from '../../shared/data-proof/verify-manifests.ts';
import { bareName } from '../../shared/pipeline/names.ts';
import { countOf, grouped, percent, sizeText } from '../../shared/text/number-text.ts';
import { visibleText } from '../../shared/text/visible-text.ts';

type Note = (text: string) => void;

export const FINDING_COLUMNS: Column<DataFinding>[] = [
  {
    name: 'type',
    value: ({ type }) => type,
    color: ({ type }, text, colorize) =>
      colorize(DATA_FINDINGS.some((finding) => finding === type) ? 'warning' : 'dim', text),
  },
  { name: 'status', value: ({ status }) => status ?? 'no record' },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, whole: true },
  { name: 'message', value: ({ message }) => message, whole: true },
  {
    name: 'objects',
    value: ({ objects }) => objects.map(({ uri, rows }) => `${bareName(uri)} (${grouped(rows)})`).join(' '),
    whole: true,
    priority: 2,
  },
];

/** The totals of a date, and what it cost to read them. */
export function noteProof(
  note: Note,
  { date, meter }: { readonly date: string; readonly meter: ReadMeter },
  {
    objects,
    rows,
    passed_over,
    unread,
    other_dates,
    files,
    unknown_reasons,
    lines,
  }: ReturnType<typeof proofView>,
): void {
  const completed = files.present + files.whole + files.lost + files.twice + files.partly;
  note(
    `${date}: ${countOf(rows, 'row')} in ${countOf(objects, 'object')}. Of ${countOf(completed, 'completed file')}, ` +
      `${grouped(files.present + files.whole)} are there, ${grouped(files.lost)} lost, ${grouped(files.twice)} twice, ${grouped(files.partly)} partly. ` +
      `${grouped(files.unexpected)} unexpected.`,
  );
  if (lines.most_short !== null) {
    note(
      `${grouped(lines.short)} of ${countOf(lines.files, 'file')} whose lines were counted are short: ` +
        `with 95% confidence, no more than ${percent(Math.ceil(lines.most_short * 1_000), 1_000)} of all are.`,
    );
  }
  if (files.young > 0) note(`${countOf(files.young, 'file')} changed a moment ago and were not compared.`);
  if (files.expired > 0)
    note(`${countOf(files.expired, 'file')} with rows, whose record has expired since: nothing to do.`);
  if (files.unknown > 0)
    note(`${countOf(files.unknown, 'file')} without rows may be in what cannot be read:`);
  for (const reason of unknown_reasons) note(`  ${visibleText(reason)}`);
  if (unread.count > 0) note(`${countOf(unread.count, 'object')} cannot be read in full:`);
  for (const { uri, why } of unread.samples) note(`  ${visibleText(`${uri}: ${why}`)}`);
  if (other_dates.rows > 0) note(`${countOf(other_dates.rows, 'row')} belong to files of other dates.`);
  const { marker, temporary, empty } = passed_over;
  note(`Skipped: ${grouped(marker)} markers, ${grouped(temporary)} half-written, ${grouped(empty)} empty.`);
  note(`It took ${countOf(meter.requests, 'request')} and ${sizeText(meter.bytes / 1_048_576)}.`);
}

/** Manifests that do not have as many rows as their jobs say; and how many do, or cannot be compared. */
export function noteManifests(note: Note, results: readonly ManifestResult[]): void {
  if (results.length === 0) return;
  const count = (wanted: ManifestResult['result']) =>
    results.filter(({ result }) => result === wanted).length;
  note(
    `${countOf(results.length, 'manifest')}: ${grouped(count('agrees'))} agree with their job's report, ${grouped(count('short'))} short, ` +
      `${grouped(count('surplus'))} with surplus, ${grouped(count('unknown'))} that cannot be compared.`,
  );
  for (const { result, manifest, message, run_id } of results) {
    const isTold = result === 'short' || result === 'surplus' || results.length === 1;
    if (isTold) note(`  ${visibleText(`${bareName(manifest)}${run_id ? `, ${run_id}` : ''}: ${message}`)}`);
  }
}

/** Where surplus rows are, and what an operator may run. */
export function noteSurplus(
  { note, aimed }: Pick<RunContext, 'note' | 'aimed'>,
  objects: readonly SurplusObject[],
): void {
  if (objects.length === 0) return;
  note(
    `Rows of files that were converted more than once are in ${countOf(objects.length, 'object')}. This command does not change them.`,
  );
  for (const { uri, rows, surplus, isWhole, commands } of objects) {
    note(
      `${visibleText(uri)}: ${isWhole ? `all ${grouped(rows)} rows` : `${grouped(surplus)} of ${grouped(rows)} rows`}. To set them aside:`,
    );
    for (const command of commands) note(`  ${visibleText(aimed(command))}`);
  }
}
