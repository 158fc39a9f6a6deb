import { html } from '../page-kit/html.ts';
import { currentOf, type Navigation, titleOf } from './navigation.ts';
import type { ViewRequest } from './view-request.ts';

/** Navigation in a page of its own, by addresses: they can be kept, shared and opened beside each other. */
export const pageNavigation: Navigation = {
  link: (label, to, { className = 'sm-link', title, current } = {}) =>
    html`<a class="${className}" href="${addressOf(to)}"${titleOf(title)}${currentOf(current)}>${label}</a>`,
  form: (to, fields, label) =>
    html`<form class="sm-form" action="/" method="get"><input type="hidden" name="view" value="${to}">${fields}<button class="sm-button">${label}</button></form>`,
};

function addressOf(request: ViewRequest): string {
  if (request.view === 'overview') return '/';
  const fields = Object.entries(request).filter(([, value]) => value !== undefined);
  return `/?${new URLSearchParams(fields as [string, string][])}`;
}
