import { type Content, type Html, html } from '../page-kit/html.ts';
import { FAILURE_STATUSES } from '../pipeline/record-failure.ts';
import { isInFlight } from '../pipeline/status.ts';
import { shortened } from '../text/visible-text.ts';
import { orderText } from './file-words.ts';
import type { FilesRequest } from './list-files.ts';
import type { ViewRequest } from './requests.ts';
import { FILE_ORDERS, type FileOrder } from './requests.ts';
import type { ViewContext } from './view.ts';

/** An order for a list, and the request that shows it. */
export interface SortChoice {
  readonly text: string;
  readonly to: ViewRequest;
  readonly current: boolean;
}

/** The orders to choose from. */
export function sortNav(choices: readonly SortChoice[], { navigation }: ViewContext): Html {
  const links = choices.map(
    ({ text, to, current }) => html`<li>${navigation.link(text, to, { className: 'sm-sort', current })}</li>`,
  );
  return html`<nav class="sm-sorts" aria-label="Order"><span class="sm-dim">Order:</span><ul>${links}</ul></nav>`;
}

/** The orders for a list of files; the default is the order of the table. */
export function sortLinks(request: FilesRequest, context: ViewContext): Html {
  const { status, date } = request;
  const asked = plainRequest(request);
  const isStored = !status || !isInFlight(status);
  const stored: SortChoice = {
    text: status && !date ? 'oldest date first' : 'as stored',
    to: asked,
    current: request.sort === undefined,
  };
  const orders = FILE_ORDERS.filter((order) => isUseful(order, request));
  const sorted = orders.map((sort) => ({
    text: orderText(sort, request),
    to: { ...asked, sort },
    current: request.sort === sort,
  }));
  return sortNav([...(isStored ? [stored] : []), ...sorted], context);
}

/** The request without a position: another order starts from the beginning. */
export function plainRequest({ sort: _, next: _next, back: _back, at: _at, ...rest }: FilesRequest) {
  return { view: 'files' as const, ...rest };
}

function isUseful(order: FileOrder, { status, manifest, class: ofClass }: FilesRequest): boolean {
  if (order === 'error')
    return ofClass === undefined && (!status || FAILURE_STATUSES.some((each) => each === status));
  return order !== 'manifest' || (manifest === undefined && status !== 'pending');
}

/** The filters for a list of files, besides its status and its class. */
export function filterForm(request: FilesRequest, context: ViewContext): Html {
  const { older, manifest, next: _, back: _back, at: _at, ...rest } = request;
  const fields = html`<label><span class="sm-hidden">In their status for longer than, such as 90s, 30m, 2h or 1d</span><input name="older" type="text" placeholder="older than 2h" size="12" maxlength="20" autocomplete="off"${valueAttribute(older)}></label><label><span class="sm-hidden">Name of their manifest</span><input name="manifest" type="text" placeholder="in manifest" maxlength="2048" autocomplete="off" spellcheck="false"${valueAttribute(manifest)}></label>`;
  const all =
    (older !== undefined || manifest !== undefined) &&
    context.navigation.link('Clear', { view: 'files', ...rest });
  return html`<div class="sm-filter">${context.navigation.form({ view: 'files', ...rest }, ['older', 'manifest'], fields, 'Filter')}${all}</div>`;
}

function valueAttribute(text: string | undefined): Content {
  return text !== undefined && html` value="${shortened(text, 2_000)}"`;
}
