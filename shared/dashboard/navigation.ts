import { type Content, type Html, html } from '../page-kit/html.ts';
import { manifestName } from '../pipeline/manifest-facts.ts';
import { DATE_FORM } from '../pipeline/names.ts';
import { MANIFEST_PREFIX } from '../pipeline/record.ts';
import { shortened } from '../text/visible-text.ts';
import type { ViewName, ViewRequest } from './requests.ts';

/** How a link looks, and what it says besides its label. */
export interface LinkLook {
  readonly className?: string;
  /** Shown when the pointer rests on it. */
  readonly title?: string;
  /** The link is to the view that is shown. */
  readonly current?: boolean;
}

/** How to get from view to view: a view says where a link goes, and the navigation makes the link. */
export interface Navigation {
  link(label: Content, to: ViewRequest, look?: LinkLook): Html;
  /**
   * A form whose fields are sent to a view, together with the rest of its request. It needs more than one text field.
   *
   * @param typed the names of its fields
   */
  form(to: FormTarget, typed: readonly string[], fields: Content, button: string): Html;
  /** A link that downloads a view's list as a file; undefined where nothing can be downloaded. */
  readonly download?: ((label: Content, to: ViewRequest, form: ExportForm) => Html) | undefined;
  /** A page of the documentation, by its name in `docs/`: a link if the page can be opened. */
  document(label: string, name: DocumentName): Html;
  /** Whether a browser window shows the title; without one, the title is a visible heading. */
  readonly hasWindow: boolean;
  /** Shown once below every view; nothing in a page, which does not need it. */
  hint(environment: string): Content;
}

/** The documents in `docs/` that the page serves. */
export type DocumentName = 'pipeline' | 'handbook';

/** The view that a form opens, and the part of its request that is not typed. */
export interface FormTarget {
  readonly view: ViewName;
  readonly [field: string]: string | undefined;
}

/** The formats in which a list can be exported. */
export const EXPORT_FORMS = ['csv', 'ndjson'] as const;
export type ExportForm = (typeof EXPORT_FORMS)[number];

/** Navigation in a page of its own, by addresses: they can be bookmarked, shared, and opened side by side. */
export const pageNavigation: Navigation = {
  link: (label, to, { className = 'sm-link', title, current } = {}) =>
    html`<a class="${className}" href="${addressOf(to)}"${titleOf(title)}${currentOf(current)}>${label}</a>`,
  form: (to, _, fields, label) =>
    html`<form class="sm-form" action="/" method="get">${hiddenFields(to)}${fields}<button class="sm-button">${label}</button></form>`,
  download: (label, to, form) =>
    html`<a class="sm-link" href="${addressOf(to, { download: form })}" download>${label}</a>`,
  document: (label, name) => html`<a class="sm-link" href="/docs/${name}.md">${label}</a>`,
  hasWindow: true,
  hint: () => false,
};

function hiddenFields(to: FormTarget): Content {
  const given = Object.entries(to).filter(([, value]) => value !== undefined);
  return given.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}

function addressOf(request: ViewRequest, more: Readonly<Record<string, string>> = {}): string {
  const address = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...request, ...more }))
    if (value !== undefined) address.set(name, value);
  // Without a view in the address, the overview is shown.
  if (request.view === 'overview') address.delete('view');
  return address.size === 0 ? '/' : `/?${address}`;
}

/**
 * Navigation in a CloudWatch dashboard, which runs no script: a `cwdb-action` tells the console to call the
 * function when the element before it is clicked, and to show what comes back instead.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_interactivity.html
 *
 * @param functionArn of the widget's own function
 */
export function widgetNavigation(functionArn: string): Navigation {
  // A button, not an anchor: the keyboard does not reach an anchor without an address.
  return {
    link: (label, to, look = {}) => html`${button(label, look)}${action(functionArn, to)}`,
    form: (to, typed, fields, label) =>
      html`<form class="sm-form">${fields}${button(label, { className: 'sm-button' })}${action(functionArn, { ...to, typed: typed.join(' ') })}</form>`,
    document: (label, name) => html`${label}: <span class="sm-name">docs/${name}.md</span>`,
    hasWindow: false,
    hint: (environment) =>
      html`<p class="sm-note">To see the same on your laptop, read-only, with bookmarkable addresses and the contents of the buckets: <code class="sm-name">npm run page -- --env ${environment}</code></p>`,
  };
}

function button(label: Content, { className = 'sm-link', title, current }: LinkLook): Html {
  return html`<button type="button" class="${className}"${titleOf(title)}${currentOf(current)}>${label}</button>`;
}

function action(functionArn: string, parameters: ViewRequest | FormTarget): Html {
  return html`<cwdb-action action="call" display="widget" endpoint="${functionArn}">${asciiJson(parameters)}</cwdb-action>`;
}

/** JSON without any character that HTML or the escaping of text could change. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]|[&<>']/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function titleOf(title: string | undefined): Content {
  return title !== undefined && html` title="${title}"`;
}

function currentOf(current: boolean | undefined): Content {
  return current && html` aria-current="page"`;
}

// A name that people use stays complete, so that it can be copied; a longer, generated one is cut in the middle.
const LONGEST_NAME = 300;
const LONGEST_TITLE = 300;

/** A file's name as a link to the file; for a manifest's record, the manifest's name as a link to the manifest. */
export function fileLink(
  date: string,
  file_key: string,
  { navigation }: { readonly navigation: Navigation },
): Html {
  const manifest = manifestShown(file_key);
  const name = manifest ?? file_key;
  const label = html`<span class="sm-name">${shortened(name, LONGEST_NAME)}</span>`;
  // A request needs a valid date; without one there is nothing to link to.
  if (!DATE_FORM.test(date)) return label;
  const to: ViewRequest =
    manifest === undefined ? { view: 'file', date, file: file_key } : { view: 'manifest', date, manifest };
  return navigation.link(label, to, { title: shortened(name, LONGEST_TITLE) });
}

/**
 * The name of the manifest that a record is about; undefined for other records, and for a name with a slash, of which
 * the view of a manifest would take only the end.
 */
export function manifestShown(file_key: string): string | undefined {
  const name = manifestName({ file_key });
  return file_key.startsWith(MANIFEST_PREFIX) && /^[^/]+$/.test(name) ? name : undefined;
}

/** A link to a manifest, whether it has a record or not; false if the path names none, as a placeholder does. */
export function manifestLink(
  date: string,
  path: unknown,
  { navigation }: { readonly navigation: Navigation },
): Content {
  if (typeof path !== 'string' || !path.endsWith('.json') || !DATE_FORM.test(date)) return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const label = html`<span class="sm-name">${shortened(name, LONGEST_NAME)}</span>`;
  return navigation.link(
    label,
    { view: 'manifest', date, manifest: path },
    { title: shortened(path, LONGEST_TITLE) },
  );
}
