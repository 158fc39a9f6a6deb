import { isStatus } from '../pipeline/status.ts';
import { type Html, html } from './html.ts';
import type { StatusColour } from './palette.ts';

/** Each status has a shape of its own, so that it is told without its colour. Drawn in a square of 12. */
const SHAPES: Readonly<Record<StatusColour, Html>> = {
  pending: html`<circle cx="6" cy="6" r="4.2" class="sm-hollow"/>`,
  manifested: html`<circle cx="6" cy="6" r="4.2" class="sm-hollow"/><path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z"/>`,
  processing: html`<path d="M2.6 1.2 10.8 6 2.6 10.8z"/>`,
  completed: html`<circle cx="6" cy="6" r="5.2"/><path d="M3.5 6.2 5.3 8 8.6 4.3" class="sm-tick"/>`,
  failed: html`<path d="M2.4 2.4 9.6 9.6M9.6 2.4 2.4 9.6" class="sm-cross"/>`,
  quarantined: html`<path d="M6 .6 11.4 6 6 11.4.6 6z"/>`,
  other: html`<path d="M1.6 1.6h8.8v8.8H1.6z" class="sm-hollow"/>`,
};

/** The colour and shape that a status has; whatever is none of the six shares one. */
export function colourOf(status: string): StatusColour {
  return isStatus(status) ? status : 'other';
}

/** The shape of a status. It goes with the status in words, and says nothing to a screen reader. */
export function glyph(status: string): Html {
  const colour = colourOf(status);
  return html`<svg class="sm-glyph sm-${colour}" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">${SHAPES[colour]}</svg>`;
}

/** A status as shape and word. */
export function statusLabel(status: string): Html {
  return html`<span class="sm-status">${glyph(status)} ${status}</span>`;
}
