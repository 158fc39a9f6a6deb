import { colourOf } from './glyph.ts';
import { type Html, html } from './html.ts';

/** A stretch of time in which something had a status. */
export interface Span {
  readonly status: string;
  /** Milliseconds since the epoch; `to` may lie before `from` where a clock went back. */
  readonly from: number;
  readonly to: number;
  /** It still lasts. */
  readonly isOpen: boolean;
}

const LENGTH = 1_000;
const SHORTEST = 5;

/** Stretches of time on one line, to scale between two moments; however short, each is to be seen. */
export function spanBar(spans: readonly Span[], start: number, end: number, label: string): Html {
  const scale = end > start ? (LENGTH - SHORTEST) / (end - start) : 0;
  const bars = spans.map(({ status, from, to, isOpen }) => {
    const x = Math.round((from - start) * scale);
    // What comes after the end is not shown.
    const width = Math.max(SHORTEST, Math.round((Math.min(to, end) - from) * scale));
    return html`<rect class="sm-${colourOf(status)}${isOpen && ' sm-open'}" x="${x}" y="2" width="${width}" height="12"/>`;
  });
  return html`<svg class="sm-bar" viewBox="0 0 ${LENGTH} 16" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="sm-track" x="0" y="7" width="${LENGTH}" height="2"/>${bars}</svg>`;
}
