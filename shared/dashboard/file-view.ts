import { card, emptyCard, type Fact, factList, faultCard, type Read, shown } from '../page-kit/card.ts';
import { statusLabel } from '../page-kit/glyph.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { creationTime } from '../pipeline/record.ts';
import { sizeText } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { durationText } from '../text/time-text.ts';
import { shortened } from '../text/visible-text.ts';
import type { ShownRecord, Timeline } from './answers.ts';
import { runbookCommand } from './runbook.ts';
import { timelineCard } from './timeline-card.ts';
import type { ViewContext } from './view-context.ts';

/** What one file is drawn from. */
export interface OneFile {
  readonly date: string;
  readonly file: string;
  readonly timeline: Read<Timeline>;
  /** Absent when the tracking table has it no more. */
  readonly record: Read<ShownRecord>;
}

/** One file: where it is, how it came there, and what its record says. */
export function fileView(one: OneFile, context: ViewContext): Html {
  const { date, file, timeline, record } = one;
  const heading = html`<header class="sm-file"><p>${context.navigation.link(date, { view: 'files', date })} /</p><h2 class="sm-name" title="${shortened(file, 1_000)}">${shortened(file, 200)}</h2>${timeline.kind === 'read' && standing(timeline.value, context.now)}</header>`;
  if (timeline.kind === 'absent') return html`${heading}${shown('No such file', timeline, () => false)}`;
  return html`${heading}${record.kind === 'read' && errorNote(record.value)}
${shown('Timeline', timeline, (value) => timelineCard(value, context))}
<div class="sm-cards sm-two">${recordCard(one, context)}${nextCard(one, context)}</div>`;
}

function standing(
  { current_status: status, timeline, total_processing_time: total }: Timeline,
  now: number,
): Html {
  const last = timeline.at(-1);
  return html`<p class="sm-standing"><b>${statusLabel(shortened(status, 40))}</b>${last && html` since ${moment(last.timestamp, now)}`}${total !== null && html`, settled after ${durationText(total * 1_000)}`}</p>`;
}

function errorNote({ error_message: error }: ShownRecord): Content {
  return (
    typeof error === 'string' &&
    html`<div class="sm-banner sm-look"><div><strong>Its error:</strong> ${shortened(error, 1_000)}</div></div>`
  );
}

function recordCard({ date, record }: OneFile, context: ViewContext): Html {
  if (record.kind === 'absent')
    return emptyCard('Its record', 'The tracking table has no record of it any more.');
  if (record.kind === 'failed') return faultCard('Its record', record.message);
  const { value } = record;
  const text = (name: string): Content =>
    (typeof value[name] === 'string' || typeof value[name] === 'number') &&
    html`<span class="sm-name">${shortened(String(value[name]), 300)}</span>`;
  const created = creationTime((name) => (typeof value[name] === 'string' ? value[name] : undefined));
  const facts: Fact[] = [
    ['Object', text('file_path')],
    ['Size', sizeText(value.file_size_mb) || undefined],
    ['Created', created && moment(created, context.now)],
    ['Manifest', manifestLink(date, value.manifest_path, context) || text('manifest_path')],
    ['Output', text('output_path')],
    ['Job', text('glue_job_run_id') || text('execution_arn')],
    ['Files', text('file_count')],
    ['Resets', text('reset_count')],
    ['Last change', changeLink(value.state_change_id, context)],
  ];
  return card('Its record', factList(facts), asOf(isoTime(context.now), context.now));
}

/** A manifest is a record too, under its own name; a placeholder names none. */
function manifestLink(date: string, path: unknown, { navigation }: ViewContext): Content {
  if (typeof path !== 'string' || !path.endsWith('.json')) return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const label = html`<span class="sm-name">${shortened(name, 100)}</span>`;
  return navigation.link(
    label,
    { view: 'file', date, file: `MANIFEST#${name}` },
    { title: shortened(path, 300) },
  );
}

function changeLink(id: unknown, { navigation }: ViewContext): Content {
  return typeof id === 'string' && navigation.link(shortened(id, 60), { view: 'change', change: id });
}

function nextCard({ date, file }: OneFile, { environment }: ViewContext): Html {
  const args = [file, '--date', date];
  return card(
    'Find out more',
    html`<p>Why it is where it is, with the evidence:</p>${runbookCommand(environment, 'explain', args)}
<p>Its record and what is known of it, in full:</p>${runbookCommand(environment, 'file', args)}`,
  );
}
