import { showFile } from '../operations/get-file-state.ts';
import { getProcessingTimeline, type Timeline } from '../operations/get-processing-timeline.ts';
import { card, emptyCard, type Fact, factList, faultCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { creationTime, recordKind, valueIn } from '../pipeline/record.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import type { RecordKey, TrackingRecord } from '../pipeline/tracking-table.ts';
import { sizeText } from '../text/number-text.ts';
import { fileArgs } from '../text/shell-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import { executionLink, jobLink, objectLink } from './console-links.ts';
import { classLink } from './failure-kinds.ts';
import { manifestLink } from './navigation.ts';
import { attempt, knownOf } from './read.ts';
import { type FileRows, readFileRows, rowsCard } from './rows-card.ts';
import { runbookCommand } from './runbook.ts';
import { statusLabel } from './status-look.ts';
import { timelineCard } from './timeline.ts';
import type { Source, View, ViewContext } from './view.ts';
import { wordsCard } from './words.ts';

/** The data of one file's page. */
export interface OneFile {
  readonly date: string;
  readonly file: string;
  readonly timeline: Read<Timeline>;
  /** Absent if the tracking table no longer has it. */
  readonly record: Read<TrackingRecord>;
  /** Undefined for a record that is not a file's. */
  readonly rows: Read<FileRows | undefined>;
}

/** One file: its status, how it got there, and what its record says. */
export const file: View<'file', OneFile> = {
  tab: 'Dates',
  read: ({ date, file }, source) => readFile({ date_prefix: date, file_key: file }, source),
  draw,
};

/** Reads head and record for the timeline, the record itself, and what its rows proved; one more read if the timeline is long. */
async function readFile(key: RecordKey, source: Source): Promise<OneFile> {
  const [timeline, record] = await Promise.all([
    attempt(source, () => getProcessingTimeline.run(source, key)),
    attempt(source, async () => (await showFile(source, key)).file),
  ]);
  const known = knownOf(record);
  const rows = await attempt(source, async () => known && readFileRows(known, source));
  return { date: key.date_prefix, file: key.file_key, timeline, record, rows };
}

/** Shown for a name that no file can have. */
export function impossibleFile(name: string, date: string): OneFile {
  const absent = {
    kind: 'absent' as const,
    message: 'No file can have this name.',
    hint: 'Enter a file name, an object key or an s3:// address.',
  };
  return { date, file: name, timeline: absent, record: absent, rows: absent };
}

function draw(one: OneFile, context: ViewContext): Html {
  const { date, file, timeline, record, rows } = one;
  const heading = html`<header class="sm-title">${date !== '' && html`<p>${context.navigation.link(date, { view: 'files', date })} /</p>`}<h2 class="sm-name" title="${shortened(file, 1_000)}">${shortened(file, 200)}</h2>${timeline.kind === 'read' && statusLine(timeline.value, context.now)}</header>`;
  if (timeline.kind === 'absent') return html`${heading}${shown('No such file', timeline, () => false)}`;
  return html`${heading}${record.kind === 'read' && errorNote(record.value, context)}
${shown('Timeline', timeline, (value) => html`${timelineCard(value, context)}${wordsCard(value, context)}`)}
<div class="sm-cards sm-two">${recordCard(one, context)}${shown('Rows in the output', rows, (value) => rowsCard(value, one, context))}${nextCard(one, context)}</div>`;
}

function statusLine(
  { current_status: status, timeline, total_processing_time: total }: Timeline,
  now: number,
): Html {
  const last = timeline.at(-1);
  return html`<p class="sm-subtitle"><b>${statusLabel(shortened(status, 40))}</b>${last && html` since ${moment(last.timestamp, now)}`}${total !== null && html`, settled after ${durationText(total * 1_000)}`}</p>`;
}

/** The error, and a link to what else failed for the same cause. */
function errorNote(record: TrackingRecord, context: ViewContext): Content {
  const { error_message: error } = record;
  const failure = recordKind(record) === 'file' ? failureOfFile(record) : undefined;
  const told = typeof error === 'string' && html`<strong>Error:</strong> ${shortened(error, 1_000)}`;
  const cause =
    failure &&
    html`<strong>Class:</strong> ${classLink(shortened(failure.text, 200), failure.id, undefined, context)}`;
  if (!told && !cause) return false;
  return html`<div class="sm-banner sm-look"><div>${told}${told && cause && html`<br>`}${cause}</div></div>`;
}

function recordCard({ date, record }: OneFile, context: ViewContext): Html {
  if (record.kind === 'absent') return emptyCard('Record', 'It is no longer in the tracking table.');
  if (record.kind === 'failed') return faultCard('Record', record.message);
  const { value } = record;
  const text = (name: string): Content =>
    (typeof value[name] === 'string' || typeof value[name] === 'number') &&
    html`<span class="sm-name">${shortened(String(value[name]), 300)}</span>`;
  const created = creationTime(valueIn(value), context.now);
  const facts: Fact[] = [
    ['Object', objectLink(value.file_path, context)],
    ['Size', sizeText(value.file_size_mb) || undefined],
    ['Created', created && moment(created, context.now)],
    ['Manifest', manifestLink(date, value.manifest_path, context) || text('manifest_path')],
    ['Output', objectLink(value.output_path, context)],
    ['Job', jobLink(value.glue_job_run_id, context)],
    ['Execution', executionLink(value.execution_arn, context)],
    ['Files', text('file_count')],
    ['Resets', text('reset_count')],
    ['Last change', changeLink(value.state_change_id, context)],
  ];
  return card('Record', factList(facts), asOf(isoTime(context.now), context.now));
}

function changeLink(id: unknown, { navigation }: ViewContext): Content {
  return typeof id === 'string' && navigation.link(shortened(id, 60), { view: 'change', change: id });
}

function nextCard({ date, file }: OneFile, { environment }: ViewContext): Html {
  const args = fileArgs(date, file);
  return card(
    'Find out more',
    html`<p>Why it has this status, with the evidence:</p>${runbookCommand(environment, 'explain', args)}
<p>Its full record, and what the projection has of it:</p>${runbookCommand(environment, 'file', args)}`,
  );
}
