import { type Html, html } from '../page-kit/html.ts';
import type { Concern } from './attention.ts';
import type { ViewContext } from './view-context.ts';

/**
 * The first thing to be seen: whether a person is needed.
 *
 * @param unchecked what could not be looked at; while there is any, all is not said to be well
 */
export function banner(
  concerns: readonly Concern[],
  unchecked: readonly string[],
  context: ViewContext,
): Html {
  if (concerns.length > 0) return concernsBanner(concerns, context);
  if (unchecked.length > 0) {
    return html`<div class="sm-banner sm-unsure" role="status">${QUESTION}<div><strong>Nothing wrong is seen.</strong> Not looked at: ${unchecked.join('; ')}.</div></div>`;
  }
  return html`<div class="sm-banner sm-well" role="status">${TICK}<div><strong>All is well.</strong> Nothing needs a person.</div></div>`;
}

function concernsBanner(concerns: readonly Concern[], { navigation }: ViewContext): Html {
  const [first, ...others] = concerns.map(
    ({ text, to }) => html`${text}${to && html` ${navigation.link('Show them', to)}`}`,
  );
  return html`<div class="sm-banner sm-look" role="status">${MARK}<div><strong>A person is needed.</strong> ${first}${others.map((other) => html`<br>${other}`)}</div></div>`;
}

const TICK = html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><circle cx="10" cy="10" r="9"/><path d="M5.8 10.4 8.8 13.4 14.4 7" class="sm-tick"/></svg>`;
const MARK = html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M10 1.5 19 17.5H1z"/><path d="M10 7v5M10 14.2v.8" class="sm-tick"/></svg>`;
const QUESTION = html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><circle cx="10" cy="10" r="9"/><path d="M7.4 7.6a2.6 2.6 0 1 1 3.8 2.3c-.8.5-1.2.9-1.2 1.8M10 14.2v.4" class="sm-tick"/></svg>`;
