import { bareName } from '../pipeline/names.ts';
import { MANIFEST_PREFIX } from '../pipeline/record.ts';
import { shortened } from '../text/visible-text.ts';
import { KIND_TEXTS } from './orphan-kinds.ts';
import type { FieldsOf, ParsedRequest, ViewName } from './requests.ts';

/** The title of each view, from the fields of its request. */
const TITLES: { readonly [N in ViewName]: (fields: FieldsOf<N>) => string } = {
  overview: () => 'Overview',
  dates: () => 'Dates',
  files: ({ status, date, class: id, manifest, older }) =>
    [
      titleOfList('files', { status, date }),
      id && `in class ${id}`,
      manifest && `in ${bareName(manifest)}`,
      older && `older than ${older}`,
    ]
      .filter(Boolean)
      .join(' '),
  file: ({ file, date }) => `${file} of ${date}`,
  find: ({ name, date = '' }) => `Find ${name ?? date}`,
  manifests: (fields) => titleOfList('manifests', fields),
  manifest: ({ manifest, date }) => `Manifest ${bareName(manifest).replace(MANIFEST_PREFIX, '')} of ${date}`,
  locks: () => 'Locks',
  failures: ({ class: id, date }) =>
    `${id === undefined ? 'Failures by cause' : `Failures: ${id}`}${date ? ` of ${date}` : ''}`,
  orphans: ({ kind }) => (kind === undefined ? 'Orphans' : `Orphans: ${KIND_TEXTS[kind].name}`),
  changes: () => 'Changes',
  change: ({ change }) => `Change ${change}`,
};

const LONGEST = 120;

/** The title of the requested view: for the window, a bookmark, and the page's heading. */
export function titleOf(parsed: ParsedRequest): string {
  if (!parsed.ok) return 'Invalid request';
  const title: (fields: never) => string = TITLES[parsed.view];
  return shortened(title(parsed.fields as never), LONGEST);
}

/** Such as `Failed files of 2026-11-23`. */
export function titleOfList(
  things: 'files' | 'manifests',
  { status, date }: { readonly status?: string | undefined; readonly date?: string | undefined },
): string {
  const title = `${status ? `${status} ` : ''}${things}${date ? ` of ${date}` : ''}`;
  return title.charAt(0).toUpperCase() + title.slice(1);
}
