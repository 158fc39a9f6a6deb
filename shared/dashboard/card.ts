import { type Content, type Html, html } from './html.ts';
import type { Read } from './read.ts';

/** A part of a view, with a heading and, at its foot, how current it is. */
export function card(
  title: Content,
  body: Content,
  foot?: Content,
  width: 'single' | 'double' = 'single',
): Html {
  return html`<section class="sm-card sm-${width}"><h2>${title}</h2>${body}${foot && html`<footer>${foot}</footer>`}</section>`;
}

/** Stands where there is nothing to show: why that is, and what would change it. */
export function emptyCard(title: Content, why: Content, remedy?: Content, width?: 'double'): Html {
  return card(title, html`<p class="sm-empty">${why}</p>${remedy}`, undefined, width);
}

/** Stands where something could not be read; the rest of the view is as ever. */
export function faultCard(title: Content, message: string): Html {
  return html`<section class="sm-card sm-fault" role="alert"><h2>${title}</h2><p><strong>Could not be read.</strong> ${shortMessage(message)}</p></section>`;
}

/** What was read; else a card that says why there is none. */
export function shown<T>(title: Content, read: Read<T>, show: (value: T) => Content): Content {
  switch (read.kind) {
    case 'read':
      return show(read.value);
    case 'absent':
      return emptyCard(
        title,
        shortMessage(read.message),
        html`<p class="sm-dim">${shortMessage(read.hint)}</p>`,
      );
    case 'failed':
      return faultCard(title, read.message);
  }
}

const LONGEST_MESSAGE = 500;

/** Messages of validators and services can be pages long. */
function shortMessage(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}
