import { type Content, html } from '../page-kit/html.ts';
import type { ViewContext } from './view.ts';

/**
 * Marks a view that takes many reads: the page refreshes other views every few seconds, but not this one. A dashboard is
 * refreshed as its owner has set it.
 */
export function stillNote({ navigation }: Pick<ViewContext, 'navigation'>): Content {
  return (
    navigation.download !== undefined &&
    html`<p class="sm-note" data-still="">This view takes many reads, so it is not refreshed automatically.</p>`
  );
}
