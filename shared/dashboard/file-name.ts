import { type Html, html } from '../page-kit/html.ts';
import { shortened } from '../text/visible-text.ts';
import type { ViewContext } from './view-context.ts';

const MOST_SHOWN = 72;
const MOST_IN_TITLE = 300;

/** A file's name that leads to the file; a long one is cut in its middle. */
export function fileLink(date: string, fileKey: string, { navigation }: ViewContext): Html {
  const label = html`<span class="sm-name">${shortened(fileKey, MOST_SHOWN)}</span>`;
  return navigation.link(
    label,
    { view: 'file', date, file: fileKey },
    { title: shortened(fileKey, MOST_IN_TITLE) },
  );
}
