import { type Html, html } from './html.ts';
import type { Tone } from './palette.ts';

/** Drawn in a square of 12. */
const SHAPES = {
  ring: html`<circle cx="6" cy="6" r="4.2" class="sm-hollow"/>`,
  half: html`<circle cx="6" cy="6" r="4.2" class="sm-hollow"/><path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z"/>`,
  play: html`<path d="M2.6 1.2 10.8 6 2.6 10.8z"/>`,
  tick: html`<circle cx="6" cy="6" r="5.2"/><path d="M3.5 6.2 5.3 8 8.6 4.3" class="sm-tick"/>`,
  cross: html`<path d="M2.4 2.4 9.6 9.6M9.6 2.4 2.4 9.6" class="sm-cross"/>`,
  diamond: html`<path d="M6 .6 11.4 6 6 11.4.6 6z"/>`,
  square: html`<path d="M1.6 1.6h8.8v8.8H1.6z" class="sm-hollow"/>`,
} as const;

/** How one kind of thing looks: its shape identifies it even if its colour does not. */
export interface Look {
  readonly tone: Tone;
  readonly shape: keyof typeof SHAPES;
}

/** A small shape. It is used beside a word, and hidden from screen readers. */
export function glyph({ tone, shape }: Look): Html {
  return html`<svg class="sm-glyph sm-${tone}" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">${SHAPES[shape]}</svg>`;
}

/** A shape and its word. */
export function glyphLabel(look: Look, word: string): Html {
  return html`<span class="sm-label">${glyph(look)} ${word}</span>`;
}
