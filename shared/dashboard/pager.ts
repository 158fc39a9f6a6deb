import { type Content, html } from '../page-kit/html.ts';
import { type FileList, type FilesRequest, LISTED } from './list-files.ts';
import { LONGEST_NEXT } from './requests.ts';
import type { ViewContext } from './view.ts';

// The address holds where earlier pages began, and must not grow without limit.
const MOST_BACK = 4_000;
const FIRST = '-';

/** Links to the next and the previous page. A listing only says where it continues, so the starts of earlier pages are kept. */
export function pager(request: FilesRequest, list: FileList, { navigation }: ViewContext): Content {
  const button = { className: 'sm-button' };
  const [before, after] = [pageBefore(request, list), pageAfter(request, list)];
  const isUnreachable = (after?.next?.length ?? 0) > LONGEST_NEXT;
  const links = [
    before && navigation.link('Previous', { view: 'files', ...before }, button),
    after && !isUnreachable && navigation.link('Next', { view: 'files', ...after }, button),
  ];
  const note =
    isUnreachable &&
    html`<p class="sm-note">There are more files, but with so many shards the address of the next page would be too long. The command below lists all of them.</p>`;
  return html`${links.some(Boolean) && html`<p class="sm-pages">${links}</p>`}${note}`;
}

/** Where the next page begins; undefined if this is the last. */
function pageAfter(request: FilesRequest, { gathered, next_token: next }: FileList) {
  if (gathered && gathered.at + LISTED < gathered.listed)
    return { ...request, at: String(gathered.at + LISTED) };
  if (next === undefined) return undefined;
  const { at: _, back, ...same } = request;
  const pages = [...(back?.split(',') ?? []), request.next ?? FIRST];
  return { ...same, next, back: within(pages).join(',') };
}

/** Where the previous page began; undefined if this is the first. */
function pageBefore(request: FilesRequest, { gathered }: FileList): FilesRequest | undefined {
  const { at, next, back, ...same } = request;
  const before = (gathered?.at ?? Number(at ?? 0)) - LISTED;
  if (before >= 0)
    return {
      ...same,
      ...(next && { next }),
      ...(back && { back }),
      ...(before > 0 && { at: String(before) }),
    };
  if (next === undefined) return undefined;
  const pages = back?.split(',') ?? [];
  const last = pages.at(-1) ?? FIRST;
  const rest = pages.slice(0, -1).join(',');
  return { ...same, ...(last !== FIRST && { next: last }), ...(rest && { back: rest }) };
}

/** The latest pages that there is room for; before those, "Previous" leads to the first. */
function within(pages: readonly string[]): readonly string[] {
  const isTooLong = pages.join(',').length > MOST_BACK;
  return isTooLong ? within(pages.slice(1)) : pages;
}
