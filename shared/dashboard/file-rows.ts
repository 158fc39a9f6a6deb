import { type Html, html } from '../page-kit/html.ts';
import { age } from '../page-kit/moment.ts';
import { sinceOf } from '../pipeline/record.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { grouped, sizeText } from '../text/number-text.ts';
import { shortened } from '../text/visible-text.ts';
import { type FileGroup, groupOf } from './file-order.ts';
import type { FileList, FilesRequest } from './list-files.ts';
import { fileLink } from './navigation.ts';
import type { ViewRequest } from './requests.ts';
import { statusLabel } from './status-look.ts';
import type { ViewContext } from './view.ts';

/** The rows of a list; if it is sorted by error or by manifest, each group has a heading. */
export function fileRows(request: FilesRequest, list: FileList, context: ViewContext): readonly Html[] {
  let last: string | undefined;
  return list.files.map((file) => {
    const group = groupOf(file, request.sort);
    const isNew = group !== undefined && group.id !== last;
    last = group?.id;
    return html`${isNew && groupRow(group, file, { request, list }, context)}${fileRow(file, request, context)}`;
  });
}

function groupRow(
  { id, label }: FileGroup,
  file: TrackingRecord,
  { request, list }: { readonly request: FilesRequest; readonly list: FileList },
  { navigation }: ViewContext,
): Html {
  const text = shortened(label, 300);
  const to = id === '' ? undefined : groupRequest(id, file, request);
  const only = to ? navigation.link(text, to) : text;
  const count = list.gathered?.groups.get(id);
  return html`<tr class="sm-group"><th colspan="4" scope="rowgroup"><span class="sm-name">${only}</span>${count && html` <span class="sm-count">${grouped(count)}</span>`}</th></tr>`;
}

/** The request for exactly the files of a group; undefined if there is no such list. */
function groupRequest(
  id: string,
  file: TrackingRecord,
  { sort, status, date, older, manifest, class: ofClass }: FilesRequest,
): ViewRequest | undefined {
  const narrowed = { ...(older && { older }), ...(manifest && { manifest }) };
  const asked = { view: 'files' as const, ...(status && { status }), ...(date && { date }), ...narrowed };
  if (sort === 'manifest')
    return { ...asked, ...(ofClass && { class: ofClass }), date: date ?? file.date_prefix, manifest: id };
  if (status) return { ...asked, class: id };
  // Without a status, a group mixes failed and quarantined files, but the list of a class has only one status.
  return older || manifest ? undefined : { view: 'failures', ...(date && { date }), class: id };
}

function fileRow(file: TrackingRecord, { date }: FilesRequest, context: ViewContext): Html {
  const since = sinceOf(file, context.now);
  const error =
    typeof file.error_message === 'string' &&
    html`<div class="sm-bad sm-small">${shortened(file.error_message, 160)}</div>`;
  const day =
    date === undefined && html`<span class="sm-dim sm-small">${shortened(file.date_prefix, 40)}</span> `;
  return html`<tr><td>${statusLabel(shortened(String(file.status ?? 'unknown'), 20))}</td><td class="sm-wide">${day}${fileLink(file.date_prefix, file.file_key, context)}${error}</td><td class="sm-right sm-nowrap">${since ? age(since, context.now) : 'age unknown'}</td><td class="sm-right sm-roomy sm-nowrap">${sizeText(file.file_size_mb)}</td></tr>`;
}
