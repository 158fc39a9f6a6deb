import { explainRows, type RowsSay } from '../data-proof/explain-rows.ts';
import { type FileCounts, readFileCounts } from '../data-proof/file-counts.ts';
import { readFileProof } from '../data-proof/kept-proof.ts';
import { card, emptyCard, factList } from '../page-kit/card.ts';
import { type Html, html } from '../page-kit/html.ts';
import { asOf } from '../page-kit/moment.ts';
import { recordKind } from '../pipeline/record.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { countOf } from '../text/number-text.ts';
import { fileArgs } from '../text/shell-text.ts';
import { shortened } from '../text/visible-text.ts';
import { runbookCommand } from './runbook.ts';
import type { Source, ViewContext } from './view.ts';

/** What the output rows prove about one file. */
export interface FileRows {
  readonly say: RowsSay | null;
  readonly counts: FileCounts | undefined;
  readonly job: string | undefined;
}

/** One to three reads, none of them of the output. @returns undefined for a record that is not a file's */
export async function readFileRows(
  record: TrackingRecord,
  { projection, now }: Pick<Source, 'projection' | 'now'>,
): Promise<FileRows | undefined> {
  if (recordKind(record) !== 'file') return undefined;
  const proof = await readFileProof(projection, record);
  const say = explainRows(proof, record, now);
  const counts = proof && say ? await readFileCounts(projection, proof, record, now) : undefined;
  return { say, counts, job: jobOf(record) };
}

function jobOf({ glue_job_run_id: job }: TrackingRecord): string | undefined {
  return typeof job === 'string' && job !== '' ? job : undefined;
}

/** Whether the rows of a file are in the output, and where. */
export function rowsCard(
  rows: FileRows | undefined,
  { date, file }: { date: string; file: string },
  context: ViewContext,
): Html | false {
  if (!rows) return false;
  const { now, environment } = context;
  const command = runbookCommand(environment, 'verify-data', fileArgs(date, file));
  const title = 'Rows in the output';
  const { say } = rows;
  if (!say)
    return emptyCard(title, 'Not verified since the file last changed. To count its rows now:', command);
  const isWell = say.is === 'present' || say.is === 'whole';
  const told = shortened(rows.counts && isWell ? countsText(rows, rows.counts) : say.says, 400);
  const sign = isWell || say.is === 'nothing' ? html`${told}` : html`<span class="sm-bad">▲ ${told}</span>`;
  const objects = rows.counts?.objects.map((name) => shortened(name, 100)).join(', ');
  return card(
    title,
    html`<p>${sign}</p>${factList([
      ['Objects', objects && html`<span class="sm-name">${shortened(objects, 400)}</span>`],
      [
        'Manifest',
        say.finding?.manifest && html`<span class="sm-name">${shortened(say.finding.manifest, 300)}</span>`,
      ],
    ])}${!isWell && command}${say.is === 'lost' && runbookCommand(environment, 'explain', fileArgs(date, file))}`,
    html`read ${asOf(say.verified_at, now)}`,
  );
}

/** `1,204 lines in, 1,204 rows out, job jr_…, part-0003.parquet` */
function countsText({ job }: FileRows, { lines, rows, objects }: FileCounts): string {
  const parts = [
    lines === null ? 'lines not counted' : `${countOf(lines, 'line')} in`,
    `${countOf(rows, 'row')} out`,
    ...(job ? [`job ${job}`] : []),
    ...objects.slice(0, 3),
    ...(objects.length > 3 ? [`${objects.length - 3} more objects`] : []),
  ];
  return parts.join(', ');
}
