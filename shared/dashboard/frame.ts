import { type Content, type Html, html } from '../page-kit/html.ts';
import { styles } from '../page-kit/styles.ts';
import type { ViewContext } from './view-context.ts';
import type { ViewName, ViewRequest } from './view-request.ts';

/** `auto` follows the machine's own setting. */
export type Theme = 'light' | 'dark' | 'auto';

const TABS: readonly (readonly [label: string, to: ViewRequest, views: readonly ViewName[]])[] = [
  ['Overview', { view: 'overview' }, ['overview']],
  ['Dates', { view: 'dates' }, ['dates', 'files', 'file', 'find']],
  ['Orphans', { view: 'orphans' }, ['orphans']],
  ['Changes', { view: 'changes' }, ['changes', 'change']],
];

/** A view with what is around each of them: styles, the way to the others, and a search for a file. */
export function frame(
  view: ViewName | undefined,
  content: Content,
  theme: Theme,
  context: ViewContext,
): Html {
  const { environment, navigation } = context;
  const tabs = TABS.map(([label, to, views]) =>
    navigation.link(label, to, { className: 'sm-tab', current: view !== undefined && views.includes(view) }),
  );
  return html`<div class="cwdb-no-default-styles"></div>${styles}<div class="sm sm-theme-${theme}"><header class="sm-head"><h1>State Manager <span class="sm-env">${environment}</span></h1><nav class="sm-tabs" aria-label="Views">${tabs}</nav>${search(navigation)}</header>
<div class="sm-view">${content}</div></div>`;
}

function search(navigation: ViewContext['navigation']): Html {
  const fields = html`<label><span class="sm-hidden">File name or object key</span><input name="name" type="text" placeholder="Find a file by its name" maxlength="2048" autocomplete="off" spellcheck="false"></label><label><span class="sm-hidden">Date, if the name does not tell it</span><input name="date" type="text" placeholder="date, if not in it" size="14" maxlength="10" autocomplete="off"></label>`;
  return navigation.form('find', fields, 'Find');
}
