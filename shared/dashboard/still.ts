import { type Content, html } from '../page-kit/html.ts';
import type { ViewContext } from './view.ts';

/**
 * Stands in a view that takes many reads: a page of its own refreshes itself every few seconds, and leaves this one as it
 * is. A dashboard is refreshed by whoever set it to.
 */
export function stillNote({ navigation }: Pick<ViewContext, 'navigation'>): Content {
  return (
    navigation.download !== undefined &&
    html`<p class="sm-note" data-still="">It takes many reads, so this page does not refresh it by itself.</p>`
  );
}
