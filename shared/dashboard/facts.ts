import { type Content, type Html, html } from './html.ts';

/** A name and what is known of it; left out when nothing is. */
export type Fact = readonly [name: string, value: Content];

/** Facts one below the other, names to the left. */
export function factList(facts: readonly Fact[]): Html {
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== false);
  return html`<dl class="sm-facts">${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
