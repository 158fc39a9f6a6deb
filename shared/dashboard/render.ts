import { faultCard } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { styles } from '../page-kit/styles.ts';
import { errorText } from '../text/error-text.ts';
import { VERSION } from '../text/version.ts';
import type { FieldsOf, ParsedRequest, ViewName, ViewRequest } from './requests.ts';
import { titleOf } from './titles.ts';
import type { Source, Tab, View, ViewContext } from './view.ts';
import { VIEWS } from './views.ts';

/** `auto` follows the setting of the machine. */
export type Theme = 'light' | 'dark' | 'auto';

/** The view that each tab opens. */
const TABS: Readonly<Record<Tab, ViewRequest>> = {
  Overview: { view: 'overview' },
  Dates: { view: 'dates' },
  Manifests: { view: 'manifests' },
  Failures: { view: 'failures' },
  Orphans: { view: 'orphans' },
  Changes: { view: 'changes' },
};

/** Reads what a view needs and draws it. Never throws: failed reads and invalid requests are shown. */
export async function renderDashboard(
  parsed: ParsedRequest,
  theme: Theme,
  source: Source,
  context: ViewContext,
): Promise<Html> {
  const title = titleOf(parsed);
  if (!parsed.ok) return frame({ title }, faultCard('This view', parsed.message), theme, context);
  const view: View = VIEWS[parsed.view];
  const content = await drawSafely(view, parsed.fields, source, context);
  return frame({ title, tab: view.tab }, content, theme, context);
}

/** Data stored by another version of this program may not have the form that a view expects. */
async function drawSafely(
  view: View,
  fields: FieldsOf<ViewName>,
  source: Source,
  context: ViewContext,
): Promise<Content> {
  try {
    return view.draw(await view.read(fields, source), context, fields);
  } catch (error) {
    source.noteFault(error);
    return faultCard('This view', errorText(error));
  }
}

/** The title of a view, and the tab that it belongs to. */
interface Shown {
  readonly title: string;
  readonly tab?: Tab;
}

/** A view inside the frame that all views share: the styles, the tabs, and the search box. */
export function frame(
  { title, tab: current }: Shown,
  content: Content,
  theme: Theme,
  { environment, navigation }: ViewContext,
): Html {
  const tabs = Object.entries(TABS).map(([tab, to]) =>
    navigation.link(tab, to, { className: 'sm-tab', current: tab === current }),
  );
  return html`<div class="cwdb-no-default-styles"></div>${styles}<div class="sm sm-theme-${theme}"><header class="sm-head"><p class="sm-brand">State Manager <span class="sm-badge">${environment}</span></p><nav class="sm-tabs" aria-label="Views">${tabs}</nav>${search(navigation)}</header>
<h1 class="${navigation.hasWindow ? 'sm-hidden' : 'sm-heading'}">${title}</h1><div class="sm-view" id="sm-content" tabindex="-1">${content}</div>${navigation.hint(environment)}<p class="sm-foot">Version ${VERSION}</p></div>`;
}

function search(navigation: ViewContext['navigation']): Html {
  const fields = html`<label><span class="sm-hidden">Part of a name, a manifest, a date, today, yesterday, or a class of failures</span><input name="name" type="text" placeholder="Find a file, date or cause" maxlength="2048" autocomplete="off" spellcheck="false"></label><label><span class="sm-hidden">Date, today or yesterday, if it is not in the name</span><input name="date" type="text" placeholder="of this date" size="14" maxlength="10" autocomplete="off"></label>`;
  return navigation.form({ view: 'find' }, ['name', 'date'], fields, 'Find');
}
