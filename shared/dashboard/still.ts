import { html } from '../page-kit/html.ts';

/** Stands in a view that takes many reads: the page, which refreshes itself every few seconds, leaves it as it is. */
export const STILL = html`<p class="sm-note" data-still="">It takes many reads, so this page does not refresh it by itself.</p>`;
