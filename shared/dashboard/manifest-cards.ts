import { card, emptyCard, type Fact, factList, faultCard, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { isInManifest } from '../pipeline/in-manifest.ts';
import { creationTime, sinceOf, valueIn } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { ConvertedManifest } from '../reports/proofs.ts';
import { countOf } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import { executionLink, jobLink, objectLink } from './console-links.ts';
import { filesCard, rowsProofCard } from './manifest-files-card.ts';
import { knownOf } from './read.ts';
import type { OneManifest } from './read-manifest.ts';
import { runbookCommand } from './runbook.ts';
import { statusLabel } from './status-look.ts';
import { stillNote } from './still.ts';
import type { ViewContext } from './view.ts';

/** One manifest, from its records to the output of its job. */
export function drawManifest(one: OneManifest, context: ViewContext): Content {
  const { date, name } = one;
  const heading = html`<header class="sm-title"><p>${context.navigation.link(date, { view: 'manifests', date })} /</p><h2 class="sm-name">${shortened(name, 1_100)}</h2>${statusLine(one, context.now)}</header>`;
  if (isUnknown(one)) return html`${heading}${unknownCard(one, context)}`;
  return html`${heading}${shown('Files', one.files, (files) => filesCard(files, one, context))}
<div class="sm-cards sm-two">${recordCard(one, context)}${reportCard(one, context)}${shown('Rows in the output', one.rows, (rows) => rowsProofCard(rows, knownOf(one.files), one, context))}${nextCard(one, context)}</div>`;
}

function statusLine({ records }: OneManifest, now: number): Content {
  const record = knownOf(records)?.own ?? knownOf(records)?.ofDate;
  if (!record) return undefined;
  const since = sinceOf(record, now);
  return html`<p class="sm-subtitle"><b>${statusLabel(shortened(parseStatus(record.status).status, 40))}</b>${since && html` since ${moment(since, now)}`}</p>`;
}

function isUnknown({ records, files, object, converted }: OneManifest): boolean {
  const { own, ofDate } = knownOf(records) ?? {};
  const isRead = [records, files, converted].every(({ kind }) => kind === 'read');
  const hasFiles = (knownOf(files)?.listed.length ?? 0) > 0;
  return isRead && !own && !ofDate && !hasFiles && object?.found !== 'yes' && !knownOf(converted);
}

function unknownCard({ date, files }: OneManifest, context: ViewContext): Html {
  const looked =
    knownOf(files)?.total === undefined ? 'none of the first records of the date' : 'no record of the date';
  return emptyCard(
    'No such manifest',
    `It has no record, and ${looked} names it. Manifests and records expire. To list the manifests of the date:`,
    html`${runbookCommand(context.environment, 'manifests', ['--date', date])}${knownOf(files)?.by === 'records' && stillNote(context)}`,
  );
}

function recordCard(one: OneManifest, context: ViewContext): Content {
  const { records, date, name, path } = one;
  if (records.kind !== 'read') return shown('Record', records, () => false);
  const { own, ofDate } = records.value;
  const record = own ?? ofDate;
  const facts: Fact[] = [
    ['Manifest', path ? objectLink(path, context) : undefined],
    ['Object', objectText(one)],
  ];
  if (!record) {
    const why =
      'It has no record: its builder has not written it yet, or it has expired. See its files instead.';
    return card('Record', html`<p class="sm-empty">${why}</p>${factList(facts)}`, asOfNow(context));
  }
  const timeline =
    own &&
    context.navigation.link(
      'Timeline and record',
      { view: 'file', date, file: own.file_key },
      { title: name },
    );
  return card(
    'Record',
    html`${!own && html`<p class="sm-dim">It has no record of its own; this is the manifest record of its date.</p>`}${factList([...facts, ...recordFacts(record, context)])}${timeline && html`<p>${timeline}</p>`}`,
    asOfNow(context),
  );
}

function recordFacts(record: TrackingRecord, context: ViewContext): Fact[] {
  const text = (name: string): Content =>
    (typeof record[name] === 'string' || typeof record[name] === 'number') &&
    html`<span class="sm-name">${shortened(String(record[name]), 1_000)}</span>`;
  const created = creationTime(valueIn(record), context.now);
  return [
    ['Created', created && moment(created, context.now)],
    ['Files', text('file_count')],
    ['Execution', executionLink(record.execution_arn, context)],
    ['Started by', text('trigger_type')],
    ['Job', jobLink(record.glue_job_run_id, context)],
    ['Error', text('error_message')],
  ];
}

function objectText({ object }: OneManifest): Content {
  switch (object?.found) {
    case undefined:
      return undefined;
    case 'yes':
      return `lists ${countOf(object.contents.files, 'file')}`;
    case 'no':
      return 'does not exist: expired, or never written';
    case 'unknown':
      return html`<span class="sm-bad">▲ could not be read: ${shortened(object.error, 300)}</span>`;
  }
}

const RESULTS = {
  converted: 'converted',
  wrote_nothing: 'succeeded but wrote nothing',
  failed: 'failed',
} as const;

/** The job's report, and what earlier sweeps proved, which outlives the report. */
function reportCard({ report, converted }: OneManifest, context: ViewContext): Html {
  const title = 'Job report';
  const proof = knownOf(converted);
  const proved = proof && html`<p>${provedText(proof)}, proved ${moment(proof.at, context.now)}.</p>`;
  if (converted.kind === 'failed') return faultCard(title, converted.message);
  if (report?.found === 'unknown') return faultCard(title, report.error);
  if (report?.found !== 'yes') {
    const why = report
      ? 'No job report was found: the job has not ended, it left no report, or the report has expired.'
      : 'Not checked: this page does not read the buckets.';
    return emptyCard(title, why, proved);
  }
  const { result, location, records, error, jobName, runId, startedAt, endedAt, outputs } = report.report;
  const span =
    startedAt !== undefined &&
    endedAt !== undefined &&
    `took ${durationText(Math.max(0, endedAt - startedAt))}`;
  return card(
    title,
    html`<p><b class="${result === 'converted' ? '' : 'sm-bad'}">${result !== 'converted' && '▲ '}${RESULTS[result]}</b>${records !== undefined && `, ${countOf(records, 'row')}`}</p>${factList(
      [
        ['Ended', endedAt !== undefined && moment(isoTime(endedAt), context.now)],
        ['Ran', span],
        ['Job', jobName && shortened(jobName, 200)],
        ['Run', jobLink(runId, context)],
        ['Error', error && html`<span class="sm-name">${shortened(error, 1_000)}</span>`],
        [
          'Output',
          outputs.length > 0 && outputs.map((place) => html`<div>${objectLink(uri(place), context)}</div>`),
        ],
        ['Report', objectLink(uri(location), context)],
      ],
    )}${proved}`,
    asOfNow(context),
  );
}

function provedText({ by, records }: ConvertedManifest): string {
  const how = by === 'report' ? 'by the report of its job' : 'by output that was written while its job ran';
  return `Converted ${how}${records === undefined ? '' : `, ${countOf(records, 'row')}`}`;
}

function nextCard(one: OneManifest, { environment }: ViewContext): Html {
  const { date, name } = one;
  const { ours, elsewhere } = failedFiles(one);
  const retry = ['--manifest', name, '--date', date, '--status', 'failed', '--new-status', 'pending'];
  const left =
    elsewhere > 0 &&
    html`<p class="sm-note">${countOf(elsewhere, 'failed file')} that it lists ${elsewhere === 1 ? 'is' : 'are'} left out: of another date, or taken by another manifest since.</p>`;
  return card(
    'Find out more',
    html`${ours > 0 && html`<p>To put back its ${countOf(ours, 'failed file')} once the cause is fixed; this shows the plan first:</p>${runbookCommand(environment, 'batch-update', retry)}`}${left}
<p>Every manifest of the date:</p>${runbookCommand(environment, 'manifests', ['--date', date])}`,
  );
}

/** The failed files that it lists: those that the command selects by its name and date, and the others. */
function failedFiles({ date, name, files }: OneManifest) {
  const failed = (knownOf(files)?.listed ?? []).flatMap(({ date_prefix, record }) =>
    record && parseStatus(record.status).status === 'failed'
      ? { date_prefix, path: record.manifest_path }
      : [],
  );
  const ours = failed.filter((file) => file.date_prefix === date && isInManifest(file.path, name)).length;
  return { ours, elsewhere: failed.length - ours };
}

function uri({ bucket, key }: { readonly bucket: string; readonly key: string }): string {
  return `s3://${bucket}/${key}`;
}

function asOfNow({ now }: ViewContext): Html {
  return asOf(isoTime(now), now);
}
