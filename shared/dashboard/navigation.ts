import { type Content, type Html, html } from '../page-kit/html.ts';
import type { ViewName, ViewRequest } from './view-request.ts';

/** How a link looks and what it says besides its label. */
export interface LinkLook {
  readonly className?: string;
  /** Shown when the pointer rests on it. */
  readonly title?: string;
  /** It leads to where one is. */
  readonly current?: boolean;
}

/** How one gets from view to view: views say where to, and the place where they are shown says how. */
export interface Navigation {
  link(label: Content, to: ViewRequest, look?: LinkLook): Html;
  /** A form whose named fields are given to a view. It must have more than one text field. */
  form(to: ViewName, fields: Content, button: string): Html;
}

export function titleOf(title: string | undefined): Content {
  return title !== undefined && html` title="${title}"`;
}

export function currentOf(current: boolean | undefined): Content {
  return current && html` aria-current="page"`;
}
