import { card } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { isInFlight } from '../pipeline/status.ts';
import { grouped } from '../text/number-text.ts';
import { flagArgs } from '../text/shell-text.ts';
import { durationMillis } from '../text/time-text.ts';
import { type FileList, type FilesRequest, isGathered, MOST_GATHERED } from './list-files.ts';
import { plainRequest } from './list-tools.ts';
import { EXPORT_FORMS, type ExportForm } from './navigation.ts';
import type { ViewRequest } from './requests.ts';
import { runbookCommand } from './runbook.ts';
import type { ViewContext } from './view.ts';

/** What else can be done with a list: the command that prints it, the command that plans to fix its files, and its export. */
export function takeAlongCard(request: FilesRequest, list: FileList, context: ViewContext): Content {
  if (list.files.length === 0 && !list.next_token) return false;
  const { environment } = context;
  const args = selectionArgs(request);
  return card(
    'In a terminal, or as a file',
    html`<p>The whole list in a terminal:</p>${runbookCommand(environment, 'files', args)}${fixCommand(request, list, environment)}
${list.incomplete ? html`<p>It cannot be exported while files are missing from the list.</p>` : exportLinks({ to: exportRequest(request), text: exportText(request, list) }, { name: 'files', args }, context)}`,
  );
}

/** The flags by which runbooks select the same files. */
function selectionArgs({ status, class: ofClass, date, manifest, older }: FilesRequest): string[] {
  return [
    ...(status ? ['--status', status] : []),
    ...(ofClass ? ['--class', ofClass] : []),
    ...(date ? ['--date', date] : []),
    ...(manifest ? flagArgs('--manifest', manifest) : []),
    ...(older ? ['--older-than', older] : []),
  ];
}

/** Each of these commands only plans: it shows each file and its obstacles, and writes nothing. */
function fixCommand(request: FilesRequest, { files }: FileList, environment: string): Content {
  const { status, date, older, manifest } = request;
  if (
    status === 'failed' ||
    (manifest !== undefined && status && isInFlight(status) && status !== 'pending')
  ) {
    const args = [...selectionArgs(request), '--new-status', 'pending'];
    return html`<p>To put them back once the cause is fixed. This shows the plan; <b>--apply</b> makes the change:</p>${runbookCommand(environment, 'batch-update', args)}`;
  }
  if (status === 'manifested' || status === 'processing') {
    const hours = older === undefined ? [] : ['--hours', String(Number(hoursOf(older).toFixed(4)))];
    const args = ['--status', status, ...hours, ...(date ? ['--date', date] : [])];
    return html`<p>To put back those that are stuck. This shows the plan; <b>--apply</b> makes the change:</p>${runbookCommand(environment, 'reset-stuck', args)}`;
  }
  const oldest = date ?? files[0]?.date_prefix;
  if (status !== 'pending' || oldest === undefined) return false;
  return html`<p>They are waiting for the manifest builder, which only an upload wakes. This shows which files of ${oldest} it would take; <b>--apply</b> wakes it:</p>${runbookCommand(environment, 'wake-builder', [oldest])}`;
}

function hoursOf(older: string): number {
  return (durationMillis(older) ?? 0) / 3_600_000;
}

/** The export of a plain list starts from its beginning; the export of a gathered list has the files that are shown. */
function exportRequest(request: FilesRequest): ViewRequest {
  const { sort, next } = request;
  return { ...plainRequest(request), ...(sort && { sort }), ...(isGathered(request) && next && { next }) };
}

function exportText(request: FilesRequest, { gathered, next_token: next }: FileList): string {
  const isPart = gathered !== undefined && (next !== undefined || request.next !== undefined);
  if (isPart) return `the ${grouped(gathered.listed)} found so far; its name says that it is a part`;
  if (gathered && gathered.ageUnknown > 0)
    return `the ${grouped(gathered.listed)} whose age is known; its name says that it is a part`;
  if (gathered) return `all ${grouped(gathered.listed)}`;
  return `up to ${grouped(MOST_GATHERED)} files; if there are more, its name says that it is a part`;
}

/**
 * A list as a file: a download where that is possible, otherwise the command that writes it.
 *
 * @param text says what is in the file
 */
export function exportLinks(
  { to, text }: { readonly to: ViewRequest; readonly text: string },
  { name, args }: { readonly name: string; readonly args: readonly string[] },
  { environment, navigation }: ViewContext,
): Html {
  const { download } = navigation;
  if (!download) {
    const into = (form: ExportForm) =>
      runbookCommand(environment, name, [...args, '--output', form], { into: `${name}.${form}` });
    return html`<p>As a file:</p>${EXPORT_FORMS.map(into)}`;
  }
  const links = EXPORT_FORMS.map(
    (form, i) => html`${i > 0 && ' ·'} ${download(form.toUpperCase(), to, form)}`,
  );
  return html`<p>As a file, ${text}:${links}</p>`;
}
